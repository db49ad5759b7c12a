"""`run_cases --workers N`: workers for the time of one run, on a machine without any."""

from __future__ import annotations

import pytest

from tests.installation import Installation
from tests.runs.laid_out import lay_out
from tests.runs.processes import started_by
from tests.target import Target

pytestmark = pytest.mark.cluster

SETTINGS = {"THREADS": 4, "CASE_TIMEOUT_S": 5}


def test_it_brings_its_own_workers_and_leaves_none(
    installation: Installation, served: Target
) -> None:
    lay_out(installation, served.url, 5)
    said = installation.manage("run_cases", "--module", "shop", "--workers", "1")
    assert "5 passed" in said
    assert started_by(installation) == set()
    left = {path.name for path in (installation.folder / "cluster").iterdir()}
    assert left <= {"stat"}


def test_a_run_that_fails_leaves_none_either(
    installation: Installation, served: Target
) -> None:
    lay_out(installation, served.url, 1, module="bad", url="/status/404")
    installation.manage("run_cases", "--module", "bad", "--workers", "1", expect=1)
    assert started_by(installation) == set()


def test_bad_input_is_one_sentence_without_a_traceback(installation: Installation) -> None:
    said = installation.manage("run_cases", "--module", "nowhere", expect=2)
    assert said == "CommandError: There is no module “nowhere”.\n"
    said = installation.manage("run_cases", "--what", expect=2)
    assert "Traceback" not in said
    installation.environment["DATABASE_URL"], url = (
        "mysql://nobody@127.0.0.1:1/none",
        installation.environment["DATABASE_URL"],
    )
    said = installation.manage("run_cases", "--all", expect=3)
    installation.environment["DATABASE_URL"] = url
    assert said.startswith("CommandError: The database did not answer:")
    assert said.count("\n") == 1
