"""Where an answer sends us: the next request, by the rules of RFC 9110 and requests."""

from __future__ import annotations

from collections.abc import Collection

from cases.engine import urls
from cases.engine.errors import BadSpec
from cases.engine.messages import Request, Response

_CODES = (301, 302, 303, 307, 308)
# Describe a body that is not sent any more.
_OF_THE_BODY = (
    "content-type",
    "content-length",
    "transfer-encoding",
    "content-encoding",
)


def next_request(
    request: Request, response: Response, credentials: Collection[str] = ()
) -> Request | None:
    """The request that follows a redirect; None if this is no redirect.

    303 asks with GET, 301 and 302 turn POST into GET, 307 and 308 repeat everything.
    The headers Authorization and Cookie, and those named in `credentials` (in small
    letters), stay behind when the host, the port or the scheme changes (http to https
    on the standard ports keeps them). Raises BadSpec for a Location that cannot be asked.
    """
    if response.status not in _CODES:
        return None
    location = next((v for n, v in response.headers if n.lower() == "location"), None)
    if location is None:
        return None
    here = urls.parse(request.url)
    try:
        there = urls.parse(urls.resolve(request.url, location))
    except (BadSpec, ValueError) as error:
        raise BadSpec(
            f"The answer redirects to {location!r}, which cannot be followed: {error}"
        ) from None
    method, dropped = request.method, {"host"}
    if (
        response.status == 303
        and method != "HEAD"
        or (response.status in (301, 302) and method == "POST")
    ):
        method = "GET"
        dropped.update(_OF_THE_BODY)
    if not same_place(here, there):
        dropped.update(("authorization", "cookie", *credentials))
    headers = tuple(pair for pair in request.headers if pair[0].lower() not in dropped)
    return Request(
        method=method,
        url=there.text,
        headers=(("Host", there.authority), *headers),
        body=b"" if "content-type" in dropped else request.body,
    )


def same_place(here: urls.Url, there: urls.Url) -> bool:
    """Whether credentials for one are meant for the other too."""
    if here.origin == there.origin:
        return True
    return (
        here.host == there.host
        and (here.scheme, here.port) == ("http", 80)
        and (there.scheme, there.port) == ("https", 443)
    )
