"""Ten thousand spoiled cases: each ends as an attempt that can be kept, within its deadline."""

from __future__ import annotations

import random
import time
from collections import Counter
from typing import Any

import pytest

from cases.engine import record
from cases.engine.outcome import Outcome
from cases.engine.runner import run_case
from cases.engine.spec import CaseSpec, EnvironmentSpec
from cases.engine.transport import Session
from cases.engine.validate import problems
from cases.engine.variables import Variables
from tests.fuzz.conftest import N, peak_mb
from tests.fuzz.specs import DIGEST, spoil, whole_case
from tests.target import Target

pytestmark = pytest.mark.fuzz

DEADLINE_S = 1.5
VALUES = {"name": "Ann", "list": [1, "{{name}}"]}


def spec_of(data: Any) -> CaseSpec | None:
    """None for what has not even the shape of a spec: no form and no importer makes that."""
    try:
        return CaseSpec.from_dict(data)
    except (TypeError, ValueError, KeyError, AttributeError):
        return None


def test_spoiled_cases(seed: int, session: Session) -> None:
    chance = random.Random(seed)
    whole = whole_case()
    assert problems(CaseSpec.from_dict(whole)) == []
    outcomes: Counter[str] = Counter()
    before = peak_mb()
    with Target() as target:
        environment = EnvironmentSpec(base_url=target.url, connect_timeout_ms=500)
        for number in range(N):
            data = whole
            for _ in range(chance.choice((1, 1, 2, 5))):
                data = spoil(data, chance)
            spec = spec_of(data) if isinstance(data, dict) else None
            if spec is None or not isinstance(spec.timeout_ms, int):
                outcomes["no spec"] += 1
                continue
            began = time.monotonic()
            attempt = run_case(
                spec,
                Variables([("case", VALUES)], ["Ann"]),
                session,
                environment=environment,
                contents={DIGEST: b"x"},
            )
            took = time.monotonic() - began
            kept = record.loads(record.dumps(attempt))
            assert took < 3 * DEADLINE_S + 2, (number, took, kept["message"])
            assert attempt.outcome is Outcome.PASSED or attempt.message, number
            outcomes[attempt.outcome] += 1
            target.clear()
    assert outcomes["no spec"] < N / 2
    assert outcomes[Outcome.ERROR] > N / 20
    assert outcomes[Outcome.FAILED] > N / 20
    assert peak_mb() - before < 300
