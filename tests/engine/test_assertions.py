"""What an assertion says when it passes, fails, or cannot be judged."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from cases.engine.outcome import AssertionResult, Outcome
from cases.engine.spec import StepSpec
from cases.engine.transport import Session
from tests.engine.asking import Asking, check
from tests.target import Target

PASSED, FAILED, ERROR = Outcome.PASSED, Outcome.FAILED, Outcome.ERROR
MEMBERS = (
    '"id", "name", "price", "active", "nothing", "tags", "empty", "address", "items", "big".'
)


def judged(asking: Asking, url: str, *assertions: Any, **rest: Any) -> AssertionResult:
    return asking.step(url, assertions=assertions, **rest).assertions[0]


@pytest.mark.parametrize(
    ("assertion", "outcome", "message"),
    [
        (check("status", expected=200), PASSED, ""),
        (check("status", expected=201), FAILED, "Status should equal 201, but was 200."),
        (check("status", expected="200"), FAILED, 'Status should equal "200", but was 200.'),
        (
            check("status", expected=200, negated=True),
            FAILED,
            "Status should not equal 200, but was 200.",
        ),
        (
            check("json", "$.none", expected=1),
            FAILED,
            "JSON $.none should equal 1, but nothing found at $.none; $ has " + MEMBERS,
        ),
        (
            check("json", "$.none", expected=1, negated=True),
            FAILED,
            "JSON $.none should not equal 1, but nothing found at $.none; $ has " + MEMBERS,
        ),
        (
            check("json", "$.none", "exists"),
            FAILED,
            "JSON $.none should exist, but nothing found at $.none; $ has " + MEMBERS,
        ),
        (check("json", "$.none", "exists", negated=True), PASSED, ""),
        (check("json", "$.nothing", "exists"), PASSED, ""),
        (
            check("json", "$.id", "exists", negated=True),
            FAILED,
            "JSON $.id should not exist, but is 5.",
        ),
        (check("json", "$.id", expected="{{five}}"), PASSED, ""),
        (check("json", "$.tags", expected=["a", "{{b}}"]), PASSED, ""),
        (
            check("json", "$.name", "greater_than", expected=5),
            FAILED,
            'JSON $.name should be greater than 5, but the text "Müller" and the number 5 '
            "have no order.",
        ),
        (
            check("json", "$.name", "greater_than", expected=5, negated=True),
            FAILED,
            'JSON $.name should not be greater than 5, but the text "Müller" and the number 5 '
            "have no order.",
        ),
        (
            check("json", "$.id", "is_type", expected="integer"),
            PASSED,
            "",
        ),
        (
            check("json", "$.id", "is_in", expected="5"),
            ERROR,
            'JSON $.id: is_in needs a list as expected value, not the text "5".',
        ),
        (
            check("json", "$.id", expected="{{none}}"),
            ERROR,
            "Variable {{none}} in assertion 1 of step 1 has no value.",
        ),
        (check("json", "$.items[?@.id=={{one}}].ok", expected=True), PASSED, ""),
        (check("body", comparator="matches", expected="Köln|{{empty}}"), PASSED, ""),
        (
            check("body", comparator="matches", expected="({{empty}}"),
            ERROR,
            "Body: Regular expression '(' is not valid: missing ) at position 1.",
        ),
    ],
)
def test_assertion(asking: Asking, assertion: Any, outcome: Outcome, message: str) -> None:
    variables = {"five": 5, "b": "b", "one": 1, "empty": ""}
    result = judged(asking, "/json", assertion, variables=variables)
    assert result.outcome is outcome, result.message
    assert result.message == message


@pytest.mark.parametrize(
    ("assertion", "outcome"),
    [
        (check("header", "X-N", expected=5), PASSED),
        (check("header", "X-N", expected="5"), PASSED),
        (check("header", "X-N", "greater_than", expected=4), PASSED),
        (check("header", "X-N", "greater_than", expected="10"), FAILED),
        (check("header", "X-N", "between", expected=[1, "10"]), PASSED),
        (check("header", "X-N", "is_in", expected=[4, 5]), PASSED),
        (check("header", "X-N", "is_type", expected="text"), PASSED),
        (check("header", "X-N", "has_length", expected=1), PASSED),
        (check("header", "X-T", expected=True), PASSED),
        (check("header", "X-T", "greater_than", expected=1), FAILED),
        (check("header", "X-W", "contains", expected="or"), PASSED),
        (check("regex", r"(\{)", expected="{"), PASSED),
        (check("body", comparator="contains", expected="{}"), PASSED),
        (check("reason", expected="OK"), PASSED),
        (check("size", comparator="less_than", expected=3), PASSED),
        (check("duration", comparator="less_than", expected=60_000), PASSED),
        (check("url", comparator="ends_with", expected="X-W=word"), PASSED),
    ],
)
def test_sources_that_are_text_meet_numbers_as_text(
    asking: Asking, assertion: Any, outcome: Outcome
) -> None:
    result = judged(asking, "/headers?X-N=5&X-T=true&X-W=word", assertion)
    assert result.outcome is outcome, result.message


def test_a_cookie_flag_is_true(asking: Asking) -> None:
    flag = check("cookie", "sid[HttpOnly]", expected=True)
    result = judged(asking, "/cookies/set?sid=a;%20HttpOnly", flag)
    assert result.outcome is PASSED, result.message


@pytest.mark.parametrize(
    "hostile",
    [
        check("url", comparator="matches", expected="/(a|a)+$"),
        check("regex", "target.*/(a|a)+$", "exists"),
        check("json", "$[?search(@, '/(a|a)+$')]", "exists"),
    ],
)
def test_a_hostile_pattern_is_an_error_in_time(asking: Asking, hostile: Any) -> None:
    result = judged(asking, f"/echo/{'a' * 64}!", hostile)
    assert result.outcome is ERROR
    assert "took longer than 1 s" in result.message


def test_a_slow_pattern_does_not_stall_other_threads(target: Target) -> None:
    hostile = check("url", comparator="matches", expected="/(a|a)+$")
    slow, quick = Session(), Session()
    with ThreadPoolExecutor(1) as pool:
        page = f"/echo/{'a' * 64}!"
        slow_one = pool.submit(Asking(target.url, slow).step, page, assertions=(hostile,))
        done = 0
        while not slow_one.done():
            assert Asking(target.url, quick).step("/echo").outcome is PASSED
            done += 1
    assert done > 10
    slow.close()
    quick.close()


def test_many_slow_patterns_keep_the_deadline_of_the_case(asking: Asking) -> None:
    hostile = check("url", comparator="matches", expected="/(a|a)+$")
    step = StepSpec(url=f"/echo/{'a' * 64}!", assertions=(hostile,) * 20)
    attempt = asking.case(step, timeout_ms=1_500)
    assert attempt.outcome is ERROR
    messages = [item.message for item in attempt.steps[0].assertions]
    late = "The deadline of the case had passed before this was judged."
    assert messages.count(late) >= 18


def test_a_path_that_finds_too_much_is_an_error(asking: Asking) -> None:
    result = judged(asking, "/json", check("json", "$..*", "exists"))
    assert result.outcome is PASSED
    endless = check("json", "$[" + ",".join("*" * 400) + "][" + ",".join("*" * 400) + "]")
    result = judged(asking, "/json", endless)
    assert result.outcome is ERROR
    assert "finds more than 100000 values" in result.message


def test_a_value_nested_too_deeply_is_an_error(asking: Asking) -> None:
    deep: Any = 1
    for _ in range(5_000):
        deep = [deep]
    result = asking.step("/json", assertions=(check("json", "$.id", expected=deep),))
    assert result.outcome is ERROR
    assert "nested too deeply" in result.message


def test_the_first_broken_assertion_speaks_for_the_step(asking: Asking) -> None:
    checks = (
        check("status", expected=200),
        check("status", expected=1),
        check("json", "$.id", expected=6),
    )
    result = asking.step("/json", assertions=checks)
    assert result.message == "Status should equal 1, but was 200. (And 1 more.)"
    assert [a.outcome for a in result.assertions] == [PASSED, FAILED, FAILED]


def test_an_error_outweighs_a_failure(asking: Asking) -> None:
    checks = (
        check("status", expected=1),
        check("json", "$.id", "is_in", expected=5),
    )
    result = asking.step("/json", assertions=checks)
    assert result.outcome is ERROR
    assert result.message.startswith("JSON $.id: is_in needs a list")


def test_a_long_actual_value_is_cut(asking: Asking) -> None:
    result = judged(asking, "/big?bytes=100000", check("body", expected="y"))
    assert len(result.actual) == 2_000
    assert result.actual.endswith("…")
    assert len(result.message) < 300


@pytest.mark.parametrize("source", ["header", "headers"])
@pytest.mark.parametrize("header", ["Set-Cookie", "set-cookie"])
def test_credentials_in_headers_are_masked(asking: Asking, source: str, header: str) -> None:
    cookie = check(source, header, expected="x")
    result = judged(asking, "/cookies/set?sid=topsecret", cookie)
    assert result.outcome is FAILED
    assert result.actual == "***"
    assert "topsecret" not in result.message


def test_a_result_says_what_was_asked_and_what_was_found(asking: Asking) -> None:
    assertion = check(
        "json",
        "$.{{part}}",
        "equals",
        filters="upper | lower",
        expected="{{name}}",
        negated=True,
        warns=True,
    )
    told = 'JSON $.name | upper | lower should not equal "müller", but was "müller".'
    result = judged(asking, "/json", assertion, variables={"part": "name", "name": "müller"})
    assert result._asdict() == {
        "source": "json",
        "path": "$.name",
        "filters": "upper | lower",
        "comparator": "equals",
        "negated": True,
        "expected": "müller",
        "actual": "müller",
        "outcome": FAILED,
        "message": told,
        "warns": True,
        "details": (),
    }
