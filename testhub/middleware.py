"""Request middleware of our own."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect


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
