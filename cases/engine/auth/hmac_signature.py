"""A signature under a shared secret, by a rule that the tester writes.

The rule says what is signed; lines of headers say where the signature goes, and what else
the target needs to check it.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping

from cases.engine.auth.words import (
    WORDS,
    check_words,
    encoded,
    fill,
    read_lines,
    words_of,
)
from cases.engine.headers import check_header, with_headers
from cases.engine.messages import Request

ALGORITHMS = ("sha256", "sha1", "sha512", "md5")
ENCODINGS = ("hex", "base64")
MESSAGE = "{method}\n{path}\n{query}\n{timestamp}\n{nonce}\n{body_sha256}"
HEADERS = (
    "X-Access-Key: {key}\nX-Timestamp: {timestamp}\nX-Nonce: {nonce}\nX-Signature: {signature}"
)


def check(values: Mapping[str, str]) -> None:
    """Raises BadSpec for a word that there is not, and for a line that is no header."""
    check_words(values["message"], (*WORDS, "key"), "the message")
    check_words(values["headers"], (*WORDS, "key", "signature"), "the headers")
    read_lines(values["headers"], ":", "header")


def sign(request: Request, values: Mapping[str, str]) -> Request:
    words = words_of(request) | {"key": encoded(values["key"])}
    digest = hmac.digest(
        encoded(values["secret"]), fill(values["message"], words), values["algorithm"]
    )
    is_hex = values["encoding"] == "hex"
    words["signature"] = digest.hex().encode() if is_hex else base64.b64encode(digest)
    headers = [
        (name, fill(text, words).decode("utf-8", "surrogatepass"))
        for name, text in read_lines(values["headers"], ":", "header")
    ]
    for name, value in headers:
        check_header(name, value, " of the signature")
    return with_headers(request, headers)
