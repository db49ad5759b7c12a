"""`/run_case` as OpenAPI describes it: a plain view, because its parameters may stand in the
query or in a form, and its errors are its own."""

from __future__ import annotations

from typing import Any

from runs.api.answers import RESULT, RUN
from runs.parameters import MAX_KEY, MAX_WAIT_S

STARTED = RUN | {
    "url": "http://127.0.0.1:8000/api/v1/runs/12",
    "page": "http://127.0.0.1:8000/admin/runs/run/12/change/",
}
# Beside `Refused` and `RunAnswer`, which the routes below /api/v1 bring.
SCHEMAS: dict[str, Any] = {
    "StartedRunAnswer": {
        "title": "StartedRunAnswer",
        "allOf": [{"$ref": "#/components/schemas/RunAnswer"}],
        "properties": {
            "url": {"type": "string", "description": "Where to ask how the run is doing."},
            "page": {"type": "string", "description": "Its page in the console."},
            "results": {
                "type": "array",
                "description": "With `case_id`, when the run has ended.",
                "items": {"$ref": "#/components/schemas/FullResultAnswer"},
            },
        },
        "required": ["url", "page"],
        "examples": [STARTED | {"results": [RESULT | {"attempts": []}]}],
    }
}
_PARAMETERS = (
    ("query", "case_id", "integer", "A case: it runs now, in the request."),
    ("query", "module_id", "integer", "A module: it and all below it run in the workers."),
    ("query", "env", "string", "An environment; else the default one of the module."),
    ("query", "wait", "integer", f"With `module_id`: seconds to wait, 0 to {MAX_WAIT_S}."),
    (
        "header",
        "Idempotency-Key",
        "string",
        f"At most {MAX_KEY} characters. For 24 hours the same key answers the same run.",
    ),
)
_REFUSALS = {
    400: "A parameter cannot be used",
    401: "No token, or one that is good for nothing",
    403: "The user lacks the permission `cases.run_case`",
    404: "No such case or module",
    409: "Nothing to run, or the Idempotency-Key was used for something else",
    503: "Busy, or the database did not answer",
}


def paths() -> dict[str, Any]:
    """`/run_case` for the `paths` of an OpenAPI document."""
    return {"/run_case": {"get": _operation("get"), "post": _operation("post")}}


def _operation(method: str) -> dict[str, Any]:
    answers = {200: "The run has ended, whatever its outcome", 202: "The run goes on"}
    return {
        "operationId": f"run_case_by_{method}",
        "summary": "Run a case or a module",
        "description": "Exactly one of `case_id` and `module_id`."
        + (" The parameters may also stand in a form." if method == "post" else ""),
        "tags": ["run"],
        "security": [{"Token": []}],
        "parameters": [
            {
                "in": place,
                "name": name,
                "schema": {"type": kind},
                "required": False,
                "description": description,
            }
            for place, name, kind, description in _PARAMETERS
        ],
        "responses": {
            **{status: _answer(said, "StartedRunAnswer") for status, said in answers.items()},
            **{status: _answer(said, "Refused") for status, said in _REFUSALS.items()},
        },
    }


def _answer(description: str, schema: str) -> dict[str, Any]:
    content = {"schema": {"$ref": f"#/components/schemas/{schema}"}}
    return {"description": description, "content": {"application/json": content}}
