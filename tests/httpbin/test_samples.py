"""The samples of the reference pages do what they say, against an API that we did not write."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cases.importers.testhub import parse
from tests.alone import run_alone
from tests.httpbin.expected import WRITTEN_PORT
from tests.httpbin.server import Gunicorn

PAGES = Path(__file__).parents[2] / "docs" / "reference"


SAMPLES = [
    (page, sample)
    for page in (
        "auth.md",
        "comparators.md",
        "requests.md",
        "sources.md",
        "variables.md",
        "waiting.md",
    )
    for sample in re.findall(r"^```yaml$(.*?)^```$", (PAGES / page).read_text(), re.M | re.S)
]


@pytest.mark.parametrize(("page", "sample"), SAMPLES)
def test_the_samples_of_a_page_pass(page: str, sample: str, httpbin: Gunicorn) -> None:
    project = parse(sample.replace(WRITTEN_PORT, str(httpbin.port)), page)
    attempts = run_alone(project, "httpbin")
    assert attempts
    broken = {path: a.message for (path, _row), a in attempts.items() if a.outcome != "passed"}
    assert broken == {}
