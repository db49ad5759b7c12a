"""Reading one mapping of a project file: every key asked for once, none left over."""

from __future__ import annotations

import difflib
from typing import Any, NoReturn

from cases.importers.project import BadProject

_MISSING: Any = object()
_TYPES = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    list: "a list",
    dict: "a mapping",
}


class Fields:
    """`with Fields(value, place) as fields:` complains about keys nobody asked for.

    A place reads as "demo.yaml: case Shop/Orders/create, step 2".
    """

    def __init__(self, value: Any, place: str) -> None:
        self.place = place
        if not isinstance(value, dict):
            self.refuse(f"a mapping is expected here, not {_shown(value)}")
        self._values = value
        self._asked: set[str] = set()

    def __enter__(self) -> Fields:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
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

    def name(self) -> str:
        """The text under `name`, stripped, not empty."""
        name = self.text("name").strip()
        if not name:
            self.refuse("the name is empty")
        return name

    def boolean(self, key: str, default: bool) -> bool:
        return self._typed(key, self.any(key, default), bool)

    def milliseconds(self, key: str) -> int | None:
        value = self.any(key, None)
        if value is not None and (type(value) is not int or value < 1):
            self.refuse(f"{key} must be a whole number of at least 1, not {_shown(value)}")
        return value

    def number(self, key: str, default: int) -> int:
        value = self.any(key, default)
        if type(value) is not int or value < 0:
            self.refuse(f"{key} must be a whole number, not {_shown(value)}")
        return value

    def mapping(self, key: str) -> dict[str, Any]:
        return self._typed(key, self.any(key, {}), dict)

    def list(self, key: str) -> list[Any]:
        return self._typed(key, self.any(key, []), list)

    def texts(self, key: str) -> tuple[str, ...]:
        values = self.list(key)
        for value in values:
            if not isinstance(value, str):
                self.refuse(f"{key} holds {_shown(value)}; it must hold texts only")
        return tuple(values)

    def names(self, key: str) -> tuple[str, ...]:
        """Texts that are keys: stripped, none of them empty."""
        names = tuple(text.strip() for text in self.texts(key))
        if "" in names:
            self.refuse(f"{key} holds an empty name")
        return names

    def any(self, key: str, default: Any = _MISSING) -> Any:
        """Whatever stands there; without a default the key must."""
        self._asked.add(key)
        if key in self._values:
            return self._values[key]
        if default is _MISSING:
            self.refuse(f"the key {key!r} is missing")
        return default

    def end(self) -> None:
        """Refuse the first key that nobody asked for."""
        for key in self._values:
            if key not in self._asked:
                near = difflib.get_close_matches(key, self._asked - self._values.keys(), 1)
                hint = (
                    f"did you mean {near[0]!r}?"
                    if near
                    else f"known keys are {', '.join(sorted(self._asked))}."
                )
                raise BadProject(f"{self.place}: there is no key {key!r}; {hint}")

    def refuse(self, fact: str) -> NoReturn:
        raise BadProject(f"{self.place}: {fact}.")

    def _typed(self, key: str, value: Any, kind: type) -> Any:
        if not isinstance(value, kind):
            self.refuse(f"{key} must be {_TYPES[kind]}, not {_shown(value)}")
        return value


def _shown(value: Any) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 60 else text[:59] + "…"
