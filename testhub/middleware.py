"""Request middleware of our own."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.utils.translation import gettext as _

from runs.access import Refusal

# Alpine, on which the console's shell runs, evaluates attributes as script ('unsafe-eval'),
# and unfold writes its theme into a <style>. Nothing comes from another host, and a script
# that got into a page does not run.
_POLICY = {
    "default-src": "'self'",
    "script-src": "'self' 'unsafe-eval'",
    "style-src": "'self' 'unsafe-inline'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}


def security_policy(other: Mapping[str, str] | None = None) -> str:
    """The Content-Security-Policy of our pages; `other`: what one page has instead."""
    return "; ".join(f"{name} {value}" for name, value in {**_POLICY, **(other or {})}.items())


CONTENT_SECURITY_POLICY = security_policy()


class ContentSecurityMiddleware:
    """A browser runs no script in our pages but those that we serve as files."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        return response


class FragmentLoginMiddleware:
    """A page that polls with htmx and lost its session goes to the login page as a whole.

    Without this htmx follows the redirect and puts the login form into the fragment.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        asked_by_htmx = "HX-Request" in request.headers
        if asked_by_htmx and isinstance(response, HttpResponseRedirect):
            return HttpResponse(headers={"HX-Redirect": response.url})
        return response


class ApiErrorMiddleware:
    """What Django and ninja refuse below /api/ by themselves gets the API's error shape."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path.startswith("/api/"):
            return response
        if isinstance(response, HttpResponseNotAllowed):
            message = _("%s is not possible here.") % request.method
            return Refusal(405, "bad_method", message, allow=response["Allow"]).response()
        if response.status_code == 404 and request.resolver_match is None:
            return Refusal(404, "not_found", _("There is nothing here.")).response()
        response.headers.setdefault("Cache-Control", "no-store")
        return response
