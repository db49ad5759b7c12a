"""Words in braces that a signing rule is written with: {method}, {timestamp} ..."""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from collections.abc import Collection, Mapping
from email.utils import formatdate

from cases.engine.errors import BadSpec
from cases.engine.messages import Request
from cases.engine.plain_data import Pairs

_WORD = re.compile(rb"(?<!\{)\{([a-z_0-9]+)\}(?!\})")  # {{name}} is a placeholder

# What a request says of itself, and what is new in each.
WORDS = (
    *("method", "host", "path", "query", "url"),
    *("body", "body_md5", "body_sha256"),
    *("timestamp", "timestamp_ms", "date", "nonce"),
)


def words_of(request: Request) -> dict[str, bytes]:
    """The value of every one of WORDS, for this request and this moment."""
    target = request.url[request.url.index("/", request.url.index("://") + 3) :]
    path, _, query = target.partition("?")
    now = time.time()
    host = next((value for name, value in request.headers if name.lower() == "host"), "")
    texts = {
        "method": request.method,
        "host": host,
        "path": path,
        "query": query,
        "url": request.url,
        "body_md5": hashlib.md5(request.content, usedforsecurity=False).hexdigest(),
        "body_sha256": hashlib.sha256(request.content).hexdigest(),
        "timestamp": str(int(now)),
        "timestamp_ms": str(int(now * 1000)),
        "date": formatdate(now, usegmt=True),
        "nonce": secrets.token_hex(16),
    }
    return {"body": request.content, **{name: encoded(text) for name, text in texts.items()}}


def fill(rule: str, words: Mapping[str, bytes]) -> bytes:
    """The rule with its words replaced; what comes in is not looked at again."""
    return _WORD.sub(lambda match: words.get(match[1].decode(), match[0]), encoded(rule))


def check_words(rule: str, known: Collection[str], place: str) -> None:
    """Raises BadSpec for a word in braces that there is not."""
    for found in _WORD.findall(encoded(rule)):
        if (word := found.decode()) not in known:
            raise BadSpec(
                f"There is no word {{{word}}} for {place}; known are "
                f"{', '.join(f'{{{name}}}' for name in known)}."
            )


def read_lines(text: str, mark: str, what: str) -> Pairs:
    """`name MARK value` line by line. Raises BadSpec for a line without the mark."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for line in lines:
        if mark not in line:
            raise BadSpec(f"{line!r} is not a {what}: write name{mark} value.")
    cut = [line.partition(mark) for line in lines]
    return tuple((name.strip(), value.strip()) for name, _mark, value in cut)


def encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
