"""A project into rows: what has a path is created or brought up to date, never deleted.

Loading the same project twice changes nothing the second time, and says so.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils.translation import gettext as _

from cases import attachments, contents, specs
from cases.encryption import UndecryptableSecret
from cases.engine.spec import AuthSpec, DefaultsSpec
from cases.engine.values import to_json
from cases.importers.project import (
    AttachmentEntry,
    DataSetEntry,
    EnvironmentEntry,
    ModuleEntry,
    Project,
    SchemaEntry,
    VariableEntry,
)
from cases.importers.save_cases import lists, save_cases
from cases.importers.tally import Tally, place
from cases.models import (
    Attachment,
    AttachmentUse,
    Case,
    DataSet,
    Environment,
    Module,
    Schema,
    SchemaUse,
    User,
    Variable,
)

Row = TypeVar("Row", bound=models.Model)


@dataclass(slots=True)
class Saved:
    """What became of a project: the rows by their path in the file, and the counts."""

    tally: Tally = field(default_factory=Tally)
    modules: dict[str, Module] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)


def save(project: Project, *, user: User | None = None, under: Module | None = None) -> Saved:
    """Store all but the plans in one transaction, below `under` if that is given.

    Raises BadProject, with the place, for what the columns do not take.
    """
    saved = Saved()
    with transaction.atomic():
        _Saver(saved, user).save(project, under)
    return saved


class _Saver:
    def __init__(self, saved: Saved, user: User | None) -> None:
        self._saved = saved
        self._tally = saved.tally
        self._user = user

    def save(self, project: Project, under: Module | None) -> None:
        self._variables(project.variables, _("the project"))
        for environment in project.environments:
            with place("environment", environment.spec.name):
                self._environment(environment)
        for dataset in project.datasets:
            with place("dataset", dataset.name):
                self._dataset(dataset)
        for attachment in project.attachments:
            with place("attachment", attachment.name):
                self._attachment(attachment)
        for schema in project.schemas:
            with place("schema", schema.name):
                self._schema(schema)
        self._environments = {row.name: row for row in Environment.objects.all()}
        self._datasets = {row.name: row for row in DataSet.objects.all()}
        modules = self._saved.modules
        for path, entry in project.walk():
            parent = modules.get(path.rpartition("/")[0], under)
            with place("module", path):
                modules[path] = self._module(entry, parent, path)
        specs.refresh_below(modules.values())
        # Those of other projects use these too.
        specs.refresh_users(AttachmentUse, [entry.name for entry in project.attachments])
        specs.refresh_users(SchemaUse, [entry.name for entry in project.schemas])

    def _environment(self, entry: EnvironmentEntry) -> None:
        row = _stored(Environment, name=entry.spec.name)
        values = {
            name: getattr(entry.spec, name)
            for name in (
                *("base_url", "verify_tls", "ca_certificate", "proxy"),
                *("client_certificate", "client_key", "http2", "connect_timeout_ms"),
            )
        }
        self._tally.put(row, {**values, "headers": lists(entry.spec.headers)})
        self._variables(entry.variables, row.name, environment=row)

    def _dataset(self, entry: DataSetEntry) -> None:
        rows = [{"name": row.name, "values": lists(row.values)} for row in entry.rows]
        row = _stored(DataSet, name=entry.name)
        self._tally.put(row, {"description": entry.description, "rows": rows})

    def _attachment(self, entry: AttachmentEntry) -> None:
        attachments.check_size(len(entry.data))
        row = _stored(Attachment, name=entry.name)
        values: dict[str, Any] = {
            "description": entry.description,
            "content_type": entry.content_type,
        }
        if not row.pk or row.content.digest != hashlib.sha256(entry.data).hexdigest():
            values["content_id"] = contents.store(BytesIO(entry.data)).pk
        self._tally.put(row, values)

    def _schema(self, entry: SchemaEntry) -> None:
        row = _stored(Schema, name=entry.name)
        values: dict[str, Any] = {"description": entry.description}
        if not row.pk or row.schema != entry.schema:
            values["schema"] = entry.schema
            values["text"] = json.dumps(entry.schema, ensure_ascii=False, indent=2)
        self._tally.put(row, values)

    def _module(self, entry: ModuleEntry, parent: Module | None, path: str) -> Module:
        row = _stored(Module, name=entry.name, parent_key=parent.pk if parent else 0)
        environment = self._environments.get(entry.default_environment)
        self._tally.put(
            row,
            {
                "parent": parent,
                "description": entry.description,
                "default_environment": environment,
                **_default_columns(entry.defaults),
            },
        )
        self._variables(entry.variables, path, module=row)
        cases = save_cases(
            self._tally, row, path, entry.cases, datasets=self._datasets, owner=self._user
        )
        self._saved.cases.update(cases)
        return row

    def _variables(self, entries: Iterable[VariableEntry], whose: str, **owner: Any) -> None:
        for entry in entries:
            label = _("%(name)s of %(owner)s") % {"name": entry.name, "owner": whose}
            with place("variable", label):
                self._variable(entry, label, **owner)

    def _variable(self, entry: VariableEntry, label: str, **owner: Any) -> None:
        scope = Variable(**owner).scope_key()
        row = _stored(Variable, scope=scope, name=entry.name)
        for name, value in owner.items():
            setattr(row, name, value)
        is_text = isinstance(entry.value, str)
        values: dict[str, Any] = {
            "is_secret": entry.is_secret,
            "kind": Variable.Kind.TEXT if is_text else Variable.Kind.JSON,
            "value": entry.value if is_text else to_json(entry.value),
        }
        if entry.is_secret:
            if entry.value is None:
                if not row.ciphertext:
                    self._tally.missing_secrets.append(label)
                return
            if _holds(row, entry.value):
                values["value"] = ""  # keeps the secret that is stored
        self._tally.put(row, values)


def _default_columns(defaults: DefaultsSpec) -> dict[str, Any]:
    """The inverse of `cases.specs.module_defaults`."""
    auth = {"kind": defaults.auth.kind, "values": lists(defaults.auth.values)}
    return {
        "headers": lists(defaults.headers),
        "auth": auth if defaults.auth != AuthSpec() else {},
        "assertions": [assertion.to_dict() for assertion in defaults.assertions],
        "inherit_headers": defaults.inherit_headers,
        "inherit_assertions": defaults.inherit_assertions,
    }


def _holds(row: Variable, secret: Any) -> bool:
    try:
        return bool(row.ciphertext) and row.reveal() == secret
    except UndecryptableSecret:  # of an older key: the file's value replaces it
        return False


def _stored(model: type[Row], **key: Any) -> Row:
    """The row of that key, or a new one that is not saved yet."""
    return model._default_manager.filter(**key).first() or model(**key)
