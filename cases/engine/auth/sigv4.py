"""AWS Signature Version 4, as AWS and many S3-like stores verify it.

Signed are Host, Content-Type and all X-Amz-* headers; others may change on their way.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote

from cases.engine.headers import with_headers
from cases.engine.messages import Request

_ALGORITHM = "AWS4-HMAC-SHA256"


def sign(request: Request, values: Mapping[str, str], now: datetime) -> Request:
    """The request with its X-Amz-* headers and Authorization; `now` is in UTC."""
    at = now.strftime("%Y%m%dT%H%M%SZ")
    service = values["service"]
    payload = hashlib.sha256(request.content).hexdigest()
    added = [("X-Amz-Date", at)]
    if values["session_token"]:
        added.append(("X-Amz-Security-Token", values["session_token"]))
    if service == "s3":
        added.append(("X-Amz-Content-SHA256", payload))
    request = with_headers(request, added)
    signed = _signed(request.headers)
    names = ";".join(signed)
    path, _, query = _target(request.url).partition("?")
    canonical = "\n".join(
        [
            request.method.upper(),
            # Every service but S3 wants the path encoded once more.
            path if service == "s3" else quote(_folded(path), safe="/~"),
            "&".join(sorted(_parameters(query))),
            *(f"{name}:{value}" for name, value in signed.items()),
            "",
            names,
            payload,
        ]
    )
    scope = f"{at[:8]}/{values['region']}/{service}/aws4_request"
    digest = hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()
    key = f"AWS4{values['secret_key']}".encode("utf-8", "surrogatepass")
    for word in (at[:8], values["region"], service, "aws4_request"):
        key = hmac.digest(key, word.encode("utf-8", "surrogatepass"), "sha256")
    signature = hmac.new(
        key, f"{_ALGORITHM}\n{at}\n{scope}\n{digest}".encode(), "sha256"
    ).hexdigest()
    authorization = (
        f"{_ALGORITHM} Credential={values['access_key']}/{scope}, "
        f"SignedHeaders={names}, Signature={signature}"
    )
    return with_headers(request, [("Authorization", authorization)])


def _signed(headers: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Values by name in small letters, sorted; repeated ones joined by commas."""
    values: dict[str, list[str]] = {}
    for name, value in headers:
        lowered = name.lower()
        if lowered in ("host", "content-type") or lowered.startswith("x-amz-"):
            values.setdefault(lowered, []).append(" ".join(value.split()))
    return {name: ",".join(values[name]) for name in sorted(values)}


def _parameters(query: str) -> list[str]:
    """As they are encoded in the URL; one without a value gets its `=`."""
    return [pair if "=" in pair else f"{pair}=" for pair in query.split("&") if pair]


def _target(url: str) -> str:
    return url[url.index("/", url.index("://") + 3) :]


def _folded(path: str) -> str:
    """Without `.`, `..` and empty segments, as AWS reads it."""
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    folded = "/".join(["", *kept])
    return folded + "/" if path.endswith("/") and kept else folded or "/"
