"""Ten thousand hostile answers to a case that reads them in every way there is."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from cases.engine import record
from cases.engine.runner import run_case
from cases.engine.spec import AssertionSpec, CaseSpec, EnvironmentSpec, ExtractionSpec, StepSpec
from cases.engine.transport import Session
from cases.engine.validate import problems
from cases.engine.variables import Variables
from tests.fuzz.conftest import N, peak_mb
from tests.fuzz.hostile import HostileServer

pytestmark = pytest.mark.fuzz

DEADLINE_S = 1.0
READ = [
    ("status", "", "", "equals", 200),
    ("reason", "", "", "equals", "OK"),
    ("version", "", "", "equals", "1.1"),
    ("header", "Content-Type", "", "contains", "json"),
    ("headers", "Set-Cookie", "count", "equals", 2),
    ("cookie", "sid[Path]", "", "equals", "/"),
    ("body", "", "", "matches", "(a|b)+$"),
    ("bytes", "", "decode('utf-8') | lines | count", "greater_than", 0),
    ("bytes", "", "sha256", "equals", "x"),
    ("json", "", "", "matches_schema", {"properties": {"id": {"type": "integer"}}}),
    ("json", "", "", "matches_structure", {"#like": {"id": "#integer"}, "#extra": True}),
    ("json", "", "", "equals", {"id": 5}),
    ("json", "$..id", "", "contains", 5),
    ("json", "$.items", "map('id') | sort | sum", "equals", 3),
    ("json", "$.name", "upper | html_escape | base64", "starts_with", "T"),
    ("xpath", "//e/@id | //li", "", "exists", None),
    ("css", "li.a", "trim", "equals", "one"),
    ("regex", '"id": (\\d+)', "integer", "less_than", 10),
    ("redirects", "", "count", "equals", 0),
    ("size", "", "", "less_than", 1_000_000),
]
CASE = CaseSpec(
    name="fuzz",
    path="fuzz",
    timeout_ms=int(DEADLINE_S * 1000),
    steps=(
        StepSpec(
            url="/",
            extractions=(
                ExtractionSpec(name="all", source="json", optional=True, secret=True),
                ExtractionSpec(name="text", source="body"),
            ),
            assertions=tuple(
                AssertionSpec(source=s, path=p, filters=f, comparator=c, expected=e, warns=True)
                for s, p, f, c, e in READ
            ),
            max_redirects=3,
        ),
    ),
)


def test_hostile_answers(seed: int, session: Session) -> None:
    assert problems(CASE) == []
    outcomes: Counter[str] = Counter()
    before = peak_mb()
    with HostileServer(seed) as server:
        environment = EnvironmentSpec(base_url=server.url, response_limit=2_000_000)
        for number in range(N):
            began = time.monotonic()
            attempt = run_case(CASE, Variables([]), session, environment=environment)
            took = time.monotonic() - began
            record.loads(record.dumps(attempt))
            said = (number, took, attempt.message[:200], server.last[:200])
            assert took < 3 * DEADLINE_S + 2, said
            assert attempt.message, said
            outcomes[attempt.outcome] += 1
    assert set(outcomes) <= {"passed", "failed", "error"}
    assert min(outcomes["passed"], outcomes["error"]) > N / 50
    assert peak_mb() - before < 300
