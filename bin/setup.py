"""Set up .venv: `python3 -m bin.setup [--dev|--demo]`, with nothing but Python installed.

mysqlclient has no wheels for Linux, so it comes last and may fail: without a compiler
testhub runs on SQLite.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bin import debian

TOP = Path(__file__).resolve().parent.parent
VENV = TOP / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)
# What a set-up has done, it has done for those behind it too.
STAMPS = (".dev-stamp", ".stamp", ".demo-stamp")
BUILD_PACKAGES = ("build-essential", "pkg-config", "libmariadb-dev", "python3-dev")


class SetupError(Exception):
    """Set-up cannot go on; its text is one sentence for the person who typed make."""


def main(arguments: list[str]) -> int:
    if sys.version_info < OLDEST:
        version = ".".join(map(str, sys.version_info[:3]))
        print(f"testhub needs Python 3.11 or later; python3 is {version}.")
        return 1
    try:
        set_up(dev="--dev" in arguments, demo="--demo" in arguments)
    except SetupError as reason:
        print(reason)
        return 1
    return 0


def set_up(*, dev: bool = False, demo: bool = False) -> None:
    """Make .venv hold what the requirements say; instant when it does already.

    `dev` adds what tests need. `demo` does not fetch a compiler for mysqlclient: a demo
    runs on SQLite, at once.
    """
    began = time.monotonic()
    stamps = [VENV / name for name in STAMPS[0 if dev else 2 if demo else 1 :]]
    digest = _digest()
    if _content(stamps[0]) == digest and _venv_works():
        return
    if not _venv_works():
        print("Making .venv")
        _make_venv()
    print("Installing Python packages", flush=True)
    lines = requirements(TOP / "requirements.txt")
    if dev:
        lines += requirements(TOP / "requirements-dev.txt")
    plain, mysqlclient = split_mysqlclient(lines)
    if failed := _pip_install(plain):
        raise SetupError(f"pip could not install the requirements: {failed}")
    _install_mysqlclient(mysqlclient, may_fetch_compiler=not demo)
    for stamp in stamps:
        stamp.write_text(digest, encoding="ascii")
    print(f"Set up in {time.monotonic() - began:.0f} s")


def requirements(path: Path) -> list[str]:
    """The pins of one file; the files that it includes are for the caller."""
    lines = (
        line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines()
    )
    return [line for line in lines if line and not line.startswith("-")]


def split_mysqlclient(lines: list[str]) -> tuple[list[str], list[str]]:
    """All but mysqlclient, and mysqlclient."""

    def is_mysqlclient(line: str) -> bool:
        return re.split(r"[^\w.-]", line)[0].lower() == "mysqlclient"

    plain = [line for line in lines if not is_mysqlclient(line)]
    return plain, [line for line in lines if is_mysqlclient(line)]


def _digest() -> str:
    names = ("requirements.txt", "requirements-dev.txt", "bin/setup.py")
    content = b"".join((TOP / name).read_bytes() for name in names)
    return hashlib.sha256(content).hexdigest()


def _content(stamp: Path) -> str:
    return stamp.read_text(encoding="ascii") if stamp.exists() else ""


def _venv_works() -> bool:
    """False too when the folder was moved or its Python has gone."""
    try:
        return _run([str(PYTHON), "-c", "import pip"]).returncode == 0
    except OSError:
        return False


def _make_venv() -> None:
    if VENV.exists():
        shutil.rmtree(VENV)
    make = [sys.executable, "-m", "venv", str(VENV)]
    if _run(make).returncode == 0:
        return
    reason = debian.install("python3-venv")
    if not reason and _run(make).returncode == 0:
        return
    with tempfile.TemporaryDirectory() as folder:
        install = [sys.executable, "-m", "pip", "install", "-q", "--target", folder]
        if _run([*install, "virtualenv"]).returncode == 0:
            start = f"import sys; sys.path.insert(0, {folder!r});"
            run = f"{start} from virtualenv.__main__ import run; run([{str(VENV)!r}])"
            if _run([sys.executable, "-c", run]).returncode == 0:
                return
    raise SetupError(
        "This Python cannot make a virtual environment: install python3-venv"
        f" ({reason or 'it is there, but does not work with ' + sys.executable})."
    )


def _pip_install(lines: list[str]) -> str:
    """Returns pip's last word when it fails, else nothing."""
    pip = [str(PYTHON), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    ended = _run([*pip, "--no-input", *lines])
    if ended.returncode == 0:
        return ""
    return (ended.stdout.strip().splitlines() or ["no reason given"])[-1]


def _install_mysqlclient(lines: list[str], *, may_fetch_compiler: bool) -> None:
    if not _pip_install(lines):
        return
    if not may_fetch_compiler:
        print("Without MySQL support, which takes a compiler: make setup tries to get one.")
        return
    reason = debian.install(*BUILD_PACKAGES)
    if not reason:
        reason = _pip_install(lines)
    if reason:
        print(f"Without MySQL support: mysqlclient cannot be built here ({reason}).")


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=TOP,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
