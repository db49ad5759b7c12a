"""Who calls over HTTP, and how a call is refused: one error shape for every URL."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.translation import gettext as _

from cases.models import User
from runs.models import ApiToken

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class Refusal(Exception):
    """A call that is answered with an error: `{"error": {"code", "message"}}`."""

    def __init__(self, status: int, code: str, message: str, *, allow: str = "") -> None:
        """`allow`: with 405 the methods that there are."""
        super().__init__(message)
        self.allow = allow
        self.status = status
        self.code = code
        self.message = message

    def response(self) -> JsonResponse:
        body = {"error": {"code": self.code, "message": self.message}}
        response = JsonResponse(body, status=self.status)
        if self.status == 401:
            response["WWW-Authenticate"] = 'Bearer realm="testhub"'
        if self.allow:
            response["Allow"] = self.allow
        return no_store(response)


@dataclass(frozen=True, slots=True)
class Caller:
    user: User
    token: ApiToken | None = None

    def must_have(self, permission: str) -> None:
        """Raises `Refusal` (403)."""
        if not self.user.has_perm(permission):
            raise Refusal(
                403,
                "forbidden",
                _("User %(user)s lacks the permission %(permission)s.")
                % {"user": self.user.get_username(), "permission": permission},
            )


def caller(request: HttpRequest, *, session_reads: bool = False) -> Caller:
    """By the token of the Authorization header; else by a session.

    A session counts for a POST with its CSRF token; for reading only where the caller of
    this function says so, because a link on a foreign page would start work. Raises
    `Refusal` (401, 403).
    """
    header = request.headers.get("Authorization", "")
    if header:
        return _by_token(header)
    if request.user.is_authenticated:
        if request.method in SAFE_METHODS:
            if session_reads:
                return Caller(request.user)
        else:
            _check_csrf(request)
            return Caller(request.user)
    raise Refusal(
        401, "unauthenticated", _("Send “Authorization: Bearer TOKEN” with an API token.")
    )


def no_database() -> Refusal:
    return Refusal(503, "unavailable", _("The database did not answer; try again."))


def no_store(response: JsonResponse) -> JsonResponse:
    response["Cache-Control"] = "no-store"
    return response


def _by_token(header: str) -> Caller:
    scheme, _space, text = header.partition(" ")
    if scheme.lower() != "bearer" or not text.strip():
        raise Refusal(
            401, "unauthenticated", _("The Authorization header is not “Bearer TOKEN”.")
        )
    token = ApiToken.find(text.strip())
    if token is None:
        raise Refusal(
            401, "unauthenticated", _("This token is unknown, expired or its user is disabled.")
        )
    return Caller(token.user, token)


def _check_csrf(request: HttpRequest) -> None:
    def view(_request: HttpRequest) -> HttpResponseBase:
        return JsonResponse({})

    check = CsrfViewMiddleware(view)
    check.process_request(request)
    # The views are csrf_exempt, because a token needs none; this asks in their stead.
    if check.process_view(request, view, (), {}) is not None:
        raise Refusal(403, "csrf", _("A session needs its CSRF token in X-CSRFToken."))
