"""The environment of a run: a snapshot without secret values, and what becomes of it in
the memory of the worker that claims a chunk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cases import encryption
from cases.engine.auth.tokens import Tokens, TokenStore
from cases.engine.spec import CaseSpec, EnvironmentSpec
from cases.engine.values import leaves
from cases.engine.variables import Variables
from cases.models import Environment, Variable
from runs.execution.selection import PlanError
from runs.models import Run

# Keys of the record; a page shows them translated.
SCOPES = (gettext_noop("global"), gettext_noop("environment"))


class UnusableSecret(Exception):
    """A secret that cannot be read; the text names it and says why."""


def snapshot(environment: Environment) -> dict[str, Any]:
    """What `Run.environment` keeps: secrets by name and fingerprint only.

    Raises `PlanError` for a variable that cannot be read.
    """
    scopes: dict[str, dict[str, Any]] = {scope: {} for scope in SCOPES}
    secrets = []
    rows = Variable.objects.filter(module=None, environment=None)
    for variable in rows | Variable.objects.filter(environment=environment):
        scope = SCOPES[1] if variable.environment_id else SCOPES[0]
        if variable.is_secret:
            secrets.append(
                {
                    "scope": scope,
                    "name": variable.name,
                    "variable_id": variable.pk,
                    "fingerprint": encryption.fingerprint(variable.ciphertext),
                }
            )
        else:
            scopes[scope][variable.name] = _plain(variable)
    spec = environment.to_spec().to_dict()
    return {"spec": spec, "scopes": scopes, "secrets": secrets}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a case meets besides itself. Holds secret values: it lives in memory only."""

    environment: EnvironmentSpec
    scopes: dict[str, dict[str, Any]]
    plan_variables: dict[str, Any]
    module_secrets: dict[int, Any]
    secrets: frozenset[str]
    tokens: TokenStore
    # For every case; None: as many as each says.
    case_retries: int | None = None

    def variables(self, spec: CaseSpec) -> Variables:
        """Scopes from wide to narrow; the engine adds row and extracted ones itself."""
        module = dict(spec.module_variables)
        for ref in spec.module_secrets:
            if ref.variable_id in self.module_secrets:
                module[ref.name] = self.module_secrets[ref.variable_id]
        return Variables(
            (
                ("global", self.scopes["global"]),
                ("environment", self.scopes["environment"]),
                ("module", module),
                ("plan", self.plan_variables),
                ("case", dict(spec.variables)),
            ),
            self.secrets,
        )

    def retries_of(self, spec: CaseSpec) -> int:
        """How often this case is tried again."""
        return spec.retries if self.case_retries is None else self.case_retries


# For results that are recorded without being sent.
NOTHING = Surroundings(
    environment=EnvironmentSpec(),
    scopes={scope: {} for scope in SCOPES},
    plan_variables={},
    module_secrets={},
    secrets=frozenset(),
    tokens=Tokens(),
)


def surroundings(run: Run, specs: Iterable[CaseSpec], tokens: TokenStore) -> Surroundings:
    """Read and decrypt what these specs need; the worker's main thread only.

    A secret that was deleted meanwhile is an undefined variable. Raises `UnusableSecret`.
    """
    refs = run.environment["secrets"]
    module_ids = {ref.variable_id for spec in specs for ref in spec.module_secrets}
    wanted = {ref["variable_id"] for ref in refs} | module_ids
    rows = Variable.objects.filter(pk__in=wanted, is_secret=True) if wanted else ()
    values = {variable.pk: _revealed(variable) for variable in rows}
    scopes = {scope: dict(run.environment["scopes"][scope]) for scope in SCOPES}
    for ref in refs:
        if ref["variable_id"] in values:
            scopes[ref["scope"]][ref["name"]] = values[ref["variable_id"]]
    return Surroundings(
        environment=EnvironmentSpec.from_dict(run.environment["spec"]),
        scopes=scopes,
        plan_variables={name: value for name, value in run.variables},
        module_secrets={pk: values[pk] for pk in module_ids & values.keys()},
        secrets=frozenset(text for value in values.values() for text in leaves(value)),
        tokens=tokens,
        case_retries=0 if run.never_send_twice else run.case_retries,
    )


def _revealed(secret: Variable) -> Any:
    try:
        return secret.reveal()
    except encryption.UndecryptableSecret as error:
        raise UnusableSecret(f"Secret {secret.name}: {error}") from error
    except ValueError:  # without its cause: that one quotes the value
        raise UnusableSecret(f"Secret {secret.name} is not JSON.") from None


def _plain(variable: Variable) -> Any:
    try:
        return variable.reveal()
    except ValueError as error:
        raise PlanError(_("Variable %s is not JSON.") % variable.name) from error
