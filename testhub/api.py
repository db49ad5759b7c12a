"""The root of /api/v1: who may call, and one error shape for everything that goes wrong."""

from __future__ import annotations

import logging
from typing import Any

from django.db import Error
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import ValidationError

from runs.access import Caller, Refusal, caller, no_database, no_store
from runs.api import router as runs_router

logger = logging.getLogger(__name__)


def authenticate(request: HttpRequest) -> Caller:
    return caller(request, session_reads=True)


api = NinjaAPI(title="testhub", version="1.0.0", auth=authenticate, docs_url=None)
api.add_router("/runs", runs_router)


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
