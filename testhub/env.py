"""Settings from outside: every value is parsed, or the process does not start.

A value is looked up in the environment, then in `.env`, then in `var/.env`; `ENV_FILE`
names another file instead of these two. `NAME_FILE` may stand for a secret `NAME`. What
does not parse raises `SettingsError`: the name, the value and what is allowed.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import TypeVar
from zoneinfo import available_timezones

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from testhub import env_file

TOP = Path(__file__).resolve().parent.parent

Number = TypeVar("Number", int, float)

_from_files: dict[str, str] = {}


class SettingsError(ImproperlyConfigured):
    """A setting that cannot be used. Its text is one sentence for an operator."""

    def __init__(self, name: str, value: str, allowed: str) -> None:
        super().__init__(f"{name}={value!r}: {allowed}.")


@contextmanager
def main_guard() -> Iterator[None]:
    """Around a program's main(): a refused setting is one line and exit code 2."""
    try:
        yield
    except SettingsError as refusal:
        sys.stderr.write(f"{refusal}\n")
        sys.exit(2)


def read_files(*paths: Path) -> None:
    """Take values from these files, the first one winning; files may be missing."""
    given = os.environ.get("ENV_FILE")
    if given and not Path(given).exists():
        raise SettingsError("ENV_FILE", given, "name a file that exists")
    _from_files.clear()
    for path in [Path(given)] if given else paths:
        _take(path)


def first_start(path: Path) -> bool:
    """Give a new installation its keys in `path`, unless the file is there already.

    Of several processes that race, one writes and all read the same keys. Returns True
    in the one that wrote.
    """
    wrote = env_file.write_keys(path)
    _take(path)
    return wrote


def env_str(name: str, default: str, *, choices: Sequence[str] = ()) -> str:
    value = _look_up(name)
    if value is None:
        return default
    if choices and value not in choices:
        raise SettingsError(name, value, f"use one of {', '.join(choices)}")
    return value


def env_bool(name: str, default: bool) -> bool:
    value = _look_up(name)
    if value is None:
        return default
    if value.lower() in {"1", "true", "yes", "on"}:
        return True
    if value.lower() in {"0", "false", "no", "off"}:
        return False
    raise SettingsError(name, value, "use 1 or 0")


def env_int(
    name: str, default: int, *, minimum: int | None = None, maximum: int | None = None
) -> int:
    return _number(name, default, int, "a whole number", minimum, maximum)


def env_float(
    name: str,
    default: float,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
) -> float:
    return _number(name, default, float, "a number", minimum, maximum)


def env_list(name: str, default: Sequence[str] = ()) -> list[str]:
    """Comma-separated; blanks around an item and empty items do not count."""
    value = _look_up(name)
    if value is None:
        return list(default)
    return [item.strip() for item in value.split(",") if item.strip()]


def env_networks(name: str, default: Sequence[str] = ()) -> list[str]:
    """Comma-separated addresses and networks: 10.0.0.7,192.168.0.0/16,fe80::/10."""
    networks = env_list(name, default)
    for network in networks:
        try:
            ip_network(network)
        except ValueError as reason:
            allowed = f"use networks such as 10.0.0.0/8, separated by commas ({reason})"
            raise SettingsError(name, ",".join(networks), allowed) from reason
    return networks


def env_secret(name: str, *, required: bool = True) -> str:
    """The secret itself, or what the file named by `NAME_FILE` holds."""
    value, file = _look_up(name), _look_up(f"{name}_FILE")
    if value and file:
        # The value of a secret is never shown, not even a wrong one.
        raise SettingsError(f"{name}_FILE", file, f"{name} is set too, keep one")
    if file:
        try:
            value = Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as reason:
            raise SettingsError(
                f"{name}_FILE", file, f"use a file that can be read ({reason})"
            ) from reason
    if required and not value:
        raise SettingsError(
            name,
            "",
            f"set it (or {name}_FILE); only with DEBUG=1 are keys made at first start",
        )
    return value or ""


def fernet_keys(name: str) -> list[str]:
    """Comma-separated Fernet keys, at least one; `NAME_FILE` may hold them."""
    keys = [key.strip() for key in env_secret(name).split(",") if key.strip()]
    for number, key in enumerate(keys, 1):
        try:
            Fernet(key)
        except ValueError:
            raise SettingsError(
                name, "***", f"key {number} is no Fernet key (32 bytes, urlsafe base64)"
            ) from None
    return keys


def time_zone(name: str, default: str) -> str:
    value = env_str(name, default)
    if value not in available_timezones():
        raise SettingsError(name, value, "use a name such as UTC or Asia/Shanghai")
    return value


def _take(path: Path) -> None:
    try:
        values = env_file.parse(path)
    except (OSError, ValueError) as reason:
        raise SettingsError("ENV_FILE", str(path), str(reason)) from reason
    for name, value in values.items():
        _from_files.setdefault(name, value)


def _look_up(name: str) -> str | None:
    value = os.environ.get(name, _from_files.get(name))
    return None if value is None else value.strip()


def _number(
    name: str,
    default: Number,
    parse: Callable[[str], Number],
    kind: str,
    minimum: Number | None,
    maximum: Number | None,
) -> Number:
    text = _look_up(name)
    if text is None:
        return default
    low = -math.inf if minimum is None else minimum
    high = math.inf if maximum is None else maximum
    bounds = [f">= {minimum}"] if minimum is not None else []
    bounds += [f"<= {maximum}"] if maximum is not None else []
    allowed = " ".join(["use", kind, " and ".join(bounds)]).strip()
    try:
        value = parse(text)
    except ValueError as reason:
        raise SettingsError(name, text, allowed) from reason
    if not low <= value <= high or math.isinf(value):  # NaN is in no range
        raise SettingsError(name, text, allowed)
    return value
