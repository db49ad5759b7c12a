"""What the Dockerfile, compose.yaml and the systemd units say can be done.

No container engine is needed: what the image would hold is put into a folder, and its
commands are run there.
"""

from __future__ import annotations

import configparser
import http.client
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands

from tests.installation import TOP, wait_until
from tests.servers import free_port
from tests.test_docs import SETTINGS

DOCKERFILE = (TOP / "Dockerfile").read_text(encoding="utf-8")
CMD: list[str] = json.loads(re.findall(r"^CMD (\[.*\])$", DOCKERFILE, re.M)[0])
SERVICES: dict[str, Any] = yaml.safe_load((TOP / "compose.yaml").read_text())["services"]
OURS = {name: SERVICES[name] for name in ("prepare", "web", "workers")}
UNITS = sorted((TOP / "deploy").glob("*.service"))
BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the image would hold."""
    folder = tmp_path_factory.mktemp("image")
    for source, target in re.findall(r"^COPY ([^-]\S*) (\S+)$", DOCKERFILE, re.M):
        if target.startswith("/tmp/"):  # for the build alone
            continue
        goal = folder / source if target == "./" else folder / target
        goal.parent.mkdir(exist_ok=True)
        if (TOP / source).is_dir():
            shutil.copytree(TOP / source, goal, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(TOP / source, goal)
    return folder


@pytest.fixture
def environment() -> dict[str, str]:
    """Nothing of the tests' own settings: what is missing must come from the image."""
    ours = {*SETTINGS, "ENV_FILE", "PYTHONPATH", "DJANGO_SETTINGS_MODULE"}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return kept | {"PATH": f"{BIN}:{os.environ['PATH']}", "CASE_TIMEOUT_S": "5"}


@pytest.fixture
def running(image: Path, environment: dict[str, str]) -> Iterator[Any]:
    started: list[subprocess.Popen[bytes]] = []

    def start(*command: str) -> subprocess.Popen[bytes]:
        with (image / "log").open("ab") as log:
            process = subprocess.Popen(
                command,
                cwd=image,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.mark.cluster
def test_what_the_image_holds_is_enough_to_prepare_serve_work_and_stop(
    image: Path, running: Any
) -> None:
    prepared = running(*OURS["prepare"]["command"])
    assert prepared.wait(timeout=120) == 0, (image / "log").read_text()
    assert "Sign in as admin with the password" in (image / "log").read_text()
    assert (image / "var" / ".env").stat().st_mode & 0o777 == 0o600

    port = free_port()
    web = running(*(part.replace("0.0.0.0:8000", f"127.0.0.1:{port}") for part in CMD))
    workers = running(*OURS["workers"]["command"])

    def login_page() -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", "/admin/login/")
            return connection.getresponse().read()
        except OSError:
            return b""

    wait_until(lambda: b"testhub" in login_page(), 60, (image / "log").read_text())
    notes = image / "var" / "cluster" / "running.json"
    wait_until(notes.exists, 30, (image / "log").read_text())
    for process in (web, workers):
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0, (image / "log").read_text()
    assert not notes.exists()


def test_the_image_has_all_packages_that_are_installed_with_django() -> None:
    copied = {source for source, _to in re.findall(r"^COPY ([^-]\S*) (\S+)$", DOCKERFILE, re.M)}
    allowed = set(re.findall(r"^!(.+?)/?$", (TOP / ".dockerignore").read_text(), re.M))
    assert copied == allowed
    packages = {folder.parent.name for folder in TOP.glob("*/__init__.py")}
    assert packages - {"bench", "bin", "tests"} <= copied


@pytest.mark.parametrize("name", OURS)
def test_a_service_of_compose_names_commands_and_settings_that_exist(name: str) -> None:
    service = OURS[name]
    assert set(service["environment"]) <= SETTINGS | {"FORWARDED_ALLOW_IPS"}
    assert "DATABASE_URL" in service["environment"]
    command = service.get("command", CMD)
    if command[1:2] == ["manage.py"]:
        assert command[2] in get_commands()
    elif command[0] == "python":
        assert (TOP / command[1]).is_file()
    else:
        assert command == CMD


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_starts_what_the_image_starts_and_stops_the_main_process_alone(
    path: Path,
) -> None:
    unit = configparser.ConfigParser(interpolation=None, strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(path)
    service = unit["Service"]
    program, *arguments = shlex.split(service["ExecStart"])
    if program.endswith("gunicorn"):
        assert set(arguments) - {"127.0.0.1:8000"} <= set(CMD)
    else:
        assert arguments == OURS["workers"]["command"][1:]
    assert service["KillMode"] == "mixed"
    assert service["Restart"] == "always"
