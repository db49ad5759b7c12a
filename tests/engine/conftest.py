from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from cases.engine.transport import Session
from tests.engine.asking import Asking
from tests.target import Target

# Without a time limit for an example: on a busy machine it would fail by chance.
settings.register_profile("engine", deadline=None)
settings.load_profile("engine")


@pytest.fixture(scope="package")
def shared_target() -> Iterator[Target]:
    with Target() as target:
        yield target


@pytest.fixture
def target(shared_target: Target) -> Target:
    """The API under test, with nothing asked yet."""
    shared_target.clear()
    return shared_target


@pytest.fixture
def session() -> Iterator[Session]:
    session = Session()
    yield session
    session.close()


@pytest.fixture
def asking(target: Target, session: Session) -> Asking:
    return Asking(target.url, session)
