"""One case that uses nearly everything, and ways to spoil it."""

from __future__ import annotations

import inspect
import random
from typing import Any

from cases.engine.comparators import COMPARATORS
from cases.engine.extract import SOURCES
from cases.engine.filters import FILTERS

DIGEST = "0" * 64
_PATHS = {"header": "X-A", "headers": "X-A", "cookie": "sid", "xpath": "//li", "css": "li.a",
          "regex": "(a)", "timing": "total", "certificate": "days_left", "variable": "name",
          "json": "$..id"}  # fmt: skip
_EXPECTED = {
    "matches": "a+", "is_type": "text", "is_format": "uuid", "is_sorted": "ascending",
    "before": "2026-11-23", "after": "2026-11-23", "between": [1, 2], "close_to": [1, 2],
    "contains_all": ["a"], "contains_any": ["a"], "contains_only": ["a"], "is_in": ["a"],
    "equals_any_order": ["a"], "has_length": 1,
    "matches_schema": {"type": "object", "items": {"$ref": "#"}},
    "matches_openapi": {"paths": {"/json": {"get": {"responses": {"200": {"$ref": "#"}}}}}},
    "matches_structure": {"#like": {"id": "#integer", "tags": ["#text"]}, "#any_order": True},
}  # fmt: skip
_ODD: list[Any] = [
    None, True, 0, -1, 1e308, 10**30, "", " ", "\x00", "\ud800", "{{", "{{name}}", "{{none}}",
    "{{$uuid}}", "{{name | nth(9)}}", "$", "$..*", "$[", "(a|a)+$", "((", "//*[", "li:nope(",
    "#regex (", "##[] #uuid", "#nope", "a" * 10_000, [], {}, [[]], {"": None}, ["{{name}}"],
    "\r\nX: y", "../%2e", "http://[", "http://127.0.0.1:1/", "😀", {"$ref": "#"},
    {"#like": "#"},
]  # fmt: skip


def whole_case() -> dict[str, Any]:
    """As it stands in a CaseVersion."""
    assertions = [
        {"source": source, "path": _PATHS.get(source, ""), "comparator": comparator,
         "expected": _EXPECTED.get(comparator, "a"), "filters": name}
        for source, comparator, name in zip(
            [*SOURCES] * 4,
            [*COMPARATORS] * 3,
            ["", *filter(_needs_nothing, FILTERS)],
            strict=False,
        )
    ]  # fmt: skip
    return {
        "name": "fuzz",
        "path": "fuzz",
        "timeout_ms": 1_500,
        "steps": [
            {
                "name": "first",
                "method": "POST",
                "url": "/echo/{id}?q={{name}}",
                "path_params": [["id", "{{$uuid}}"]],
                "params": [["a", "b"], ["a", "{{list}}"]],
                "headers": [["X-A", "{{name | base64}}"]],
                "cookies": [["c", "d"]],
                "auth": {"kind": "bearer", "values": [["token", "{{name}}"]]},
                "body": {"kind": "json", "text": '{"a": {{list}}, "b": "{{name}}"}'},
                "extractions": [
                    {"name": "found", "source": "json", "path": "$.method", "filters": "lower",
                     "secret": True},
                    {"name": "other", "source": "xpath", "path": "//a", "optional": True},
                ],
            },
            {
                "name": "second",
                "method": "PUT",
                "url": "/echo",
                "body": {
                    "kind": "multipart",
                    "parts": [
                        {"name": "a", "kind": "attachment", "value": "a.png", "filename": "b"},
                        {"name": "t", "value": "{{name}}", "content_type": "text/plain"},
                    ],
                },
            },
            {"name": "third", "method": "PUT", "url": "/echo",
             "body": {"kind": "attachment", "attachment": "a.png"}},
            {"name": "fourth", "url": "/json", "assertions": assertions},
        ],
        "attachments": [
            {"name": "a.png", "digest": DIGEST, "size": 1, "content_type": "image/png"}
        ],
    }  # fmt: skip


def _needs_nothing(name: str) -> bool:
    parameters = [*inspect.signature(FILTERS[name]).parameters.values()]
    return all(one.default is not one.empty for one in parameters[1:])


def spoil(value: Any, chance: random.Random) -> Any:
    """The same with one thing in it replaced, doubled, or left out."""
    if isinstance(value, dict) and value and chance.random() < 0.99:
        key = chance.choice(list(value))
        changed = {**value, key: spoil(value[key], chance)}
        if chance.random() < 0.05:
            del changed[key]
        return changed
    if isinstance(value, list) and value and chance.random() < 0.97:
        at = chance.randrange(len(value))
        changed = [*value[:at], spoil(value[at], chance), *value[at + 1 :]]
        return changed * 2 if chance.random() < 0.05 else changed
    if isinstance(value, str) and chance.random() < 0.4:
        at = chance.randrange(len(value) + 1)
        odd = chance.choice([one for one in _ODD if isinstance(one, str)])
        return value[:at] + odd + value[at:]
    return chance.choice(_ODD)
