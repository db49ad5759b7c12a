"""Extractions and assertions of a step, read once. Raises BadSpec with one sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cases.engine.chain import compile_chain
from cases.engine.comparators import COMPARATORS
from cases.engine.compiled import Assertion, CompiledStep, Extraction, Text
from cases.engine.errors import BadSpec, CannotJudge
from cases.engine.extract import SOURCES, Source
from cases.engine.spec import AssertionSpec, ExtractionSpec
from cases.engine.stored_schemas import StoredSchemas
from cases.engine.templates import NAME, Call, holds_placeholder
from cases.engine.texts import bad_name, check_templates, compile_text, unknown


def compile_extractions(step: CompiledStep) -> None:
    found = []
    for number, spec in enumerate(step.spec.extractions, 1):
        if not NAME.fullmatch(spec.name):
            raise BadSpec(bad_name(spec.name))
        place = f"extraction {number} ({spec.name})"
        check_templates(spec.default, f"the default of {place}{step.place}")
        source, path, filters = _reading(spec, place, step)
        found.append(Extraction(spec, source, path, filters, f"{place}{step.place}"))
    step.extractions = found


def compile_assertions(
    step: CompiledStep, specs: Sequence[AssertionSpec], stored: StoredSchemas
) -> None:
    """The step's own, then those that modules give it."""
    found = []
    for number, spec in enumerate(specs, 1):
        if spec.comparator not in COMPARATORS:
            raise BadSpec(unknown("comparator", spec.comparator, COMPARATORS))
        source, path, filters = _reading(spec, f"assertion {number}", step)
        place = f"assertion {number}{step.place}"
        check_templates(spec.expected, place)
        templated = holds_placeholder(spec.expected)
        comparator = COMPARATORS[spec.comparator]
        prepare = stored.compile if comparator.names_schemas else comparator.prepare
        prepared = None if templated else _prepared(prepare, spec, place)
        found.append(
            Assertion(
                spec=spec,
                source=source,
                comparator=comparator,
                path=path,
                filters=filters,
                expected=spec.expected,
                prepare=prepare,
                prepared=prepared,
                place=place,
                has_placeholders=templated,
            )
        )
    step.assertions = found


def _reading(
    spec: AssertionSpec | ExtractionSpec, place: str, step: CompiledStep
) -> tuple[Source, Text | None, Sequence[Call]]:
    """The source, its path if that has placeholders, and the filters behind it."""
    if spec.source not in SOURCES:
        raise BadSpec(unknown("source", spec.source, SOURCES))
    source = SOURCES[spec.source]
    if source.needs_path and not spec.path.strip():
        raise BadSpec(f"Source {spec.source} of {place} needs a path.")
    if source.check is not None and "{{" not in spec.path:
        source.check(spec.path)
    if spec.source == "certificate":
        step.asks_certificate = True
    filters = compile_chain(spec.filters, place) if spec.filters.strip() else ()
    path = compile_text(spec.path, f"{place}{step.place}")
    return source, path if path.template.has_placeholders else None, filters


def _prepared(prepare: Callable[[Any], Any] | None, spec: AssertionSpec, place: str) -> Any:
    if prepare is None:
        return spec.expected
    try:
        return prepare(spec.expected)
    except CannotJudge as error:
        raise BadSpec(f"In {place}: {error}") from None
