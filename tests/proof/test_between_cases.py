"""Long form: what stands between two cases on a thread, and what does not get through."""

from __future__ import annotations

from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.connections.held import as_cluster, prepare
from tests.installation import Installation
from tests.proof.table import Row
from tests.runs.laid_out import start_run, wait_for_end
from tests.servers import MariaDB
from tests.target import Asked, Target

pytestmark = [pytest.mark.proof, pytest.mark.mariadb, pytest.mark.cluster]

N_CASES, WORKERS, THREADS = 5_000, 2, 20
# Every second case logs in, with a cookie and a name of its own; the others do not.
LAY_OUT = """
from cases import specs
module = Module.objects.create(
    name="shop",
    default_environment=Environment.objects.create(name="target", base_url={url!r}),
)
Case.objects.bulk_create(
    Case(module=module, name=f"{{number:04}}") for number in range({n_cases})
)
steps = []
for case in module.cases.all():
    n = int(case.name)
    ask = {{"case": case, "url": f"/echo?n={{n}}&calls={{{{{{{{$boundary_calls()}}}}}}}}"}}
    if n % 2:
        steps.append(Step(position=1, **ask))
        continue
    steps.append(Step(case=case, position=1, url=f"/cookies/set?sid=of-{{n}}"))
    values = [["username", f"user-{{n}}"], ["password", "secret"]]
    steps.append(Step(position=2, auth={{"kind": "basic", "values": values}}, **ask))
Step.objects.bulk_create(steps)
answer = specs.refresh_below([module])
"""


@dataclass(frozen=True)
class Done:
    """A run of all cases, and what they asked the target."""

    passed: int
    asked: dict[int, Asked]


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Done]:
    folder: Path = tmp_path_factory.mktemp("between")
    with MariaDB() as server, Target() as target:
        url = prepare(server)
        settings = {"WORKERS": WORKERS, "THREADS": THREADS}
        settings["FUNCTION_MODULES"] = "tests.proof.functions"
        outside = Installation(url, folder, **settings)
        outside.do(LAY_OUT.format(url=target.url, n_cases=N_CASES))
        with Installation(as_cluster(url), folder, **settings).workers(WORKERS):
            ended = wait_for_end(outside, start_run(outside, "shop"), 240)
        asked = {int(a.arg("n")): a for a in target.requests if a.path == "/echo"}
        yield Done(ended["counts"]["passed"], asked)


def test_close_old_connections(row: Row, done: Done) -> None:
    """close_old_connections() before and after each case, in the thread that runs it"""
    row.many = f"{N_CASES:,} cases, {WORKERS} x {THREADS} threads"
    seen: dict[str, list[int]] = defaultdict(list)
    for asked in done.asked.values():
        thread, _slash, calls = asked.arg("calls").rpartition("/")
        seen[thread].append(int(calls))
    row.seen.append(
        f"{done.passed:,} passed on {len(seen)} threads; one call before the first case of"
        " each, two more before each of the next"
    )
    assert done.passed == sum(map(len, seen.values())) == N_CASES
    assert len(seen) <= WORKERS * THREADS
    for calls_of_thread in seen.values():
        assert sorted(calls_of_thread) == list(range(1, 2 * len(calls_of_thread), 2))


def test_cookies_and_credentials(row: Row, done: Done) -> None:
    """Every second case has a cookie and a login of its own, the others have none"""
    row.many = f"{N_CASES:,} cases, {WORKERS} x {THREADS} threads"
    leaked = [n for n, asked in done.asked.items() if carried(asked) != expected(n)]
    row.seen.append(f"{len(done.asked) - len(leaked):,} carried what is theirs, no more")
    assert len(done.asked) == N_CASES
    assert leaked == []


def carried(asked: Asked) -> tuple[str | None, str | None]:
    return asked.header("Cookie"), asked.header("Authorization")


def expected(number: int) -> tuple[str | None, str | None]:
    if number % 2:
        return None, None
    login = b64encode(f"user-{number}:secret".encode()).decode()
    return f"sid=of-{number}", f"Basic {login}"
