"""Set-up without a network: what it installs, in which order, and when nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bin import debian, setup


@pytest.fixture
def house(tmp_path, monkeypatch) -> Path:
    """A place to set up in, with a pip that only writes down what it was asked for."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "setup.py").touch()
    (tmp_path / "requirements.txt").write_text(
        "Django==5.2\nmysqlclient==2.3.1  # from source\n", encoding="utf-8"
    )
    (tmp_path / "requirements-dev.txt").write_text(
        "-r requirements.txt\npytest==9.2.0\n", encoding="utf-8"
    )
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(
        "#!/bin/sh\n"
        'case "$*" in *install*) echo "$*" >> "$0.log" ;; esac\n'
        'case "$*" in *mysqlclient*) test -e "$0.compiler" ;; esac\n',
        encoding="ascii",
    )
    python.chmod(0o755)
    monkeypatch.setattr(setup, "TOP", tmp_path)
    monkeypatch.setattr(setup, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(setup, "PYTHON", python)
    monkeypatch.setattr(debian, "install", lambda *packages: "only root may")
    return tmp_path


def asked_for(house: Path) -> list[str]:
    log = house / ".venv" / "bin" / "python.log"
    lines = log.read_text(encoding="ascii").splitlines() if log.exists() else []
    return [line.partition("--no-input ")[2] for line in lines]


def test_mysqlclient_comes_last_and_without_a_compiler_it_is_left_out_in_one_line(
    house, capsys
) -> None:
    setup.set_up()
    assert asked_for(house) == ["Django==5.2", "mysqlclient==2.3.1"]
    said = [line for line in capsys.readouterr().out.splitlines() if "MySQL" in line]
    assert len(said) == 1
    assert "only root may" in said[0]


def test_a_compiler_from_debian_is_tried_once(house, capsys, monkeypatch) -> None:
    def install(*packages: str) -> str:
        assert "libmariadb-dev" in packages
        (house / ".venv" / "bin" / "python.compiler").touch()
        return ""

    monkeypatch.setattr(debian, "install", install)
    setup.set_up(dev=True)
    assert asked_for(house) == [
        "Django==5.2 pytest==9.2.0",
        "mysqlclient==2.3.1",
        "mysqlclient==2.3.1",
    ]
    assert "MySQL" not in capsys.readouterr().out


def test_a_demo_fetches_no_compiler_and_a_set_up_after_it_does(
    house, capsys, monkeypatch
) -> None:
    fetched: list[str] = []
    monkeypatch.setattr(debian, "install", lambda *packages: fetched.extend(packages) or "no")
    setup.set_up(demo=True)
    setup.set_up(demo=True)
    assert asked_for(house) == ["Django==5.2", "mysqlclient==2.3.1"]
    assert capsys.readouterr().out.count("Without MySQL support") == 1
    assert not fetched
    setup.set_up()
    assert "libmariadb-dev" in fetched


def test_the_second_time_nothing_is_installed_until_a_pin_changes(house, capsys) -> None:
    setup.set_up(dev=True)
    before = asked_for(house)
    setup.set_up(dev=True)
    setup.set_up()
    assert asked_for(house) == before
    with (house / "requirements.txt").open("a", encoding="utf-8") as pins:
        pins.write("rich==15.0.0\n")
    setup.set_up()
    assert asked_for(house)[len(before)] == "Django==5.2 rich==15.0.0"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may install packages")
def test_without_root_nothing_is_asked_of_apt() -> None:
    assert debian.install("redis-server").startswith(("only root may", "there is no"))


def test_an_old_python_is_refused_in_one_sentence(monkeypatch, capsys) -> None:
    monkeypatch.setattr(setup.sys, "version_info", (3, 9, 2))
    assert setup.main([]) == 1
    assert capsys.readouterr().out == (
        "testhub needs Python 3.11 or later; python3 is 3.9.2.\n"
    )


@pytest.mark.parametrize("program", ["setup", "debian", "demo"])
def test_what_runs_before_set_up_needs_only_the_standard_library(program) -> None:
    code = f"import sys; sys.path.insert(0, {str(setup.TOP)!r}); import bin.{program}"
    ended = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
