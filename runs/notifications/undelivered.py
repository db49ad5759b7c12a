from __future__ import annotations

import re
from urllib.parse import unquote

from cases.engine.eraser import eraser

# Shorter pieces of a URL are words, ports and version numbers.
SHORTEST_SECRET = 6


class Undelivered(Exception):
    """Why a message did not get through: one sentence for people, without secrets."""


def without_url(sentence: str, url: str, *, shown: str = "") -> str:
    """The sentence with *** for every piece of a channel's URL but its scheme and `shown`.

    Of a service's URL even the host may be the secret.
    """
    scheme = url.partition("://")[0]
    pieces = {url, *re.split(r"[/?#&=@:,;]+", url)}
    pieces |= {unquote(piece) for piece in pieces}
    secrets = {piece for piece in pieces if len(piece) >= SHORTEST_SECRET}
    return eraser(frozenset(secrets - {scheme, shown})).sentence(sentence)
