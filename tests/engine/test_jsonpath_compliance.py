"""The official compliance suite of RFC 9535, every test of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cases.engine.errors import BadSpec
from cases.engine.jsonpaths import compile_jsonpath

SUITE = Path(__file__).parent / "suites" / "jsonpath" / "cts.json"
TESTS = json.loads(SUITE.read_text(encoding="utf-8"))["tests"]


@pytest.mark.parametrize("test", TESTS, ids=lambda test: test["name"])
def test_compliance(test: dict[str, Any]) -> None:
    if test.get("invalid_selector"):
        with pytest.raises(BadSpec):
            compile_jsonpath(test["selector"])
        return
    allowed = test["results"] if "results" in test else [test["result"]]
    assert compile_jsonpath(test["selector"])(test["document"]) in allowed


def test_the_suite_is_whole() -> None:
    assert len(TESTS) == 687
