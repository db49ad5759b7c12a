"""`python -m bin.messages`: bring the Chinese catalogue up to date with the code.

Rewrites django.po, keeping every translation that is still asked for, compiles django.mo
beside it, and lists what waits for a translation. Pure Python: no gettext tools are needed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from bin.setup import TOP
from cases.engine.auth.kinds import AUTH_KINDS
from cases.engine.comparators import COMPARATORS
from cases.engine.extract import SOURCES
from cases.engine.resend import REASONS

LOCALE = "zh_Hans"
PO = TOP / "locale" / LOCALE / "LC_MESSAGES" / "django.po"
MO = PO.with_suffix(".mo")
OURS = ("cases", "runs", "testhub", "demo", "templates")
# Who brings a catalogue of its own; unfold brings none at all, so what these do not cover of
# it is ours to translate.
COVERED_BY = ("django/conf", "django/contrib/admin", "django/contrib/auth", "django_q")
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}


def main() -> int:
    """Returns how many strings wait for a translation."""
    catalog = read()
    catalog.update(template(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    # The day of the last run says nothing, and would be the only change of most of them.
    catalog.creation_date = catalog.revision_date
    PO.write_bytes(po_text(catalog))
    MO.write_bytes(compiled(catalog))
    waiting = list(untranslated(catalog))
    for message in waiting:
        print(f"waits for a translation: {message.id!r}")
    print(f"{len(catalog)} strings, {len(waiting)} of them wait for a translation")
    return len(waiting)


def read() -> Catalog:
    """The catalogue as it is kept."""
    with PO.open("rb") as file:
        return read_po(file, locale=LOCALE, abort_invalid=True)


def template() -> Catalog:
    """Every string that a page or a command of ours can ask for, without translations."""
    catalog = Catalog(locale=LOCALE)
    for folder in OURS:
        for path in sorted(Path(TOP, folder).rglob("*.*")):
            _add(catalog, path, str(path.relative_to(TOP)))
    # Shown through `_(comparator.label)`: the engine itself cannot import Django.
    for table, place in ((COMPARATORS, "comparators"), (SOURCES, "extract")):
        for entry in table.values():
            for text in filter(None, (entry.label, entry.description)):
                catalog.add(text, locations=[(f"cases/engine/{place}.py", 0)])
    for reason in REASONS.values():
        catalog.add(reason.label, locations=[("cases/engine/resend.py", 0)])
    for kind in AUTH_KINDS.values():
        labels = (kind.label, kind.description, *(field.label for field in kind.fields))
        for text in labels:
            catalog.add(text, locations=[("cases/engine/auth/kinds.py", 0)])
    covered = _covered()
    unfold = _package("unfold")
    for path in sorted(unfold.rglob("*.*")):
        _add(catalog, path, str(path.relative_to(unfold.parent)), covered)
    return catalog


def untranslated(catalog: Catalog) -> Iterator[Message]:
    """Messages without a text of their own that people could read."""
    for message in catalog:
        if message.id and (message.fuzzy or not all(texts(message.string or ""))):
            yield message


def texts(entry: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """The texts of a message's id or string, whether it has a plural or not."""
    return (entry,) if isinstance(entry, str) else tuple(entry)


def po_text(catalog: Catalog) -> bytes:
    file = BytesIO()
    write_po(file, catalog, width=96, include_lineno=False, sort_by_file=False)
    return file.getvalue()


def compiled(catalog: Catalog) -> bytes:
    file = BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def _add(
    catalog: Catalog, path: Path, place: str, covered: frozenset[object] = frozenset()
) -> None:
    for line, message, _comments, context in _messages(path):
        if (texts(message), context) in covered or not all(texts(message)):
            continue
        catalog.add(message, locations=[(place, line)], context=context)


def _messages(path: Path) -> Iterator[tuple[int, str | tuple[str, ...], list[str], str | None]]:
    """What a Python file or a template asks for."""
    if path.suffix == ".py":
        source = path.read_bytes()
    elif path.suffix in (".html", ".txt"):
        # Calls of gettext between lines of X; Python's tokenizer minds how lines begin.
        code = templatize(path.read_text(encoding="utf-8"))
        source = "\n".join(line.lstrip() for line in code.split("\n")).encode()
    else:
        return iter(())
    return extract("python", BytesIO(source), KEYWORDS, options={"encoding": "utf-8"})


def _covered() -> frozenset[object]:
    """What other packages' catalogues translate, as (id, context)."""
    found: set[object] = set()
    for name in COVERED_BY:
        package, _slash, folder = name.partition("/")
        path = _package(package) / folder / "locale" / LOCALE / "LC_MESSAGES" / "django.mo"
        with path.open("rb") as file:
            found |= {(texts(message.id), message.context) for message in read_mo(file)}
    return frozenset(found)


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise SystemExit(f"{name} is not installed: run `make setup`.")
    return Path(spec.origin).parent


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
