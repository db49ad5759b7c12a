"""Who is logged in, and what each of them sees: the only state of the demo API.

Every login gets a token and, with it, a shop of its own that starts with the same users
and orders. So cases that run at the same time cannot disturb each other, and an id that
a case creates is the same in every run. Everything is bounded: the shop that was used
least recently is forgotten.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from demo.messages import Refused, Request

MAX_SHOPS = 2_000
MAX_ROWS = 200  # users or orders of one shop
MAX_KEYS = 10_000  # counters of /flaky

Row = dict[str, Any]


class Shop:
    """The users and orders that belong to one token."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.users = {row["id"]: row for row in _first_users()}
        self.orders = {row["id"]: row for row in _first_orders()}

    def add(self, rows: dict[int, Row], row: Row) -> Row:
        """Give the row the next id and keep it."""
        if len(rows) >= MAX_ROWS:
            raise Refused(507, "full", f"A shop keeps at most {MAX_ROWS} of each kind.")
        row = {"id": max(rows, default=0) + 1, **row}
        rows[row["id"]] = row
        return row


@dataclass
class Site:
    """One installation of the shop; the server has two, with nothing in common."""

    name: str
    prefix: str
    version: str
    password: str
    _shops: OrderedDict[str, Shop] = field(default_factory=OrderedDict)
    _calls: OrderedDict[str, int] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def log_in(self) -> str:
        """A new token, with a shop of its own."""
        token = secrets.token_hex(16)
        with self._lock:
            self._shops[token] = Shop()
            if len(self._shops) > MAX_SHOPS:
                self._shops.popitem(last=False)
        return token

    def log_out(self, token: str) -> None:
        with self._lock:
            self._shops.pop(token, None)

    def shop(self, token: str) -> Shop | None:
        with self._lock:
            shop = self._shops.get(token)
            if shop is not None:
                self._shops.move_to_end(token)
            return shop

    def count(self, key: str) -> int:
        """How often this key has been counted, this time included."""
        with self._lock:
            calls = self._calls.pop(key, 0) + 1
            self._calls[key] = calls
            if len(self._calls) > MAX_KEYS:
                self._calls.popitem(last=False)
            return calls


def token_of(request: Request) -> str:
    """The token of the Authorization header, else of the session cookie."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return token.strip()
    for cookie in request.headers.get("Cookie", "").split(";"):
        name, _, value = cookie.strip().partition("=")
        if name == "session":
            return value
    return ""


def shop_of(request: Request) -> Shop:
    """The shop of whoever asks, or 401."""
    shop = request.site.shop(token_of(request))
    if shop is None:
        raise Refused(
            401,
            "not_logged_in",
            "Log in first: POST /login.",
            headers=(("WWW-Authenticate", 'Bearer realm="shop"'),),
        )
    return shop


def _first_users() -> list[Row]:
    names = (("ada", "Ada Lovelace"), ("zoe", "Zoë Müller"), ("wei", "王伟"))
    return [
        {"id": number, "login": login, "name": name, "email": f"{login}@shop.example"}
        for number, (login, name) in enumerate(names, start=1)
    ]


def _first_orders() -> list[Row]:
    return [
        {
            "id": number,
            "product_id": number,
            "quantity": number % 3 + 1,
            "status": "paid" if number % 2 else "open",
            "note": "",
        }
        for number in range(1, 6)
    ]
