"""A case that leaves its connection in a mess, and the cases after it on the same threads."""

from __future__ import annotations

import pytest

from tests.connections.house import LOOKERS, House

pytestmark = [pytest.mark.mariadb, pytest.mark.cluster]

# What breaks for the next case on that thread of a plain pool: (a) with nothing around a
# case, (b) with `close_old_connections()` before and after it; None: nothing does.
PLAIN_POOL = [
    # (a) Later cases work inside the transaction that nobody will commit: they read and
    # write what nobody else sees, and hold its locks. (b) The connection is closed but the
    # wrapper still believes in its transaction: every later query fails, for ever.
    ("leave_atomic_open", '"atomic": true', "OperationalError: (2006"),
    # The same: a failed query does not end a transaction.
    ("fail_in_atomic", '"atomic": true', "OperationalError: (2006"),
    # (a) As above, without Django knowing. (b) Fine: dropped and rolled back.
    ("switch_autocommit_off", "never committed", None),
    # (a, b) The session stays as it was left: there is no flag that says so.
    ("set_session_state", '"session": [1, 1', '"session": [1, 1'),
    # (a, b) Every other table is out of reach, and the locked one is out of everyone's.
    ("lock_tables", "OperationalError: (1100", "OperationalError: (1100"),
    # (a, b) The real table of that name is hidden.
    ("make_temporary_table", "OperationalError: (1054", "OperationalError: (1054"),
    # (a) "Commands out of sync" for ever. (b) Fine: the error is noted, so it is closed.
    ("leave_unread_rows", "ProgrammingError: (2014", None),
]


@pytest.mark.parametrize(("mess", "without", "with_closing"), PLAIN_POOL)
def test_a_plain_pool_carries_the_mess_into_the_next_case(
    house: House, mess: str, without: str, with_closing: str | None
) -> None:
    """What breaks, and how, stands beside each row of PLAIN_POOL."""
    assert all(without in found for found in house.naive(mess, "--cases", "3"))
    closed = house.naive(mess, "--close", "--cases", "3")
    if with_closing is None:
        assert closed == ["clean"] * 3
    else:
        assert all(with_closing in found for found in closed)


@pytest.mark.parametrize("mess", [row[0] for row in PLAIN_POOL])
def test_no_case_of_testhub_meets_the_mess_of_another(house: House, mess: str) -> None:
    """Two messes, one on each thread, then 50 cases in the same run and 50 in the next."""
    raises = mess not in {"set_session_state", "lock_tables", "make_temporary_table"}
    found = house.run(mess)
    made, looked = found[:2], found[2:]
    assert {result.outcome for result in made} == {"error" if raises else "passed"}
    assert len(looked) == LOOKERS
    assert [r for r in looked if r.outcome != "passed"] == []
    assert {r.thread for r in looked} <= {"case-1", "case-2"}

    later = house.run("after")
    assert [r for r in later if r.outcome != "passed"] == []
    assert {(r.pid, r.thread) for r in later} <= {(r.pid, r.thread) for r in found}


@pytest.mark.parametrize("mess", ["leave_atomic_open", "fail_in_atomic", "lock_tables"])
def test_no_lock_is_left_behind(house: House, mess: str) -> None:
    """The row and the table that the case had locked are free at once for everybody."""
    house.run(mess)
    house.server.execute(
        "SELECT name FROM testhub.cases_tag WHERE name = 'locked' FOR UPDATE NOWAIT"
    )
    house.server.execute("UPDATE testhub.cases_tag SET name = 'locked' WHERE name = 'locked'")
    left = house.server.execute("SELECT COUNT(*) FROM testhub.cases_tag")
    assert left == [(1,)]


def test_a_transaction_left_open_is_a_warning_that_names_the_case(house: House) -> None:
    house.run("leave_atomic_open")
    warnings = [line for line in house.installation.log().splitlines() if "WARNING" in line]
    assert any(
        "Case leave_atomic_open/0000 leave_atomic_open left a transaction open" in w
        for w in warnings
    )
