"""A secret's value is used by the worker and kept nowhere: no table, no message, no log."""

from __future__ import annotations

import base64
import json
import re
from urllib.parse import quote

import pytest

from tests.installation import Installation
from tests.runs.laid_out import start_run, wait_for_end
from tests.target import Target

pytestmark = pytest.mark.cluster

# Each is long enough to be found, with characters that URLs and JSON write otherwise.
SECRETS = {
    "global_key": 'gl0bal/s3cr3t+"value"',
    "environment_key": "env1ronment s3cr3t&välue",
    "module_key": "m0dule-s3cr3t-value",
}
LAY_OUT = """
from cases import specs
secrets = {secrets!r}
environment = Environment.objects.create(name="target", base_url={base_url!r})
module = Module.objects.create(name="secrets", default_environment=environment)
Variable.objects.create(name="global_key", value=secrets["global_key"], is_secret=True)
Variable.objects.create(
    environment=environment, name="environment_key", is_secret=True,
    value=secrets["environment_key"],
)
Variable.objects.create(
    module=module, name="module_key", value=secrets["module_key"], is_secret=True
)
USES = [
    dict(headers=[["X-Key", "k {{{{module_key}}}}"]]),
    dict(params=[["key", "{{{{environment_key}}}}"]]),
    dict(method="POST", body_kind="json", body_text='{{"key": "{{{{module_key}}}}"}}'),
    dict(method="POST", body_kind="form", body_fields=[["key", "{{{{environment_key}}}}"]]),
    dict(method="POST", body_kind="raw", body_text="{{{{environment_key}}}}"),
    dict(auth={{"kind": "basic", "values": [
        ["username", "me"], ["password", "{{{{environment_key}}}}"],
    ]}}),
    dict(auth={{"kind": "bearer", "values": [["token", "{{{{module_key}}}}"]]}}),
    dict(url="/close?{{{{module_key}}}}"),
    dict(url="http://127.0.0.1:1/{{{{module_key}}}}"),
    dict(url="/json?{{{{nothing_at_all}}}}{{{{module_key}}}}"),
]
for number, use in enumerate(USES):
    case = Case.objects.create(module=module, name=f"use {{number}}")
    Step.objects.create(case=case, **{{"url": "/echo", **use}}, assertions=[
        {{"source": "body", "comparator": "contains", "expected": "no such text"}}
    ], extractions=[{{"name": "all", "source": "body"}}])
specs.refresh_below([module])
answer = len(USES)
"""
# Every value of every row of every table, attempts unpacked, messages of the queue opened.
DUMP = """
from django.apps import apps
from django_q.models import OrmQ
rows = [
    [model.__name__, [str(value) for value in row]]
    for model in apps.get_models(include_auto_created=True)
    for row in model.objects.values_list()
]
rows += [["unpacked", json.dumps(attempt.read())] for attempt in Attempt.objects.all()]
rows += [["message", str(message.task)] for message in OrmQ.objects.all()]
answer = rows
"""
LINE = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (DEBUG|INFO|WARNING|ERROR|CRITICAL) "
    r"pid=\d+ thread=[\w-]+( run=\d+)?( chunk=\d+)?( case=\d+)? [\w.-]+ .*"
)


@pytest.fixture(scope="module")
def ended(installation: Installation, served: Target) -> Installation:
    """With a run that used every secret in every place."""
    installation.environment["LOG_LEVEL"] = "DEBUG"
    n_cases = installation.do(LAY_OUT.format(secrets=SECRETS, base_url=served.url))
    waiting = start_run(installation, "secrets")
    queued = installation.do(DUMP)
    assert any(table == "message" for table, _row in queued)
    assert not _found(json.dumps(queued, ensure_ascii=False))
    with installation.workers(1):
        state = wait_for_end(installation, waiting, 60)
    assert state["n_results"] == n_cases
    assert state["counts"]["failed"] == 7
    return installation


def _found(text: str) -> list[str]:
    """The secrets that this text holds, plainly or as they are usually written."""
    ways = {
        name: {
            value,
            json.dumps(value)[1:-1],
            json.dumps(value, ensure_ascii=False)[1:-1],
            quote(value, safe=""),
            quote(value),
            base64.b64encode(value.encode()).decode().rstrip("="),
            base64.b64encode(f"me:{value}".encode()).decode().rstrip("="),
        }
        for name, value in SECRETS.items()
    }
    unescaped = text.replace("\\\\", "\\").replace('\\"', '"')
    return [
        f"{name} as {way}"
        for name, all_ways in ways.items()
        for way in all_ways
        if way in text or way in unescaped
    ]


def test_the_target_got_the_values(ended: Installation, served: Target) -> None:
    """Or the tests below would prove nothing."""
    asked = b" ".join(request.raw for request in served.requests).decode()
    assert SECRETS["module_key"] in asked
    assert SECRETS["environment_key"] in asked
    assert quote(SECRETS["environment_key"], safe="") in asked


def test_no_table_holds_a_secret(ended: Installation) -> None:
    rows = ended.do(DUMP)
    tables = {table for table, _row in rows}
    assert {"Run", "Result", "Attempt", "CaseVersion", "unpacked"} <= tables
    assert {table: _found(str(row)) for table, row in rows if _found(str(row))} == {}


def test_no_line_of_the_log_holds_a_secret(ended: Installation) -> None:
    assert len(ended.log()) > 200
    assert _found(ended.log()) == []


def test_every_line_of_the_log_says_when_who_and_where(ended: Installation) -> None:
    log = re.sub(r"(?m)^(?:Traceback|\s|[\w.]+(?:Error|Exception)\b).*\n", "", ended.log())
    assert [line for line in log.splitlines() if not LINE.fullmatch(line)] == []
