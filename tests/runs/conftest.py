"""What tests of runs share: an API under test, and a crew to run chunks with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

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


@pytest.fixture(autouse=True)
def _forget_versions() -> None:
    """A process keeps compiled versions by key; each test counts its keys from 1 again."""
    from runs.execution import manifest

    manifest._known.clear()


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
