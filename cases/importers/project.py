"""What a project file says, as plain frozen data: importers return it, `save` keeps it.

Steps, rows and environments are the engine's own specs; the classes here add only what
the engine does not need to know: the tree, descriptions, tags, plans.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from cases.engine import retry
from cases.engine.spec import DefaultsSpec, EnvironmentSpec, RowSpec, SchemaSpec, StepSpec

PRIORITIES = ("P0", "P1", "P2", "P3")


class BadProject(ValueError):
    """`str(error)` is one sentence: the file, the place in the tree, the fact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableEntry:
    name: str
    value: Any = None  # None of a secret: not told, keep the one that is stored
    is_secret: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentEntry:
    spec: EnvironmentSpec
    variables: tuple[VariableEntry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSetEntry:
    name: str
    description: str = ""
    rows: tuple[RowSpec, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentEntry:
    name: str
    description: str = ""
    content_type: str = ""
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaEntry:
    name: str
    description: str = ""
    schema: Any

    def to_spec(self) -> SchemaSpec:
        return SchemaSpec(name=self.name, text=json.dumps(self.schema))


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEntry:
    name: str
    description: str = ""
    is_active: bool = True
    priority: int = 2  # index into PRIORITIES
    tags: tuple[str, ...] = ()
    variables: tuple[tuple[str, Any], ...] = ()
    dataset: str = ""  # the name of one in `Project.datasets`
    timeout_ms: int | None = None  # None: CASE_TIMEOUT_S
    retries: int = 0
    retry_pause_ms: int = retry.PAUSE_MS
    steps: tuple[StepSpec, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleEntry:
    name: str
    description: str = ""
    default_environment: str = ""
    defaults: DefaultsSpec = DefaultsSpec()
    variables: tuple[VariableEntry, ...] = ()
    cases: tuple[CaseEntry, ...] = ()
    modules: tuple[ModuleEntry, ...] = ()

    def walk(self, above: str = "") -> Iterator[tuple[str, ModuleEntry]]:
        """This module and all below it, each with its path."""
        path = f"{above}/{self.name}" if above else self.name
        yield path, self
        for module in self.modules:
            yield from module.walk(path)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanEntry:
    """A saved selection; modules and cases are named by their paths in the file."""

    name: str
    description: str = ""
    modules: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    environment: str
    variables: tuple[tuple[str, Any], ...] = ()
    never_send_twice: bool = False
    case_retries: int | None = None  # None: as many as each case says


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    name: str = ""
    variables: tuple[VariableEntry, ...] = ()
    environments: tuple[EnvironmentEntry, ...] = ()
    datasets: tuple[DataSetEntry, ...] = ()
    attachments: tuple[AttachmentEntry, ...] = ()
    schemas: tuple[SchemaEntry, ...] = ()
    modules: tuple[ModuleEntry, ...] = ()
    plans: tuple[PlanEntry, ...] = ()

    def walk(self) -> Iterator[tuple[str, ModuleEntry]]:
        """All modules, parents first, each with its path."""
        for module in self.modules:
            yield from module.walk()

    def cases(self) -> Iterator[tuple[str, CaseEntry]]:
        """All cases, each with its path."""
        for path, module in self.walk():
            for case in module.cases:
                yield f"{path}/{case.name}", case

    def at(self, written: str, actual: str) -> Project:
        """The same, with base URLs that begin with `written` moved to `actual`."""
        moved = tuple(
            replace(
                environment,
                spec=replace(
                    environment.spec,
                    base_url=actual + environment.spec.base_url.removeprefix(written),
                ),
            )
            if environment.spec.base_url.startswith(written)
            else environment
            for environment in self.environments
        )
        return replace(self, environments=moved)
