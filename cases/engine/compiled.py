"""What compiling makes of a spec: templates cut, patterns checked, problems listed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from cases.engine.auth.kinds import AuthKind
from cases.engine.comparators import Comparator
from cases.engine.extract import Source
from cases.engine.json_body import JsonTemplate
from cases.engine.problem import Problem
from cases.engine.spec import AssertionSpec, ExtractionSpec, StepSpec
from cases.engine.templates import Call, Template
from cases.engine.urls import Url


class Text(NamedTuple):
    """A template and where it stands, for the sentence when it has no value."""

    template: Template
    place: str


class AttachmentUse(NamedTuple):
    """An attachment that a body is to send, and where its name stands."""

    name: str
    place: str


class NamedText(NamedTuple):
    name: Text
    value: Text


class Part(NamedTuple):
    """One part of a multipart body."""

    name: Text
    value: Text
    filename: Text
    content_type: Text
    kind: str


# Read many times in every case: an attribute in a slot costs a tenth of a named tuple's.
@dataclass(frozen=True, slots=True)
class Extraction:
    spec: ExtractionSpec
    source: Source
    path: Text | None  # None: without placeholders, as the spec has it
    filters: Sequence[Call]
    place: str


@dataclass(frozen=True, slots=True)
class Assertion:
    spec: AssertionSpec
    source: Source
    comparator: Comparator
    path: Text | None  # None: without placeholders, as the spec has it
    filters: Sequence[Call]
    expected: Any
    # Makes of the expected value what the comparator wants.
    prepare: Callable[[Any], Any] | None
    prepared: Any  # what it makes of `expected`, if that has no placeholders
    place: str
    has_placeholders: bool


@dataclass(slots=True)
class CompiledStep:
    spec: StepSpec
    place: str  # " of step 2", or empty for a step on its own
    problems: list[Problem] = field(default_factory=list)
    url: Text | None = None
    has_fixed_url: bool = False  # no placeholders in it and its parameters
    # What build.py made of a fixed URL last, and the base URL it is for.
    fixed_url: tuple[str, Url] | None = None
    path_params: Sequence[NamedText] = ()
    params: Sequence[NamedText] = ()
    default_headers: Sequence[NamedText] = ()  # of the modules
    headers: Sequence[NamedText] = ()
    cookies: Sequence[NamedText] = ()
    auth_kind: AuthKind | None = None  # None: nothing is sent to say who is asking
    auth: Mapping[str, Text] = field(default_factory=dict)
    body: Text | None = None
    json_body: JsonTemplate | None = None  # or the variables of a GraphQL body
    fields: Sequence[NamedText] = ()
    parts: Sequence[Part] = ()
    attachments: Sequence[AttachmentUse] = ()
    extractions: Sequence[Extraction] = ()
    assertions: Sequence[Assertion] = ()
    asks_certificate: bool = False


@dataclass(slots=True)
class CompiledCase:
    steps: Sequence[CompiledStep]
    problems: Sequence[Problem]  # of the case itself, not of its steps
    is_sound: bool  # nowhere a problem, whatever attachments there are
