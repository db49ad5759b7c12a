"""An API that we did not write, through real workers and through /run_case.

On SQLite and, in the session for MariaDB, on MariaDB: each result of each way is held
against what stands beside the case, so all of them agree.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.httpbin.expected import Key, differences, load
from tests.httpbin.server import Gunicorn
from tests.installation import Installation

pytestmark = [pytest.mark.store, pytest.mark.cluster]

LOAD = """
from runs.projects import save_project
from tests.httpbin.expected import load
save_project(load({port})[0])
token = ApiToken(user=User.objects.create_superuser("mei"), name="httpbin")
answer = dict(token=token.issue(), cases=list(Case.objects.values_list("pk", flat=True)))
token.save()
"""


@pytest.fixture
def installation(store_url: str, tmp_path: Path) -> Installation:
    return Installation(store_url, tmp_path)


@pytest.fixture
def loaded(installation: Installation, httpbin: Gunicorn) -> dict[str, Any]:
    """A token, and the ids of the project's cases."""
    return dict(installation.do(LOAD.format(port=httpbin.port)))


@pytest.fixture
def console(installation: Installation) -> Iterator[Gunicorn]:
    with Gunicorn("testhub.wsgi", installation.environment, "/api/v1/") as running:
        yield running


def test_workers_and_run_case_agree_with_what_is_expected(
    installation: Installation,
    httpbin: Gunicorn,
    loaded: dict[str, Any],
    console: Gunicorn,
    tmp_path: Path,
) -> None:
    _, expected = load(httpbin.port)

    record = tmp_path / "record.json"
    command = ("run_cases", "--plan", "httpbin", "--workers", "2", "--json", str(record))
    installation.manage(*command, expect=1)
    by_workers = _outcomes(json.loads(record.read_bytes())["results"])
    assert differences(expected, by_workers) == []

    def run_case(case_id: int) -> list[dict[str, Any]]:
        answer = requests.get(
            f"{console.url}/run_case",
            params={"case_id": case_id},
            headers={"Authorization": f"Bearer {loaded['token']}"},
            timeout=60,
        )
        assert answer.status_code == 200, answer.text
        return list(answer.json()["results"])

    with ThreadPoolExecutor(4) as pool:  # INLINE_LIMIT
        answers = list(pool.map(run_case, loaded["cases"]))
    inline = _outcomes([result for results in answers for result in results])
    assert differences(expected, inline) == []


def _outcomes(results: list[dict[str, Any]]) -> dict[Key, tuple[str, str]]:
    found = {
        (result["path"], result["row_name"]): (result["outcome"], result["message"])
        for result in results
    }
    assert len(found) == len(results)
    return found
