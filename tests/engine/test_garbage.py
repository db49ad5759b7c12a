"""The engine leaves nothing behind that only a search for cycles would find: workers search
seldom (`runs.execution.pool`), and a response body that waited for it would fill them."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from types import FrameType, TracebackType
from typing import Any

import pytest

from cases.engine.spec import AuthSpec
from tests.engine.asking import Asking, check, keep

REPEATS = 3
KINDS: dict[str, dict[str, Any]] = {
    "passed": {
        "url": "/echo",
        "assertions": (check("status", expected=200),),
        "extractions": (keep("method", "jsonpath", "$.method"),),
    },
    "failed": {"url": "/echo", "assertions": (check("jsonpath", "$.x", expected=1),)},
    "no answer": {"url": "/close"},
    "nobody there": {"url": "http://127.0.0.1:1/"},
    "too late": {"url": "/slow/500", "timeout_ms": 50},
    "no value": {"url": "/{{missing}}"},
    "redirected": {"url": "/redirect/2"},
    "signed": {"url": "/echo", "auth": AuthSpec.of("digest", username="a", password="b")},
    "a bad path": {"url": "/echo", "extractions": (keep("x", "jsonpath", "$[?"),)},
    "no JSON": {"url": "/status/204", "extractions": (keep("x", "jsonpath", "$.x"),)},
}


@pytest.mark.parametrize("kind", KINDS)
def test_no_cycles_are_left_behind(kind: str, asking: Asking) -> None:
    asking.step(**KINDS[kind])  # what is kept for ever is made by now
    gc.collect()
    gc.freeze()  # so that the search below need not go through it again
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        for _ in range(REPEATS):
            asking.step(**KINDS[kind])
        gc.collect()
        left = list(_ours(gc.garbage))
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.unfreeze()
    assert left == []


def _ours(garbage: list[Any]) -> Iterator[Any]:
    """Not what the target's threads, in the same process, leave behind."""
    for thing in garbage:
        frame = thing.tb_frame if isinstance(thing, TracebackType) else thing
        where = (
            frame.f_globals.get("__name__", "")
            if isinstance(frame, FrameType)
            else type(thing).__module__
        )
        if where.startswith("cases.engine"):
            yield thing
