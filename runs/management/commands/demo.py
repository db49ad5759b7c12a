from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rich.console import Console
from rich.text import Text

from cases.models import Environment
from demo import leftovers
from demo.expected import differences, expected_outcomes
from demo.process import DemoApi
from demo.record import assertions_table, modules_table
from runs import tasks
from runs.choices import Outcome, RunStatus, Trigger
from runs.management.commands.load_demo import WRITTEN_URL, demo_project, load_demo
from runs.models import Plan, Run
from runs.terminal import follow, show_record
from runs.workers import own_workers

PLAN = "Demo"


class Command(BaseCommand):
    help = _(
        "Runs the demo plan against the demo API with real workers, prints the record and "
        "leaves nothing running. Exit code 0: the record is as it should be."
    )
    requires_migrations_checks = False

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        self._console = Console()
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        # A demo is no place for the workers' log.
        os.environ.setdefault("LOG_LEVEL", "WARNING")
        mark = leftovers.mark()
        try:
            is_right = self._judge(self._run())
        except KeyboardInterrupt:
            self._say(_("Stopped."), "yellow")
            raise SystemExit(130) from None
        finally:
            left = leftovers.marked(mark)
            for pid, command in left.items():
                sentence = _("Still running: %(pid)d %(command)s")
                self._say(sentence % {"pid": pid, "command": command}, "red")
        seconds = time.monotonic() - began
        self._say(_("The demo took %.1f s. Look around: make up") % seconds)
        if left or not is_right:
            raise CommandError(_("The demo did not go as it should."), returncode=1)

    def _run(self) -> Run:
        call_command("migrate", verbosity=0, interactive=False)
        call_command("create_admin", stdout=self.stdout, stderr=self.stderr)
        with DemoApi() as api, _loaded(api.url), own_workers(settings.WORKERS):
            self._say(_("Demo API at %s; starting the workers.") % api.url)
            plan = Plan.objects.get(name=PLAN)
            run = tasks.start_plan(plan, trigger=Trigger.COMMAND)
            try:
                return follow(run, self._console)
            except BaseException:
                run.cancel()
                tasks.settle(run)
                raise

    def _judge(self, run: Run) -> bool:
        """Print the record; whether it is as it should be, result by result."""
        results = list(run.results.order_by("case_path", "row_no"))
        self._console.print(modules_table(results))
        show_record(run, self._console)
        for result in results:
            if result.outcome != Outcome.PASSED:
                self._console.print(assertions_table(result))
        actual = {(r.case_path, r.row_name): r.outcome for r in results}
        sentences = differences(expected_outcomes(demo_project()), actual)
        for sentence in sentences:
            self._say(sentence, "red")
        if run.status != RunStatus.FINISHED or sentences:
            return False
        n_failed = sum(outcome == Outcome.FAILED for outcome in actual.values())
        self._say(
            ngettext(
                "As it should be: %(all)d results, and the %(failed)d failure is on purpose.",
                "As it should be: %(all)d results, and the %(failed)d failures are on purpose.",
                n_failed,
            )
            % {"all": len(actual), "failed": n_failed},
            "bold green",
        )
        return True

    def _say(self, sentence: str, style: str = "") -> None:
        self._console.print(Text(sentence, style))


@contextmanager
def _loaded(url: str) -> Iterator[None]:
    """The demo project at `url`; afterwards where `make up` puts the demo API."""
    load_demo(url)
    try:
        yield
    finally:
        for environment in Environment.objects.filter(base_url__startswith=url):
            environment.base_url = WRITTEN_URL + environment.base_url.removeprefix(url)
            environment.save(update_fields=["base_url"])
