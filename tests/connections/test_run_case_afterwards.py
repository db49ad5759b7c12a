"""`/run_case` in a web server whose threads, and whose connections, have been through a lot."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.connections.house import LOOKERS, MESSES, House
from tests.connections.killing import kill_connections

pytestmark = [pytest.mark.mariadb, pytest.mark.cluster]

LET_IN = """
token = ApiToken(user=User.objects.create_superuser("caller"), name="proof")
text = token.issue()
token.save()
cases = {}
for pk, module in Case.objects.order_by("pk").values_list("pk", "module__name"):
    cases.setdefault(module, []).append(pk)
answer = [text, cases, dict(Module.objects.values_list("name", "pk"))]
"""


class Caller:
    """A program with a token."""

    def __init__(self, house: House, url: str) -> None:
        token, self._cases, self.modules = house.installation.do(LET_IN)
        self._url = f"{url}/run_case"
        self._headers = {"Authorization": f"Bearer {token}"}

    def cases(self, module: str) -> list[int]:
        return list(self._cases[module])

    def ask(self, **parameters: object) -> dict[str, Any]:
        parameters["env"] = "target"
        answer = requests.get(self._url, params=parameters, headers=self._headers, timeout=150)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def outcome(self, **parameters: object) -> str:
        return str(self.ask(**parameters)["outcome"])


def test_messes_and_killed_connections_leave_right_answers(house: House) -> None:
    """In the very threads that made the messes: the server has four."""
    with house.cluster.web() as url:
        caller = Caller(house, url)
        lookers = caller.cases("after")
        for number, mess in enumerate(MESSES):
            made = caller.outcome(case_id=caller.cases(mess)[0])
            assert made in ("passed", "error")
            if number % 2:
                kill_connections(house.server)
            looked = [caller.outcome(case_id=pk) for pk in lookers[:4]]
            assert looked == ["passed"] * 4, mess
        whole = caller.ask(module_id=caller.modules["after"], wait=60)
    assert (whole["status"], whole["counts"]["passed"]) == ("finished", LOOKERS)
