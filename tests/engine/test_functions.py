from __future__ import annotations

import re
import subprocess
import sys
import time
import types
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from cases.engine.errors import FunctionFailed
from cases.engine.fakes import KINDS
from cases.engine.functions import FUNCTIONS, load_functions
from cases.engine.templates import parse
from cases.engine.variables import Variables


def value(expression: str) -> object:
    return Variables([]).value(parse(f"{{{{{expression}}}}}"), "a test")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("$base64('ü?>')", "w7w/Pg=="),
        ("$base64_decode('w7w/Pg==')", "ü?>"),
        ("$base64_decode('w7w_Pg')", "ü?>"),
        ("$md5('a')", "0cc175b9c0f1b6a831c399e269772661"),
        ("$sha1('a')", "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"),
        ("$sha256('')", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (
            "$hmac_sha256('data', 'key')",
            "5031fe3d989c6d1537a013fa6e739da23463fdaec3b70137d828e36ace221bd0",
        ),
        ("$upper('aß')", "ASS"),
        ("$lower('ÄB')", "äb"),
        ("$trim('  a ')", "a"),
        ("$url_encode('a/b c&ü')", "a%2Fb%20c%26%C3%BC"),
        ("$url_decode('a%2Fb')", "a/b"),
        ("$text(5)", "5"),
        ("$number('5.5')", 5.5),
        ("$json('a')", '"a"'),
        ("$random_int(3, 3)", 3),
        ("$random_string(0)", ""),
        ("$choice('only')", "only"),
        ("$date('%%')", "%"),
        ("5 | text | base64", "NQ=="),
        ("$date('%z %Z', 0, '-05:30')", "-0530 UTC-05:30"),
        ("$date('%Z', 0, 'Asia/Shanghai')", "CST"),
    ],
)
def test_function(expression: str, expected: object) -> None:
    assert value(expression) == expected


@pytest.mark.parametrize(
    ("expression", "pattern"),
    [
        ("$now", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
        ("$random_string(9)", r"[A-Za-z0-9]{9}"),
        ("$random_hex(9)", r"[0-9a-f]{9}"),
        ("$fake", r"\S.+ .+\S"),
        ("$fake('email')", r"[^@\s]+@example\.(com|net|org)"),
        ("$fake('phone', 'zh_CN')", r"1\d{10}"),
        ("$fake('name', 'zh_CN')", r"[\u4e00-\u9fff]{2,4}"),
        ("$fake('birthday')", r"\d{4}-\d\d-\d\d"),
        ("$fake('latitude')", r"-?\d+\.\d+"),
    ],
)
def test_shape(expression: str, pattern: str) -> None:
    assert re.fullmatch(pattern, str(value(expression)))


def test_uuids_differ() -> None:
    assert uuid.UUID(str(value("$uuid"))).version == 4
    assert value("$uuid") != value("$uuid")


def test_timestamps_are_now() -> None:
    before = int(time.time())
    assert before <= value("$timestamp") <= time.time()  # type: ignore[operator]
    assert before * 1000 <= value("$timestamp_ms") <= time.time() * 1000  # type: ignore[operator]


def test_a_date_is_shifted_by_days() -> None:
    before = datetime.now(UTC)
    found = value("$date('%Y-%m-%d', -1)")
    after = datetime.now(UTC)
    days = {(moment - timedelta(days=1)).strftime("%Y-%m-%d") for moment in (before, after)}
    assert found in days


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("locale", ["en_US", "zh_CN"])
def test_every_kind_can_be_made_up(kind: str, locale: str) -> None:
    assert value(f"$fake('{kind}', '{locale}')")


def test_what_is_made_up_keeps_its_check_digit() -> None:
    digits = [int(digit) for digit in reversed(str(value("$fake('credit_card')")))]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    assert (sum(digits[::2]) + sum(doubled)) % 10 == 0


def test_only_who_asks_for_made_up_data_pays_for_them() -> None:
    code = "import cases.engine.runner, sys; print('faker' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert found.stdout.strip() == b"False"


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("$fake('nose')", "it makes name, first_name, .*, not 'nose'"),
        ("$fake('name', 'xx')", "there are no data for 'xx'"),
        ("$fake(5)", "What fake makes must be a text, not 5"),
        ("$fake('region', 'zh_TW')", "the data of zh_TW have no region"),
        ("$date('%Y', 0, 'Asia')", 'There is no time zone "Asia"'),
        ("$date('%Y', 0, '../x')", 'There is no time zone "../x"'),
        ("'2026-01-31' | shift(1, 'moons')", 'shift goes by seconds, .*, not by "moons"'),
        ("'2026-01-31' | shift(9999, 'years')", "cannot be shifted by 9999 years"),
    ],
)
def test_a_function_that_cannot_says_why(expression: str, reason: str) -> None:
    with pytest.raises(FunctionFailed, match=reason):
        value(expression)


def test_every_function_says_what_it_does() -> None:
    assert all((function.__doc__ or "").strip() for function in FUNCTIONS.values())


def test_functions_of_operators_are_called_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("our_functions")
    exec("def sign(text):\n return text[::-1]\ndef _hidden(): pass", vars(module))
    monkeypatch.setitem(sys.modules, "our_functions", module)
    monkeypatch.setattr("cases.engine.functions.FUNCTIONS", dict(FUNCTIONS))
    load_functions(["our_functions"])
    from cases.engine import functions

    assert functions.FUNCTIONS["sign"]("abc") == "cba"
    assert "_hidden" not in functions.FUNCTIONS


def test_a_module_that_cannot_be_loaded_is_named() -> None:
    with pytest.raises(ValueError, match="Function module 'no_such_module' cannot be loaded"):
        load_functions(["no_such_module"])
