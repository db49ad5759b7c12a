"""Long form: one hostile result never costs another."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proof.table import Row
from tests.runs.test_hostile_results import HOSTILE, PACKET, expected, is_refused, record

pytestmark = [pytest.mark.proof, pytest.mark.mariadb, pytest.mark.cluster]

N_CASES = 200


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_result(row: Row, kind: str, tmp_path: Path) -> None:
    """One hostile result: {kind}"""
    row.many = f"1 among {N_CASES}, max_allowed_packet {PACKET // 1024} KiB"
    found, n_passed = record([kind], N_CASES, tmp_path)
    outcome, message = found[kind]
    row.seen.append(f"{n_passed} recorded as they are, one as “{outcome}: {message[:90]}”")
    assert n_passed == N_CASES - 1
    assert (outcome, is_refused(message)) == expected(kind)
