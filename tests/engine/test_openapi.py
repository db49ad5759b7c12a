"""What an OpenAPI document promises, and what it does not."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.engine.errors import CannotJudge, EngineError
from cases.engine.openapi import compile_contract
from cases.engine.outcome import Outcome
from tests.engine.asking import Asking, check

ORDER = {
    "type": "object",
    "required": ["id", "password"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "integer", "minimum": 0, "exclusiveMinimum": True},
        "note": {"type": "string", "nullable": True, "enum": ["gift"]},
        "password": {"type": "string", "writeOnly": True},
        "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Order"}},
    },
}
V30: dict[str, Any] = {
    "openapi": "3.0.3",
    "servers": [
        {"url": "https://{zone}.shop.example/v1", "variables": {"zone": {"default": "eu"}}},
        {"url": "/"},
    ],
    "paths": {
        "/orders/{id}": {
            "get": {
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {
                                "schema": {"$ref": "#/components/schemas/Order"}
                            },
                            "text/*": {"schema": {"type": "string"}},
                        }
                    },
                    "404": {"$ref": "#/components/responses/Gone%20away"},
                    "5XX": {},
                }
            }
        },
        "/orders/new": {"get": {"responses": {"default": {}}}},
        "/files/{name}.{type}": {"$ref": "#/paths/~1orders~1new"},
        "/lost": {"get": {"responses": {"200": {"$ref": "#/components/none"}}}},
        "/away": {"get": {"responses": {"200": {"$ref": "https://example.org/x#/y"}}}},
        "/round": {"$ref": "#/paths/~1round"},
        "/wrong": {"get": {"responses": 5}},
    },
    "components": {
        "schemas": {"Order": ORDER},
        "responses": {
            "Gone away": {
                "content": {"application/problem+json": {"schema": {"required": ["title"]}}}
            }
        },
    },
}
V31: dict[str, Any] = {
    "openapi": "3.1.0",
    "paths": {
        "/a": {
            "get": {"responses": {"2XX": {"content": {"*/*": {"schema": {"$ref": "#/c/A"}}}}}}
        }
    },
    "c": {"A": {"type": ["object", "null"], "properties": {"n": {"exclusiveMinimum": 0}}}},
}
V20: dict[str, Any] = {
    "swagger": "2.0",
    "basePath": "/api/",
    "paths": {
        "/a": {"post": {"responses": {"201": {"schema": {"$ref": "#/definitions/A"}}}}},
    },
    "definitions": {
        "A": {
            "type": "object",
            "required": ["n"],
            "properties": {"n": {"type": "integer", "x-nullable": True}},
        }
    },
}


def exchange(asked: str, status: int, body: Any, content_type: str) -> dict[str, Any]:
    method, path = asked.split(" ")
    return {
        "method": method,
        "url": f"http://127.0.0.1:8000{path}",
        "status": status,
        "content_type": content_type,
        "body": body,
    }


JSON = "application/json; charset=utf-8"


@pytest.mark.parametrize(
    ("document", "asked", "status", "body", "content_type", "lines"),
    [
        (V30, "GET /v1/orders/5?x=1", 200, {"id": 5}, JSON, []),
        (V30, "GET /orders/5", 200, {"id": 5, "note": None}, JSON, []),
        (V30, "GET /orders/5", 200, {"id": 5, "note": "x"}, JSON, ["$.body.note: "]),
        (V30, "GET /orders/5", 200, {"id": 0}, JSON, ["$.body.id: 0 is less than or equal"]),
        (V30, "GET /orders/5", 200, {"id": 5, "parts": [{}]}, JSON, ["$.body.parts[0]: "]),
        (V30, "GET /orders/5", 200, {"id": 5, "x": 1}, JSON, ["$.body: Additional"]),
        (V30, "GET /orders/5", 200, "<a>", "text/html", []),
        (V30, "GET /orders/5", 200, "", "", ["$.content_type: GET /orders/{id} does not"]),
        (V30, "GET /orders/5", 200, "", "image/png", ["$.content_type: GET /orders/{id} does"]),
        (
            V30,
            "GET /orders/5",
            302,
            "",
            "",
            ["$.status: GET /orders/{id} does not promise 302"],
        ),
        (V30, "GET /orders/5", 503, "?", "text/plain", []),
        (V30, "GET /orders/5", 404, {}, "application/problem+json", ["$.body: "]),
        (V30, "GET /orders/5", 404, {"title": 1}, "application/problem+json", []),
        (V30, "GET /orders/new", 418, "?", "text/plain", []),
        (V30, "GET /files/a.txt", 200, "", "", []),
        (V30, "GET /files/a", 200, "", "", ["$.url: the document has no path for /files/a"]),
        (
            V30,
            "PUT /orders/5",
            200,
            "",
            "",
            ["$.method: the document has no PUT of /orders/{id}"],
        ),
        (
            V30,
            "GET /orders/5/x",
            200,
            "",
            "",
            ["$.url: the document has no path for /orders/5/x"],
        ),
        (V30, "GET /", 200, "", "", ["$.url: the document has no path for /"]),
        (V31, "GET /a", 204, None, JSON, []),
        (V31, "GET /a", 200, {"n": 0}, JSON, ["$.body.n: "]),
        (V20, "POST /api/a", 201, {"n": None}, JSON, []),
        (V20, "POST /api/a", 201, {}, JSON, ["$.body: "]),
        (V20, "POST /api/a", 400, {}, JSON, ["$.status: "]),
    ],
)
def test_promise(
    document: Any, asked: str, status: int, body: Any, content_type: str, lines: list[str]
) -> None:
    found = compile_contract(document).violations(exchange(asked, status, body, content_type))
    assert len(found) == len(lines)
    for line, beginning in zip(found, lines, strict=True):
        assert line.startswith(beginning)


@pytest.mark.parametrize(
    ("document", "asked", "reason"),
    [
        ("{", "GET /a", "The OpenAPI document is not JSON"),
        ({"openapi": "3.0.3"}, "GET /a", "An OpenAPI document is an object with paths."),
        ([], "GET /a", "An OpenAPI document is an object with paths."),
        ({"paths": {}, "servers": [5]}, "GET /a", "has the number 5 as a server"),
        (V30, "GET /lost", "has nothing at /components/none"),
        (V30, "GET /away", '"https://example.org/x#/y" leads out of the OpenAPI document.'),
        (V30, "GET /round", "The references of the OpenAPI document at /paths/~1round never"),
        (V30, "GET /wrong", "has the number 5 at /paths/~1wrong/get/responses"),
    ],
)
def test_a_document_that_is_at_fault_says_where(document: Any, asked: str, reason: str) -> None:
    with pytest.raises(CannotJudge) as raised:
        compile_contract(document).violations(exchange(asked, 200, "", ""))
    assert reason in str(raised.value)


def parts(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    found = [path] if path else []
    if isinstance(value, (dict, list)):
        for key, item in inner:
            found += (
                parts(item, (*path, key)) if isinstance(item, (dict, list)) else [(*path, key)]
            )
    return found


@given(
    at=st.sampled_from(parts(V30)),
    instead=st.sampled_from([None, 5, "x", [], {}, [5], {"x": 5}, True, "#/paths", -1]),
    asked=st.sampled_from(["GET /v1/orders/5", "GET /orders/new", "GET /files/a.b"]),
)
def test_no_document_raises_anything_but_its_own_error(
    at: tuple[Any, ...], instead: Any, asked: str
) -> None:
    document: Any = copy.deepcopy(V30)
    holder = document
    for key in at[:-1]:
        holder = holder[key]
    holder[at[-1]] = instead
    try:
        found = compile_contract(document).violations(exchange(asked, 200, {"id": 1}, JSON))
    except EngineError as error:
        assert str(error).endswith(".")
    else:
        assert all(line.startswith("$") for line in found)


def test_a_step_is_held_against_its_contract(asking: Asking) -> None:
    promised = {"type": "object", "required": ["id"]}
    document = {
        "openapi": "3.1.0",
        "paths": {
            "/json": {
                "get": {
                    "responses": {
                        "200": {"content": {"application/json": {"schema": promised}}}
                    }
                }
            }
        },
    }
    kept = check("exchange", comparator="matches_openapi", expected="{{contract}}")
    variables = {"contract": document}
    result = asking.step("/json", assertions=(kept,), variables=variables)
    assert result.outcome is Outcome.PASSED, result.message
    promised["required"] = ["id", "heart"]
    result = asking.step("/json", assertions=(kept,), variables=variables)
    assert result.outcome is Outcome.FAILED
    assert 'but it differs at $.body: "heart" is a required property.' in result.message
    other = check("status", comparator="matches_openapi", expected=document)
    result = asking.step("/json", assertions=(other,))
    assert "but it is the number 200, not an exchange" in result.message


def test_what_is_written_out_is_found_in_time() -> None:
    slow = "/" + "{a}-" * 12 + "x"
    document = {"paths": {slow: {"get": {"responses": {"default": {}}}}}}
    try:
        compile_contract(document).violations(exchange("GET /" + "-" * 2_000, 200, "", ""))
    except CannotJudge as error:
        assert "took longer than" in str(error)
