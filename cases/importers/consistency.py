"""What only a whole project can say: that its names point to something, that the engine
would send and judge every request."""

from __future__ import annotations

from django.utils.translation import gettext as _

from cases.engine.errors import CannotJudge
from cases.engine.spec import CaseSpec
from cases.engine.stored_schemas import stored_schemas
from cases.engine.validate import defaults_as_step, problems
from cases.importers.project import BadProject, Project


def check_references(project: Project, name: str) -> None:
    """Every name that points to something points to something in this file, which its
    errors call `name`. Raises BadProject."""
    known = {
        "environment": {entry.spec.name for entry in project.environments},
        "dataset": {entry.name for entry in project.datasets},
        "attachment": {entry.name for entry in project.attachments},
        "module": {path for path, _module in project.walk()},
        "case": {path for path, _case in project.cases()},
    }

    def check(place: str, kind: str, *wanted: str) -> None:
        for target in wanted:
            if target and target not in known[kind]:
                sentence = _("there is no %(kind)s “%(name)s”.")
                fact = sentence % {"kind": kind, "name": target}
                raise BadProject(f"{name}: {place}: {fact}")

    for path, module in project.walk():
        check(f"module {path}", "environment", module.default_environment)
    for path, case in project.cases():
        check(f"case {path}", "dataset", case.dataset)
        for step in case.steps:
            check(f"case {path}", "attachment", *step.body.attachments)
    for plan in project.plans:
        check(f"plan {plan.name}", "environment", plan.environment)
        check(f"plan {plan.name}", "module", *plan.modules)
        check(f"plan {plan.name}", "case", *plan.cases)


def check_requests(project: Project, name: str) -> None:
    """Every request is one that the engine would send, and judge. Raises BadProject."""
    schemas = tuple(entry.to_spec() for entry in project.schemas)
    for entry in project.schemas:
        try:
            stored_schemas(schemas).check(entry.name)
        except CannotJudge as error:
            raise BadProject(f"{name}: schema {entry.name}: {error}") from None
    for path, module in project.walk():
        for problem in problems(defaults_as_step(module.defaults), schemas):
            raise BadProject(f"{name}: module {path}: {problem.field}: {problem.message}")
    for path, case in project.cases():
        spec = CaseSpec(
            name=case.name,
            path=path,
            steps=case.steps,
            variables=case.variables,
            schemas=schemas,
        )
        for problem in problems(spec) if case.steps else ():
            raise BadProject(f"{name}: case {path}: {problem.field}: {problem.message}")
