"""The command `run_cases` in the process of a test."""

from __future__ import annotations

from io import StringIO

from django.core.management import CommandError, call_command


def run_cases(*arguments: str) -> tuple[int, str]:
    """The exit code and what was printed to stdout by the command itself."""
    out = StringIO()
    try:
        call_command("run_cases", *arguments, stdout=out)
    except CommandError as error:
        return error.returncode, str(error)
    except SystemExit as error:
        return int(str(error.code)), out.getvalue()
    return 0, out.getvalue()
