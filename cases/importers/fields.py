"""Reading one mapping of a project file: every key asked for once, none left over."""

from __future__ import annotations

import difflib
from typing import Any, NoReturn

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.importers.project import BadProject

_MISSING: Any = object()
_TYPES = {
    str: gettext_lazy("a text"),
    bool: gettext_lazy("true or false"),
    list: gettext_lazy("a list"),
    dict: gettext_lazy("a mapping"),
}


class Fields:
    """`with Fields(value, place) as fields:` complains about keys nobody asked for.

    A place reads as "demo.yaml: case Shop/Orders/create, step 2": in the words of the
    file, so in every language.
    """

    def __init__(self, value: Any, place: str) -> None:
        self.place = place
        if not isinstance(value, dict):
            self.refuse(_("a mapping is expected here, not %(value)s."), value=_shown(value))
        self._values = value
        self._asked: set[str] = set()

    def __enter__(self) -> Fields:
        return self

    def __exit__(self, kind: object, *_error: object) -> None:
        if kind is None:
            self.end()

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def text(self, key: str, default: str = _MISSING) -> str:
        """A text. A number is one too: a name such as 404 needs no quotes."""
        value = self.any(key, default)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            value = str(value)
        return self._typed(key, value, str)

    def name(self, key: str = "name") -> str:
        """A text that is a key: stripped, not empty."""
        name = self.text(key).strip()
        if not name:
            self.refuse(_("%(key)s is empty."), key=key)
        return name

    def boolean(self, key: str, default: bool) -> bool:
        return self._typed(key, self.any(key, default), bool)

    def milliseconds(self, key: str) -> int | None:
        value = self.any(key, None)
        if value is not None and (type(value) is not int or value < 1):
            sentence = _("%(key)s must be a whole number of at least 1, not %(value)s.")
            self.refuse(sentence, key=key, value=_shown(value))
        return value

    def number(self, key: str, default: int) -> int:
        value = self.any(key, default)
        if type(value) is not int or value < 0:
            sentence = _("%(key)s must be a whole number, not %(value)s.")
            self.refuse(sentence, key=key, value=_shown(value))
        return value

    def mapping(self, key: str) -> dict[str, Any]:
        return self._typed(key, self.any(key, {}), dict)

    def list(self, key: str) -> list[Any]:
        return self._typed(key, self.any(key, []), list)

    def texts(self, key: str) -> tuple[str, ...]:
        values = self.list(key)
        for value in values:
            if not isinstance(value, str):
                sentence = _("%(key)s holds %(value)s; it must hold texts only.")
                self.refuse(sentence, key=key, value=_shown(value))
        return tuple(values)

    def names(self, key: str) -> tuple[str, ...]:
        """Texts that are keys: stripped, none of them empty."""
        names = tuple(text.strip() for text in self.texts(key))
        if "" in names:
            self.refuse(_("%(key)s holds an empty name."), key=key)
        return names

    def any(self, key: str, default: Any = _MISSING) -> Any:
        """Whatever stands there; without a default the key must."""
        self._asked.add(key)
        if key in self._values:
            return self._values[key]
        if default is _MISSING:
            self.refuse(_("the key “%(key)s” is missing."), key=key)
        return default

    def end(self) -> None:
        """Refuse the first key that nobody asked for."""
        for key in self._values:
            if key not in self._asked:
                near = difflib.get_close_matches(key, self._asked - self._values.keys(), 1)
                sentence = (
                    _("there is no key “%(key)s”; did you mean “%(known)s”?")
                    if near
                    else _("there is no key “%(key)s”; known keys are %(known)s.")
                )
                self.refuse(sentence, key=key, known=", ".join(near or sorted(self._asked)))

    def refuse(self, sentence: str, **facts: object) -> NoReturn:
        """Raises BadProject: the place, then the sentence with its facts filled in."""
        raise BadProject(f"{self.place}: {sentence % facts}")

    def _typed(self, key: str, value: Any, kind: type) -> Any:
        if not isinstance(value, kind):
            sentence = _("%(key)s must be %(type)s, not %(value)s.")
            self.refuse(sentence, key=key, type=_TYPES[kind], value=_shown(value))
        return value


def _shown(value: Any) -> str:
    text = _("nothing") if value is None else repr(value)
    return text if len(text) <= 60 else text[:59] + "…"
