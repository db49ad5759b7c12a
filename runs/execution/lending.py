"""Contents of attachments in the memory of this process: for the cases under way, and a few
that may be wanted again.

Threads cannot read rows, so what a case sends is lent to it by the main thread. Cases that
send the same file share its bytes; no more different ones are under way than `MOST`.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict

from cases import contents
from runs.execution.work import Landed, Work

# Bytes under way in one chunk, and kept for the next one. A single larger file may pass.
MOST = 64 * 1024 * 1024


class Lending:
    """What the cases of one chunk have in their hands. Of one thread; it reads rows."""

    def __init__(self) -> None:
        self._lent: Counter[str] = Counter()
        self._sizes: dict[str, int] = {}

    def has_room(self, work: Work) -> bool:
        """Whether it may be lent what it needs now; with nothing lent, always."""
        if not work.spec.attachments:
            return True
        new = {
            file.digest: file.size
            for file in work.spec.attachments
            if file.digest not in self._sizes
        }
        if not new or not self._sizes:
            return True
        return sum(self._sizes.values()) + sum(new.values()) <= MOST

    def lend(self, work: Work) -> Work:
        """The work with the bytes that it sends. What is gone is left out: the engine says
        so."""
        if not work.spec.attachments:
            return work
        sizes = {file.digest: file.size for file in work.spec.attachments}
        self._sizes |= sizes
        self._lent.update(sizes.keys())
        found = {digest: _cache.content(digest) for digest in sizes}
        return work._replace(
            contents={key: data for key, data in found.items() if data is not None}
        )

    def take_back(self, work: Work) -> Work:
        """The work without the bytes."""
        if work.contents is None:
            return work
        for digest in {file.digest for file in work.spec.attachments}:
            self._lent[digest] -= 1
            if not self._lent[digest]:
                del self._lent[digest], self._sizes[digest]
        return work._replace(contents=None)

    def landed(self, landed: Landed) -> Landed:
        """What came of a work, ready to wait for the writer without the bytes."""
        if landed.work.contents is None:
            return landed
        return landed._replace(work=self.take_back(landed.work))


class _Cache:
    """Those read last. The threads of a web server share it; a worker has one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, bytes] = OrderedDict()

    def content(self, digest: str) -> bytes | None:
        with self._lock:
            if digest in self._kept:
                self._kept.move_to_end(digest)
                return self._kept[digest]
        data = contents.read(digest)
        if data is not None:
            with self._lock:
                self._kept[digest] = data
                self._shrink()
        return data

    def _shrink(self) -> None:
        size = sum(map(len, self._kept.values()))
        while size > MOST and len(self._kept) > 1:
            size -= len(self._kept.popitem(last=False)[1])


_cache = _Cache()
