from __future__ import annotations

import re

from cases.engine.eraser import eraser

# Shorter pieces of a URL are words, ports and version numbers.
SHORTEST_SECRET = 6


class Undelivered(Exception):
    """Why a message did not get through: one sentence for people, without secrets."""


def without_url(sentence: str, url: str) -> str:
    """The sentence with *** for every piece of a channel's URL but its host and port."""
    authority_at = url.find("://") + 3
    authority = re.split(r"[/?#]", url[authority_at:])[0].rpartition("@")[2]
    pieces = {url, *re.split(r"[/?#&=@:,;]+", url)} - {authority, authority.partition(":")[0]}
    secrets = frozenset(piece for piece in pieces if len(piece) >= SHORTEST_SECRET)
    return eraser(secrets).sentence(sentence)
