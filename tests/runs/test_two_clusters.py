"""Two clusters on one database, as on two machines: each slot makes one run."""

from __future__ import annotations

import pytest

from tests.installation import Installation
from tests.runs.laid_out import lay_out
from tests.runs.slots import beside, fire, make_schedules
from tests.target import Target

pytestmark = [pytest.mark.cluster, pytest.mark.store]

SETTINGS = {"WORKERS": 1, "THREADS": 4}
N_SCHEDULES, N_SLOTS, N_CASES = 5, 1, 2


def test_each_slot_makes_one_run(installation: Installation, target: Target) -> None:
    """Though each of its messages comes three times."""
    lay_out(installation, target.url, N_CASES)
    make_schedules(installation, N_SCHEDULES, "Europe/Berlin")
    second = beside(installation)
    with installation.workers(1), second.workers(1):
        found = fire(installation, N_SLOTS, n_messages=2)
    n = N_SCHEDULES * N_SLOTS
    assert found == [n, n, n, n * N_CASES]
