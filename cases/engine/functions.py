"""Functions and filters of placeholders: {{$uuid}}, {{name | base64}}.

One table serves both: a filter is a function whose first argument is the value before
`|`; those that are made for it stand in `filters`. Operators add their own with
`load_functions`. To add one here: write it, with one sentence as its docstring, and add a
row to tests/engine/test_functions.py.
"""

from __future__ import annotations

import importlib
import inspect
import random
import string
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cases.engine.fakes import fake
from cases.engine.filters import FILTERS
from cases.engine.filters.dates import zone_of

Function = Callable[..., Any]

_LONGEST = 1_000_000  # characters a random text may have
_LETTERS = string.ascii_letters + string.digits


def _uuid() -> str:
    """A random UUID (version 4)."""
    return str(uuid.uuid4())


def _now() -> str:
    """The current time in UTC, ISO 8601: 2026-11-23T12:42:18Z."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _timestamp() -> int:
    """Seconds since 1970, a whole number."""
    return int(time.time())


def _timestamp_ms() -> int:
    """Milliseconds since 1970, a whole number."""
    return time.time_ns() // 1_000_000


def _date(format: str = "%Y-%m-%d", offset_days: float = 0, zone: Any = "UTC") -> str:
    """Now, shifted by days, in a strftime format: $date('%d.%m.%Y', -1, 'Asia/Shanghai')."""
    return (datetime.now(zone_of(zone)) + timedelta(days=float(offset_days))).strftime(format)


def _random_int(lowest: int = 0, highest: int = 2_147_483_647) -> int:
    """A whole number between two bounds, both included."""
    return random.randint(int(lowest), int(highest))


def _random_string(length: int = 16) -> str:
    """Random letters and digits."""
    return "".join(random.choices(_LETTERS, k=_length(length)))


def _random_hex(length: int = 16) -> str:
    """Random hexadecimal digits."""
    return "".join(random.choices("0123456789abcdef", k=_length(length)))


def _choice(*values: Any) -> Any:
    """One of the given values, at random."""
    return random.choice(values)


def _length(length: int) -> int:
    number = int(length)
    if not 0 <= number <= _LONGEST:
        raise ValueError(f"the length must be from 0 to {_LONGEST}, not {number}")
    return number


FUNCTIONS: dict[str, Function] = {
    "uuid": _uuid,
    "now": _now,
    "timestamp": _timestamp,
    "timestamp_ms": _timestamp_ms,
    "date": _date,
    "random_int": _random_int,
    "random_string": _random_string,
    "random_hex": _random_hex,
    "choice": _choice,
    "fake": fake,
    **FILTERS,
}


def check_call(name: str, n_arguments: int) -> None:
    """Raises TypeError, saying why, for a known function with more or fewer than it takes."""
    try:
        signature = inspect.signature(FUNCTIONS[name])
    except ValueError:
        return  # some functions written in C do not say what they take
    signature.bind(*range(n_arguments))


def load_functions(module_names: Iterable[str]) -> None:
    """Add all public functions of these modules. Raises ValueError naming one."""
    for module_name in module_names:
        try:
            module = importlib.import_module(module_name)
        except Exception as error:  # an operator's module may raise anything
            raise ValueError(
                f"Function module {module_name!r} cannot be loaded: {error}"
            ) from error
        FUNCTIONS.update(_public(module_name, vars(module)))


def _public(module_name: str, members: Mapping[str, Any]) -> dict[str, Function]:
    """`__all__` if there is one, else the functions defined in the module itself."""
    if "__all__" in members:
        named: dict[str, Any] = {name: members.get(name) for name in members["__all__"]}
        wrong = [name for name, member in named.items() if not callable(member)]
        if wrong:
            raise ValueError(f"{wrong[0]} of function module {module_name!r} is no function.")
        return named
    return {
        name: member
        for name, member in members.items()
        if not name.startswith("_")
        and inspect.isfunction(member)
        and member.__module__ == module_name
    }
