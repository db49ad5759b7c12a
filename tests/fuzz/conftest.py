"""Every run of the fuzz is another one; FUZZ_SEED repeats one that failed."""

from __future__ import annotations

import os
import random
import resource
from collections.abc import Iterator

import pytest

from cases.engine.transport import Session

N = int(os.environ.get("FUZZ_N", "10000"))


@pytest.fixture
def seed() -> int:
    chosen = int(os.environ.get("FUZZ_SEED", random.SystemRandom().randrange(10**9)))
    print(f"FUZZ_SEED={chosen}")  # noqa: T201 - pytest shows it when the test fails
    return chosen


@pytest.fixture
def session() -> Iterator[Session]:
    session = Session()
    yield session
    session.close()


def peak_mb() -> float:
    """The most memory that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
