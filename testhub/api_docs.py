"""The page /api/v1/docs: Swagger UI as django-ninja brings it, from our own files."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.openapi.docs import Swagger

from testhub.middleware import security_policy


class ApiDocs(Swagger):
    template = "api_docs.html"

    def __init__(self) -> None:
        # Else Swagger UI sends the address of the schema to validator.swagger.io.
        super().__init__({"validatorUrl": None})

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        page = super().render_page(request, api, **kwargs)
        # Its style sheet draws arrows and locks from data: URLs, which can run nothing.
        page["Content-Security-Policy"] = security_policy(
            {"script-src": "'self'", "img-src": "'self' data:"}
        )
        return page
