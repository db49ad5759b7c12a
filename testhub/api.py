"""The root of /api/v1: who may call, and one error shape for everything that goes wrong."""

from __future__ import annotations

import logging
from typing import Any

from django.db import Error
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from runs.access import Caller, Refusal, caller, no_database, no_store
from runs.api import router, run_case
from testhub.api_docs import ApiDocs

logger = logging.getLogger(__name__)


DESCRIPTION = """
Start runs, ask how they are doing, read their results.

Send an API token (console, **API tokens**) as `Authorization: Bearer th_...`; it acts as its
user. A browser that has signed in to the console needs none.
"""


class Token:
    """Who calls, by token or by session; says so in the OpenAPI description too."""

    openapi_security_schema = {"type": "http", "scheme": "bearer"}
    # Lets the page of the API send the CSRF token of a browser that has signed in.
    csrf = True

    def __call__(self, request: HttpRequest) -> Caller:
        return caller(request, session_reads=True)


class Api(NinjaAPI):
    """With short names for the operations, and with `/run_case`, which stands beside it."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**options)
        schema["paths"] = run_case.paths() | schema["paths"]
        schema["components"]["schemas"] |= run_case.SCHEMAS
        return schema


api = Api(
    title="testhub", version="1.0.0", description=DESCRIPTION, auth=Token(), docs=ApiDocs()
)
api.add_router("", router)


@api.exception_handler(Refusal)
def _refused(request: HttpRequest, refusal: Any) -> HttpResponse:
    response: HttpResponse = refusal.response()
    return response


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: Any) -> HttpResponse:
    first = error.errors[0]
    place = ".".join(str(part) for part in first["loc"])
    return Refusal(400, "bad_parameter", f"{place}: {first['msg']}").response()


@api.exception_handler(Http404)
def _not_found(request: HttpRequest, error: Any) -> HttpResponse:
    return no_store(Refusal(404, "not_found", _("There is nothing here.")).response())


@api.exception_handler(Error)
def _unavailable(request: HttpRequest, error: Any) -> HttpResponse:
    logger.error("A call of %s met a database that does not answer.", request.path)
    return no_database().response()
