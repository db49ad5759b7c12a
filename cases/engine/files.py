"""Attachments as a case meets them: named in a step, frozen in its spec, bytes in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from cases.engine.compiled import CompiledStep
from cases.engine.errors import NoFile
from cases.engine.problem import Problem
from cases.engine.spec import AttachmentSpec

Contents = Mapping[str, bytes]  # by digest


class Files:
    """What the attachments of one case hold, as it was when its spec was made."""

    __slots__ = ("_contents", "_specs")

    def __init__(
        self, specs: Sequence[AttachmentSpec] = (), contents: Contents | None = None
    ) -> None:
        # str(): a stored spec may hold anything, which is a problem of the case by then
        self._specs = {str(spec.name): spec for spec in specs}
        self._contents = contents or {}

    def problems(self, step: CompiledStep) -> Iterator[Problem]:
        """Attachments that the step names and nobody has."""
        for name, place in step.attachments:
            if name not in self._specs:
                yield Problem("body", missing(name, place))

    def open(self, name: str, place: str) -> tuple[AttachmentSpec, bytes]:
        """Raises NoFile, naming the place."""
        spec = self._specs.get(name)
        if spec is None:
            raise NoFile(missing(name, place))
        data = self._contents.get(spec.digest)
        if data is None:
            raise NoFile(
                f"The content of attachment {name!r}, which {place} is to send, is gone."
            )
        return spec, data


def missing(name: str, place: str) -> str:
    return f"There is no attachment {name!r}, which {place} is to send."
