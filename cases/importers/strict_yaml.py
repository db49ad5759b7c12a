"""YAML with the surprises taken out: a text becomes what a JSON text could become.

* Plain scalars mean what they mean in JSON; everything else is a text. So `no`, `on`,
  `12:30`, `2026-01-31`, `007` and `1_000` stay what was typed.
* A key is the text that was typed, and stands once.
* No tags, no anchors, one document: nothing can be built that was not written out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml
from django.utils.translation import gettext as _

MAX_DEPTH = 100

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WORDS = {"null": None, "~": None, "": None, "true": True, "false": False}
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NO_KEY = object()


class BadYaml(ValueError):
    """`str(error)` is one sentence that begins with the line."""


def load(text: str) -> Any:
    """The one document in the text. Raises BadYaml."""
    builder = _Builder()
    for event in _events(text):
        builder.take(event)
    return builder.result


def _events(text: str) -> Iterator[Any]:
    try:
        yield from yaml.parse(text, _LOADER)
    except yaml.MarkedYAMLError as error:
        problem = error.problem or error.context or "this is not YAML"
        mark = error.problem_mark or error.context_mark
        place = _("line %d: ") % (mark.line + 1) if mark else ""
        raise BadYaml(f"{place}{problem}.") from None
    except yaml.YAMLError as error:  # a character that YAML does not allow
        raise BadYaml(f"{' '.join(str(error).split())}.") from None


class _Builder:
    """Puts values together from events, with a stack of its own: depth is bounded."""

    def __init__(self) -> None:
        self.result: Any = None
        self._open: list[dict[str, Any] | list[Any]] = []
        self._keys: list[Any] = []  # of each open mapping: the key that waits for a value
        self._documents = 0

    def take(self, event: Any) -> None:
        self._line = event.start_mark.line + 1
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise self._bad(_("a second document begins; a file holds one."))
        elif isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise self._bad(_("anchors (&) and aliases (*) are not used here."))
        elif isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            self._start(event)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self._open.pop()
            self._keys.pop()

    def _scalar(self, event: Any) -> None:
        if event.tag:
            raise self._bad(_("the tag %s is not used here.") % event.tag)
        if self._open and isinstance(self._open[-1], dict) and self._keys[-1] is _NO_KEY:
            self._key(event.value)
        else:
            self._put(_plain(event.value) if event.implicit[0] else event.value)

    def _key(self, key: str) -> None:
        if key in self._open[-1]:
            raise self._bad(_("the key “%s” stands here twice.") % key)
        self._keys[-1] = key

    def _start(self, event: Any) -> None:
        if event.tag:
            raise self._bad(_("the tag %s is not used here.") % event.tag)
        if self._open and isinstance(self._open[-1], dict) and self._keys[-1] is _NO_KEY:
            raise self._bad(_("a key must be a text; put a value with {{…}} in quotes."))
        if len(self._open) == MAX_DEPTH:
            raise self._bad(_("this is nested more than %d levels deep.") % MAX_DEPTH)
        value: dict[str, Any] | list[Any]
        value = {} if isinstance(event, yaml.MappingStartEvent) else []
        self._put(value)
        self._open.append(value)
        self._keys.append(_NO_KEY)

    def _put(self, value: Any) -> None:
        if not self._open:
            self.result = value
        elif isinstance(parent := self._open[-1], dict):
            parent[self._keys[-1]] = value
            self._keys[-1] = _NO_KEY
        else:
            parent.append(value)

    def _bad(self, sentence: str) -> BadYaml:
        return BadYaml(_("line %d: ") % self._line + sentence)


def _plain(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    # int() refuses more than 4,300 digits; a number of that length is a text.
    if len(text) < 400 and _NUMBER.fullmatch(text):
        return json.loads(text)
    return text
