"""testhub's own file: environments, variables, datasets, cases and plans in YAML.

    testhub: 1
    environments:
      - name: Local
        base_url: http://127.0.0.1:8001
        variables:
          user: demo
          password: {secret: true, value: demo-secret}
    modules:
      - name: Shop
        cases:
          - name: log in
            request: POST /login
            json: {username: "{{user}}", password: "{{password}}"}
            assert:
              - status == 200
              - $.token exists

A case of several steps has `steps:`, each with its own `request:`. The keys are those
of the engine's specs; pairs are written as a mapping, or as a list of pairs where a
name comes twice. Assertions and extractions are phrases (`phrases.py`) or mappings of
`AssertionSpec` and `ExtractionSpec`. docs/reference/project-file.md has every key.

Nothing is guessed: a key that is not known, a name that stands twice and a request that
the engine would refuse are errors with their place in the tree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from cases.engine import retry
from cases.engine.bodies import read_base64
from cases.engine.errors import BadSpec
from cases.engine.spec import DefaultsSpec, EnvironmentSpec, RowSpec, StepSpec
from cases.engine.stored_schemas import name_in
from cases.engine.templates import NAME
from cases.importers.auth import read_auth
from cases.importers.checks import read_assertions
from cases.importers.consistency import check_references, check_requests
from cases.importers.fields import Fields
from cases.importers.pairs import read_pairs
from cases.importers.project import (
    PRIORITIES,
    AttachmentEntry,
    BadProject,
    CaseEntry,
    DataSetEntry,
    EnvironmentEntry,
    ModuleEntry,
    PlanEntry,
    Project,
    SchemaEntry,
    VariableEntry,
)
from cases.importers.steps import read_step
from cases.importers.strict_yaml import BadYaml, load

VERSION = 1

Entry = TypeVar("Entry")


def parse(text: str, name: str) -> Project:
    """Read a project file; `name` is what its errors call it. Raises BadProject."""
    try:
        return read(load(text), name)
    except BadYaml as error:
        raise BadProject(f"{name}: {error}") from None


def read(document: Any, name: str) -> Project:
    """`parse()` for a file that is loaded already."""
    with Fields(document, name) as fields:
        if (version := fields.any("testhub")) != VERSION:
            sentence = _("this is format %(format)r, this testhub reads %(known)s.")
            fields.refuse(sentence, format=version, known=VERSION)
        project = Project(
            name=fields.text("name", ""),
            variables=_variables(fields),
            environments=_entries(fields, "environments", "environment", _environment),
            datasets=_entries(fields, "datasets", "dataset", _dataset),
            attachments=_entries(fields, "attachments", "attachment", _attachment),
            schemas=_entries(fields, "schemas", "schema", _schema),
            modules=_entries(fields, "modules", "module", _module),
            plans=_entries(fields, "plans", "plan", _plan),
        )
    check_references(project, name)
    check_requests(project, name)
    return project


def _entries(
    fields: Fields,
    key: str,
    kind: str,
    read: Callable[[Fields, str], Entry],
    path: str = "",
) -> tuple[Entry, ...]:
    """A list of named things, each name once; `path` is the module they stand in."""
    entries: dict[str, Entry] = {}
    file = fields.place.partition(":")[0]
    for value in fields.list(key):
        with Fields(value, f"{fields.place}, a {kind}") as inner:
            name = inner.name()
            full = f"{path}/{name}" if path else name
            inner.place = f"{file}: {kind} {full}"
            if name in entries:
                inner.refuse(_("this name stands here twice."))
            entries[name] = read(inner, full)
    return tuple(entries.values())


def _environment(fields: Fields, name: str) -> EnvironmentEntry:
    default = EnvironmentSpec()
    return EnvironmentEntry(
        spec=EnvironmentSpec(
            name=name,
            base_url=fields.text("base_url"),
            headers=read_pairs(fields, "headers"),
            verify_tls=fields.boolean("verify_tls", True),
            ca_certificate=fields.text("ca_certificate", ""),
            client_certificate=fields.text("client_certificate", ""),
            client_key=_client_key(fields),
            http2=fields.boolean("http2", False),
            proxy=fields.text("proxy", ""),
            connect_timeout_ms=fields.milliseconds("connect_timeout_ms")
            or default.connect_timeout_ms,
        ),
        variables=_variables(fields),
    )


def _client_key(fields: Fields) -> str:
    """By way of a variable: what stands here is shown to everybody."""
    key = fields.text("client_key", "").strip()
    if key and not key.startswith("{{"):
        fields.refuse(_("client_key must be a secret variable: “{{name}}”."))
    return key


def _dataset(fields: Fields, name: str) -> DataSetEntry:
    rows = fields.mapping("rows")
    for row, values in rows.items():
        if not isinstance(values, dict):
            fields.refuse(_("row “%(row)s” must be a mapping of variables."), row=row)
    return DataSetEntry(
        name=name,
        description=fields.text("description", ""),
        rows=tuple(
            RowSpec(name=row, values=tuple(values.items())) for row, values in rows.items()
        ),
    )


def _attachment(fields: Fields, name: str) -> AttachmentEntry:
    """Its content as a text, or in base64."""
    present = [key for key in ("text", "base64") if key in fields]
    if len(present) != 1:
        fields.refuse(_("exactly one of %(keys)s must stand here."), keys="text, base64")
    written = fields.text(present[0])
    try:
        data = written.encode() if "text" in fields else read_base64(written, "the content")
    except BadSpec as error:
        fields.refuse("%(error)s", error=error)
    return AttachmentEntry(
        name=name,
        description=fields.text("description", ""),
        content_type=fields.text("content_type", ""),
        data=data,
    )


def _schema(fields: Fields, name: str) -> SchemaEntry:
    if name_in(name) != name:
        fields.refuse(
            _("the name has letters from A to Z, digits, dots, dashes and underscores only.")
        )
    return SchemaEntry(
        name=name,
        description=fields.text("description", ""),
        schema=fields.any("schema"),
    )


def _module(fields: Fields, path: str) -> ModuleEntry:
    name = fields.name()
    if "/" in name:
        fields.refuse(_("a module's name cannot hold “/”: it divides paths."))
    return ModuleEntry(
        name=name,
        description=fields.text("description", ""),
        default_environment=fields.text("default_environment", ""),
        defaults=_defaults(fields),
        variables=_variables(fields),
        cases=_entries(fields, "cases", "case", _case, path),
        modules=_entries(fields, "modules", "module", _module, path),
    )


def _defaults(fields: Fields) -> DefaultsSpec:
    return DefaultsSpec(
        headers=read_pairs(fields, "headers"),
        auth=read_auth(fields),
        assertions=read_assertions(fields),
        inherit_headers=fields.boolean("inherit_headers", True),
        inherit_assertions=fields.boolean("inherit_assertions", True),
    )


def _case(fields: Fields, path: str) -> CaseEntry:
    priority = fields.text("priority", "P2")
    if priority not in PRIORITIES:
        sentence = _("priority must be one of %(all)s, not “%(value)s”.")
        fields.refuse(sentence, all=", ".join(PRIORITIES), value=priority)
    return CaseEntry(
        name=fields.name(),
        description=fields.text("description", ""),
        is_active=fields.boolean("active", True),
        priority=PRIORITIES.index(priority),
        tags=fields.names("tags"),
        variables=tuple(fields.mapping("variables").items()),
        dataset=fields.text("dataset", ""),
        timeout_ms=fields.milliseconds("timeout_ms"),
        retries=fields.number("retries", 0),
        retry_pause_ms=fields.number("retry_pause_ms", retry.PAUSE_MS),
        steps=_steps(fields),
    )


def _steps(fields: Fields) -> tuple[StepSpec, ...]:
    """`steps:`, or the one step whose keys stand in the case itself."""
    if "steps" not in fields:
        return (read_step(fields),)
    steps = []
    for number, value in enumerate(fields.list("steps"), start=1):
        with Fields(value, f"{fields.place}, step {number}") as inner:
            name = inner.text("name", "")
            timeout_ms = inner.milliseconds("timeout_ms")
            steps.append(replace(read_step(inner), name=name, timeout_ms=timeout_ms))
    return tuple(steps)


def _plan(fields: Fields, name: str) -> PlanEntry:
    return PlanEntry(
        name=name,
        description=fields.text("description", ""),
        modules=fields.names("modules"),
        cases=fields.names("cases"),
        tags=fields.names("tags"),
        environment=fields.name("environment"),
        variables=tuple(fields.mapping("variables").items()),
        never_send_twice=fields.boolean("never_send_twice", False),
        case_retries=fields.number("case_retries", 0) if "case_retries" in fields else None,
    )


def _variables(fields: Fields) -> tuple[VariableEntry, ...]:
    """`name: value`, or `name: {secret: true, value: ...}`."""
    entries = []
    for name, value in fields.mapping("variables").items():
        if not NAME.fullmatch(name):
            fields.refuse(_("“%(name)s” is not the name of a variable."), name=name)
        is_secret = isinstance(value, dict) and value.get("secret") is True
        if is_secret:
            with Fields(value, f"{fields.place}, variable {name}") as inner:
                inner.any("secret")
                value = inner.any("value", None)
        entries.append(VariableEntry(name=name, value=value, is_secret=is_secret))
    return tuple(entries)
