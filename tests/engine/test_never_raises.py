"""Whatever a case or an answer holds, run_case() answers with an attempt that can be kept."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.engine import record
from cases.engine.auth.kinds import AUTH_KINDS
from cases.engine.bodies import BODY_KINDS, PART_KINDS
from cases.engine.comparators import COMPARATORS
from cases.engine.extract import SOURCES
from cases.engine.filters import FILTERS
from cases.engine.outcome import Attempt, Outcome
from cases.engine.resend import REASONS
from cases.engine.runner import run_case
from cases.engine.spec import CaseSpec, EnvironmentSpec, RowSpec
from cases.engine.transport import Session
from cases.engine.validate import problems
from cases.engine.variables import Variables
from tests.target import Target

anything = st.characters(codec=None)  # half a surrogate pair too
BRACES = ["{{none}}", "{{", "{{'{{'}}", "{{name | x}}"]
MARKS = ["$", "$.a[0]", "[?@.a]", "(a|", "\r\n", "\x00", "é你😀", "%2f", "../", "@", ":80", "#"]
GOOD = [
    "{{name}}",
    "{{list}}",
    "{{$uuid}}",
    "{{name | base64}}",
    "a",
    "1",
    "/",
    "é",
    " ",
    "%2f",
]
good = st.lists(st.sampled_from(GOOD), max_size=3).map("".join)
wild = st.lists(
    st.one_of(st.text(anything, max_size=6), st.sampled_from(BRACES + MARKS)), max_size=4
).map("".join)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), good, wild),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(good, inner, max_size=3)
    ),
    max_leaves=5,
)


def mostly(usual: st.SearchStrategy[Any], other: st.SearchStrategy[Any]) -> Any:
    return st.integers(0, 19).flatmap(lambda die: other if die == 0 else usual)


texts = mostly(good, wild)
header_names = mostly(
    st.sampled_from(["X-A", "x-a", "Cookie", "Host", "Content-Type", "Accept", "Range"]), wild
)
pairs = st.lists(st.tuples(header_names, texts), max_size=3)
paths = mostly(
    st.sampled_from(
        ["$.id", "$..id", "$.items[?@.id>1]", "//a", "X-A", "a", "(.)", "name", ""]
    ),
    wild,
)

AUTH_FIELDS = {field.name for kind in AUTH_KINDS.values() for field in kind.fields}

filters = mostly(
    st.lists(st.sampled_from([*FILTERS, "nth(0)", "split(',')", "regex('.')"]), max_size=2).map(
        " | ".join
    ),
    wild,
)


# Small ones: nobody wants to wait for a test that waits.
numbers = st.integers(min_value=0, max_value=3)
lengths = st.integers(min_value=1, max_value=3)


def one_of(names: Any) -> st.SearchStrategy[str]:
    """Mostly a known name, sometimes anything."""
    return mostly(st.sampled_from(sorted(names)), wild)


steps = st.fixed_dictionaries(
    {
        "name": texts,
        "method": one_of(["GET", "POST", "HEAD", "PUT", "OPTIONS", "X-Y"]),
        "url": st.one_of(
            st.sampled_from(["/json", "/echo", "/cookies/set?a=1", "/redirect/2", ""]),
            texts,
            texts.map("/echo/{}".format),
            texts.map("http://127.0.0.1:1/{}".format),
        ),
        "path_params": pairs,
        "params": pairs,
        "headers": pairs,
        "cookies": pairs,
        "inherit_headers": st.booleans(),
        "inherit_assertions": st.booleans(),
        "delay_ms": numbers,
        "first_byte_ms": st.one_of(st.none(), st.just(1_000)),
        "resend": st.fixed_dictionaries(
            {
                "times": numbers,
                "on": st.lists(one_of(REASONS), min_size=1, max_size=2),
                "pause_ms": lengths,
            }
        ),
        "poll": st.fixed_dictionaries({"for_ms": numbers, "every_ms": lengths}),
        "auth": st.fixed_dictionaries(
            {
                "kind": one_of(AUTH_KINDS),
                "values": st.dictionaries(one_of(AUTH_FIELDS), texts, max_size=4).map(
                    lambda values: [list(pair) for pair in values.items()]
                ),
            }
        ),
        "body": st.fixed_dictionaries(
            {
                "kind": one_of(BODY_KINDS),
                "text": st.one_of(texts, values.map(json.dumps)),
                "fields": pairs,
                "parts": st.lists(
                    st.fixed_dictionaries(
                        {
                            "name": texts,
                            "kind": one_of(PART_KINDS),
                            "value": texts,
                            "filename": texts,
                            "content_type": texts,
                        }
                    ),
                    max_size=2,
                ),
                "variables": st.one_of(texts, values.map(json.dumps)),
                "content_type": st.one_of(texts, texts.map("text/plain; charset={}".format)),
            }
        ),
        "extractions": st.lists(
            st.fixed_dictionaries(
                {
                    "name": one_of(["a", "name"]),
                    "source": one_of(SOURCES),
                    "path": paths,
                    "filters": filters,
                    "optional": st.booleans(),
                    "default": values,
                    "secret": st.booleans(),
                }
            ),
            max_size=2,
        ),
        "assertions": st.lists(
            st.fixed_dictionaries(
                {
                    "source": one_of(SOURCES),
                    "path": paths,
                    "filters": filters,
                    "warns": st.booleans(),
                    "comparator": one_of(COMPARATORS),
                    "negated": st.booleans(),
                    "expected": values,
                }
            ),
            max_size=3,
        ),
    }
)


defaults = steps.map(
    lambda step: {name: step[name] for name in ("headers", "auth", "assertions")}
)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case=st.lists(steps, max_size=2), given=st.one_of(st.just({}), defaults), secret=texts)
def test_no_case_makes_it_raise(
    target: Target,
    session: Session,
    case: list[dict[str, Any]],
    given: dict[str, Any],
    secret: str,
) -> None:
    spec = CaseSpec.from_dict(
        {"name": "c", "path": "c", "steps": case, "defaults": given, "timeout_ms": 5_000}
    )
    variables = Variables([("case", {"name": secret, "list": [1, secret]})], [secret])
    environment = EnvironmentSpec(base_url=target.url, connect_timeout_ms=1_000)
    attempt = run_case(spec, variables, session, environment=environment)
    assert isinstance(attempt, Attempt)
    assert attempt.outcome is Outcome.PASSED or attempt.message.endswith((".", ")"))
    kept = record.loads(record.dumps(attempt))
    assert kept["outcome"] == attempt.outcome
    json.dumps(kept, ensure_ascii=False).encode()
    if problems(spec):
        assert attempt.outcome is Outcome.ERROR


environments = st.fixed_dictionaries(
    {},
    optional={
        "base_url": texts,
        "headers": pairs,
        "verify_tls": st.booleans(),
        "ca_certificate": texts,
        "client_certificate": texts,
        "client_key": texts,
        "proxy": st.one_of(texts, texts.map("http://127.0.0.1:1/{}".format)),
        "http2": st.booleans(),
        "response_limit": numbers,
    },
)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(given=environments, step=steps, row=st.lists(st.tuples(texts, values), max_size=2))
def test_no_environment_and_no_row_makes_it_raise(
    target: Target,
    session: Session,
    given: dict[str, Any],
    step: dict[str, Any],
    row: list[tuple[str, Any]],
) -> None:
    spec = CaseSpec.from_dict({"name": "c", "path": "c", "steps": [step], "timeout_ms": 3_000})
    environment = EnvironmentSpec.from_dict(
        {"base_url": target.url, "connect_timeout_ms": 500, **given}
    )
    attempt = run_case(
        spec,
        Variables([("case", {"name": "x", "list": [1]})]),
        session,
        environment=environment,
        row=RowSpec(name="row", values=tuple(row)),
    )
    kept = record.loads(record.dumps(attempt))
    assert kept["outcome"] == attempt.outcome
