from __future__ import annotations

from argparse import ArgumentParser
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError
from django.db import Error
from django.utils.translation import gettext as _

from cases.lookup import (
    NotFound,
    find_case,
    find_environment,
    find_module,
    find_tag,
)
from cases.models import Environment
from runs import tasks
from runs.choices import Outcome, RunStatus, Trigger
from runs.execution.repeat import left_out
from runs.execution.selection import PlanError, Selection
from runs.models import Plan, Run
from runs.reports import result_data, run_data
from runs.terminal import follow, show_record
from runs.workers import own_workers

GREEN = (Outcome.PASSED, Outcome.SKIPPED)


class Command(BaseCommand):
    help = _("Runs cases, modules or a plan and waits for the record.")
    epilog = _(
        "exit code: 0 all passed; 1 something failed, errored or was blocked; 2 bad "
        "input or nothing to run; 3 lost, cancelled, no live worker, database gone"
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        return super().create_parser(prog_name, subcommand, epilog=self.epilog, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        many: dict[str, Any] = {"action": "append", "default": []}
        parser.add_argument("--case", metavar="ID|PATH", help=_("a case"), **many)
        parser.add_argument(
            "--module", metavar="ID|PATH", help=_("a module and all below it"), **many
        )
        parser.add_argument("--tag", metavar="T", help=_("cases with this tag"), **many)
        parser.add_argument("--plan", metavar="NAME", help=_("a saved plan; stands alone"))
        parser.add_argument("--all", action="store_true", help=_("every active case"))
        parser.add_argument(
            "--failed-of",
            type=int,
            metavar="RUN",
            help=_("what failed in that run, in its environment; stands alone"),
        )
        parser.add_argument(
            "--env", metavar="NAME", help=_("environment; the default of the modules or plan")
        )
        parser.add_argument(
            "--no-wait", action="store_true", help=_("print the run's number and leave")
        )
        parser.add_argument(
            "--workers",
            type=int,
            metavar="N",
            help=_("start N workers for the time of the run"),
        )
        parser.add_argument("--json", type=Path, metavar="F", help=_("write the record"))

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            run = self._start(options)
            if options["no_wait"]:
                self.stdout.write(_("Run %d was started.") % run.pk)
                return
            workers = options["workers"]
            with own_workers(workers) if workers else nullcontext():
                run = self._wait(run)
            if options["json"]:
                self._write(run, options["json"])
        except (NotFound, PlanError) as error:
            raise CommandError(str(error), returncode=2) from error
        except Error as error:
            raise CommandError(
                _("The database did not answer: %s") % error, returncode=3
            ) from error
        self._exit(run)

    def _start(self, options: dict[str, Any]) -> Run:
        environment = find_environment(options["env"]) if options["env"] else None
        if options["workers"] is not None and options["workers"] < 1:
            raise PlanError(_("--workers %d: use 1 or more.") % options["workers"])
        file = options["json"]
        if file and (file.is_dir() or not file.absolute().parent.is_dir()):
            raise PlanError(_("--json %s: name a file in a folder that exists.") % file)
        if options["no_wait"] and (options["workers"] or file):
            raise PlanError(_("--no-wait goes with neither --workers nor --json."))
        if options["plan"]:
            return self._start_plan(options, environment)
        if options["failed_of"] is not None:
            return self._start_failed_of(options, environment)
        selection = Selection(
            case_ids=tuple(find_case(text).pk for text in options["case"]),
            module_ids=tuple(find_module(text).pk for text in options["module"]),
            tags=tuple(find_tag(name).name for name in options["tag"]),
            everything=options["all"],
        )
        if selection == Selection():
            raise PlanError(
                _("Say what to run: --case, --module, --tag, --plan, --failed-of or --all.")
            )
        return tasks.start_run(selection, environment=environment, trigger=Trigger.COMMAND)

    def _start_plan(self, options: dict[str, Any], environment: Environment | None) -> Run:
        if self._selects(options) or options["failed_of"] is not None:
            raise PlanError(_("--plan stands alone: it says itself what to run."))
        plan = Plan.objects.filter(name=options["plan"]).first()
        if plan is None:
            raise NotFound(_("There is no plan “%s”.") % options["plan"])
        return tasks.start_plan(plan, environment=environment, trigger=Trigger.COMMAND)

    def _start_failed_of(self, options: dict[str, Any], environment: Environment | None) -> Run:
        if self._selects(options):
            raise PlanError(_("--failed-of stands alone: that run says what to run."))
        run = Run.objects.select_related("plan").filter(pk=options["failed_of"]).first()
        if run is None:
            raise NotFound(_("There is no run %d.") % options["failed_of"])
        if missing := left_out(run, failed_only=True):
            self.stderr.write(missing)
        return tasks.repeat_run(
            run, environment=environment, trigger=Trigger.COMMAND, failed_only=True
        )

    def _selects(self, options: dict[str, Any]) -> bool:
        return any(options[name] for name in ("case", "module", "tag", "all"))

    def _wait(self, run: Run) -> Run:
        try:
            run = follow(run)
        except KeyboardInterrupt:
            run.cancel()
            tasks.settle(run)
            run = self._wait_for_the_last(run)
        show_record(run)
        return run

    def _wait_for_the_last(self, run: Run) -> Run:
        """Cases that are being sent end by themselves; who is in a hurry says so again."""
        try:
            return follow(run)
        except KeyboardInterrupt:
            raise SystemExit(3) from None

    def _write(self, run: Run, path: Path) -> None:
        data = run_data(run)
        rows = run.results.order_by("case_path", "row_no").iterator(chunk_size=2000)
        data["results"] = [result_data(result) for result in rows]
        draft = path.with_name(f".{path.name}.new")
        draft.write_bytes(orjson.dumps(data, option=orjson.OPT_INDENT_2))
        draft.replace(path)

    def _exit(self, run: Run) -> None:
        if run.status != RunStatus.FINISHED:
            raise SystemExit(3)
        if run.outcome not in GREEN:
            raise SystemExit(1)
