"""What tests of runs share: an API under test, and a crew to run chunks with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests import store
from tests.installation import Installation
from tests.runs.queue import Sent
from tests.target import Target

# Not at once: pytest reads this file before Django is set up.
if TYPE_CHECKING:
    from runs.execution.pool import Crew


@pytest.fixture(scope="module")
def served() -> Iterator[Target]:
    with Target() as target:
        yield target


@pytest.fixture
def target(served: Target) -> Target:
    """An API that has not been asked yet."""
    served.clear()
    return served


@pytest.fixture
def crew() -> Iterator[Crew]:
    from runs.execution.pool import Crew

    crew = Crew(4)
    yield crew
    crew.leave()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """Hints as they are sent, at once instead of after commit; no worker hears of them."""
    from django.db import transaction

    from runs.tasks import queue

    hints: Sent = []
    monkeypatch.setattr(queue, "enqueue", lambda name, pk: hints.append((name, pk)))
    monkeypatch.setattr(transaction, "on_commit", lambda send, **_options: send())
    return hints


@pytest.fixture(scope="module")
def installation(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Installation]:
    """A testhub with processes of its own, on this session's store.

    A module may name settings for it: `SETTINGS = {"CHUNK_SIZE": 5}`.
    """
    folder = tmp_path_factory.mktemp("installation")
    with store.new(folder) as url:
        yield Installation(url, folder, **getattr(request.module, "SETTINGS", {}))


@pytest.fixture
def bearer(db: None) -> dict[str, str]:
    """The header of somebody who may do everything."""
    from tests.factories import make_token

    _row, text = make_token()
    return {"Authorization": f"Bearer {text}"}


@pytest.fixture
def at_work(monkeypatch: pytest.MonkeyPatch, sent: Sent, crew: Crew) -> None:
    """Workers that do everything while the command looks the other way for a moment."""

    from runs import terminal
    from runs.models import Run
    from runs.workers import ClusterStatus
    from tests.runs.working import work_off

    def work(_seconds: float) -> None:
        for run in Run.objects.open():
            run.chunks.filter(status="queued").update(status="waiting")
            work_off(run, crew)

    monkeypatch.setattr(terminal.time, "sleep", work)
    monkeypatch.setattr(terminal, "cluster_status", lambda: ClusterStatus(True, 1, "."))


@pytest.fixture
def tree(target: Target) -> dict[str, Any]:
    """shop/{look, a/b}, shop/orders/{list}, other/{look}"""
    from cases.models import Tag
    from tests.factories import make_case, make_environment, make_module, make_plan

    environment = make_environment(target.url, name="here")
    shop = make_module("shop", default_environment=environment)
    orders = make_module("orders", parent=shop)
    other = make_module("other", default_environment=environment)
    cases = {
        "shop/look": make_case(shop, name="look"),
        "shop/a/b": make_case(shop, name="a/b"),
        "shop/orders/list": make_case(orders, name="list"),
        "other/look": make_case(other, name="look"),
    }
    cases["other/look"].tags.add(Tag.objects.create(name="smoke"))
    make_plan(cases["shop/a/b"], environment=environment, name="nightly")
    return cases


@pytest.fixture
def even_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """All chunks have CHUNK_SIZE cases, however many are left."""
    from runs.execution import plan

    monkeypatch.setattr(plan, "LARGEST", 1)
