"""Calls of `/run_case` as programs make them."""

from __future__ import annotations

from typing import Any

from django.test import Client


def ask(bearer: dict[str, str] | None = None, method: str = "get", **parameters: Any) -> Any:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    call = getattr(client, method)
    return call("/run_case", parameters, headers=bearer or {})
