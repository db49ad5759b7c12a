"""Settings parse, or the process does not start."""

from __future__ import annotations

import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from testhub import env, env_urls

KEY = "dGVzdGh1Yi10ZXN0LWtleS0zMi1ieXRlcy1sb25nISE="
WORKERS = {"minimum": 1, "maximum": 64}


@pytest.fixture(autouse=True)
def no_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins without values from a file and leaves none behind."""
    monkeypatch.setattr(env, "_from_files", {})
    monkeypatch.delenv("ENV_FILE", raising=False)


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (lambda: env.env_str("X", "a"), None, "a"),
        (lambda: env.env_str("X", "a"), "", ""),
        (lambda: env.env_str("X", "a"), " b ", "b"),
        (lambda: env.env_str("X", "INFO", choices=["INFO", "DEBUG"]), "DEBUG", "DEBUG"),
        (lambda: env.env_bool("X", True), None, True),
        (lambda: env.env_bool("X", False), "1", True),
        (lambda: env.env_bool("X", False), "True", True),
        (lambda: env.env_bool("X", True), "off", False),
        (lambda: env.env_int("X", 8, **WORKERS), None, 8),
        (lambda: env.env_int("X", 8, **WORKERS), "64", 64),
        (lambda: env.env_int("X", 8), "-3", -3),
        (lambda: env.env_float("X", 0.2, minimum=0), "0.5", 0.5),
        (lambda: env.env_list("X", ["a"]), None, ["a"]),
        (lambda: env.env_list("X", ["a"]), "", []),
        (lambda: env.env_list("X"), "b, c,,", ["b", "c"]),
        (lambda: env.env_networks("X", ["10.0.0.0/8"]), None, ["10.0.0.0/8"]),
        (lambda: env.env_networks("X", ["10.0.0.0/8"]), "", []),
        (lambda: env.env_networks("X"), "::1, fe80::/10", ["::1", "fe80::/10"]),
        (lambda: env.env_secret("X"), "s3cret", "s3cret"),
        (lambda: env.env_secret("X", required=False), None, ""),
        (lambda: env.fernet_keys("X"), f"{KEY}, {KEY}", [KEY, KEY]),
        (lambda: env.time_zone("X", "UTC"), None, "UTC"),
        (lambda: env.time_zone("X", "UTC"), "Asia/Shanghai", "Asia/Shanghai"),
        (lambda: env_urls.broker_url("X"), None, ""),
        (lambda: env_urls.broker_url("X"), "redis://h:6379/0", "redis://h:6379/0"),
        (lambda: env_urls.public_url("X", "http://a"), None, "http://a"),
        (lambda: env_urls.public_url("X", ""), "https://B.example/", "https://b.example"),
        (lambda: env_urls.public_url("X", ""), "http://[::1]:80", "http://[::1]:80"),
    ],
)
def test_a_good_value_is_read(read, text, value, monkeypatch) -> None:
    monkeypatch.delenv("X", raising=False)
    if text is not None:
        monkeypatch.setenv("X", text)
    assert read() == value
    assert type(read()) is type(value)


@pytest.mark.parametrize(
    ("read", "text", "sentence"),
    [
        (
            lambda: env.env_int("X", 8, minimum=1),
            "-3",
            "X='-3': use a whole number >= 1.",
        ),
        (lambda: env.env_int("X", 8, minimum=1), "", "X='': use a whole number >= 1."),
        (
            lambda: env.env_int("X", 8, **WORKERS),
            "65",
            "X='65': use a whole number >= 1 and <= 64.",
        ),
        (lambda: env.env_int("X", 8), "8.0", "X='8.0': use a whole number."),
        (
            lambda: env.env_float("X", 1, minimum=0),
            "nan",
            "X='nan': use a number >= 0.",
        ),
        (lambda: env.env_float("X", 1), "inf", "X='inf': use a number."),
        (lambda: env.env_float("X", 1), "1,5", "X='1,5': use a number."),
        (lambda: env.env_bool("X", True), "ja", "X='ja': use 1 or 0."),
        (
            lambda: env.env_str("X", "A", choices=["A", "B"]),
            "C",
            "X='C': use one of A, B.",
        ),
        (
            lambda: env.env_networks("X"),
            "10.0.0.0/8,10.0.0.1/8",
            "X='10.0.0.0/8,10.0.0.1/8': use networks such as 10.0.0.0/8, separated by commas "
            "(10.0.0.1/8 has host bits set).",
        ),
        (
            lambda: env.env_secret("X"),
            None,
            "X='': set it (or X_FILE); only with DEBUG=1 are keys made at first start.",
        ),
        (
            lambda: env.fernet_keys("X"),
            f"{KEY},s3cret",
            "X='***': key 2 is no Fernet key (32 bytes, urlsafe base64).",
        ),
        (
            lambda: env.time_zone("X", "UTC"),
            "Beijing",
            "X='Beijing': use a name such as UTC or Asia/Shanghai.",
        ),
        (
            lambda: env_urls.broker_url("X"),
            "amqp://u:s3cret@h/",
            "X='amqp://***@h/': use redis://host:port/number, or leave it unset.",
        ),
    ],
)
def test_a_bad_value_is_refused_with_its_name_the_value_and_what_is_allowed(
    read, text, sentence, monkeypatch
) -> None:
    monkeypatch.delenv("X", raising=False)
    if text is not None:
        monkeypatch.setenv("X", text)
    with pytest.raises(env.SettingsError) as refusal:
        read()
    assert str(refusal.value) == sentence


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:///var/db.sqlite3", {"NAME": str(env.TOP / "var/db.sqlite3")}),
        ("sqlite:////srv/db.sqlite3", {"NAME": "/srv/db.sqlite3"}),
        (
            "mysql://th:p%40ss%2Fword@db.example:3307/testhub",
            {
                "NAME": "testhub",
                "USER": "th",
                "PASSWORD": "p@ss/word",
                "HOST": "db.example",
                "PORT": "3307",
            },
        ),
        ("mysql://root@[::1]:3306/t", {"HOST": "::1", "PORT": "3306", "PASSWORD": ""}),
        ("mysql://root@localhost:3307/t", {"HOST": "127.0.0.1", "PORT": "3307"}),
        ("mysql://root@localhost/t", {"HOST": "localhost", "PORT": ""}),
    ],
)
def test_a_database_url_becomes_an_entry_of_databases(url, expected, monkeypatch) -> None:
    monkeypatch.setenv("X", url)
    entry = env_urls.database_url("X", "")
    assert {name: entry[name] for name in expected} == expected
    assert entry["ENGINE"].endswith(url.partition(":")[0].replace("sqlite", "sqlite3"))


@pytest.mark.parametrize(
    ("url", "part"),
    [
        ("postgres://u:s3cret@h/db", "PostgreSQL is not supported"),
        ("mysql://u:s3cret@h", "use sqlite:///path or mysql://"),
        ("mysql://u:s3cret@h:port/db", "use sqlite:///path or mysql://"),
        ("mysql://u:s3cret/s3cret@h/db", "special characters percent-encoded"),
        ("mysql://u:s3cret#s3cret@h/db", "special characters percent-encoded"),
        ("mysql://u:s3cret@h/db?ssl=1", "use sqlite:///path or mysql://"),
        ("sqlite://", "use sqlite:///path"),
        ("", "use sqlite:///path"),
        ("testhub.db", "use sqlite:///path"),
    ],
)
def test_a_database_url_that_cannot_work_is_refused_without_its_password(
    url, part, monkeypatch
) -> None:
    monkeypatch.setenv("X", url)
    with pytest.raises(env.SettingsError, match=part) as refusal:
        env_urls.database_url("X", "sqlite:///var/db.sqlite3")
    assert "s3cret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("X=1", "1"),
        ("export X = 1", "1"),
        ("X='a # b'", "a # b"),
        ('X="a"', "a"),
        ("X=a#b", "a#b"),
        ("X=a # b", "a"),
        ("X=a=b", "a=b"),
        ("X=", ""),
        ("# X=1", "unset"),
    ],
)
def test_a_line_of_a_file_is_read(line, value, tmp_path, monkeypatch) -> None:
    monkeypatch.delenv("X", raising=False)
    (tmp_path / ".env").write_text(f"\n{line}\n", encoding="utf-8")
    env.read_files(tmp_path / ".env")
    assert env.env_str("X", "unset") == value


def test_the_environment_wins_over_the_first_file_and_that_over_the_second(
    tmp_path, monkeypatch
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_text("A=first\nB=first\n", encoding="utf-8")
    second.write_text("A=second\nB=second\nC=second\n", encoding="utf-8")
    monkeypatch.setenv("A", "environment")
    env.read_files(first, tmp_path / "missing", second)
    assert [env.env_str(name, "") for name in "ABC"] == [
        "environment",
        "first",
        "second",
    ]


def test_env_file_stands_for_the_usual_files(tmp_path, monkeypatch) -> None:
    usual, other = tmp_path / ".env", tmp_path / "other"
    usual.write_text("A=usual\nB=usual\n", encoding="utf-8")
    other.write_text("A=other\n", encoding="utf-8")
    monkeypatch.setenv("ENV_FILE", str(other))
    env.read_files(usual)
    assert (env.env_str("A", ""), env.env_str("B", "unset")) == ("other", "unset")


def test_a_broken_file_is_refused_by_line_without_showing_it(tmp_path) -> None:
    (tmp_path / ".env").write_text("A=1\ns3cret\n", encoding="utf-8")
    with pytest.raises(env.SettingsError, match="write NAME=value on line 2") as refusal:
        env.read_files(tmp_path / ".env")
    assert "s3cret" not in str(refusal.value)


def test_a_secret_may_lie_in_a_file_of_its_own(tmp_path, monkeypatch) -> None:
    (tmp_path / "key").write_text("s3cret\n", encoding="utf-8")
    monkeypatch.setenv("X_FILE", str(tmp_path / "key"))
    assert env.env_secret("X") == "s3cret"
    monkeypatch.setenv("X", "another")
    with pytest.raises(env.SettingsError, match="X is set too, keep one"):
        env.env_secret("X")


def test_a_secret_file_that_is_missing_is_named(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("X_FILE", str(tmp_path / "key"))
    with pytest.raises(env.SettingsError, match="X_FILE=.*use a file that can be read"):
        env.env_secret("X")


def test_the_first_start_makes_keys_that_only_the_owner_can_read(tmp_path) -> None:
    path = tmp_path / "var" / ".env"
    assert env.first_start(path) is True
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(env.env_secret("SECRET_KEY")) >= 50
    Fernet(env.env_secret("ENCRYPTION_KEYS"))
    before = path.read_bytes()
    assert env.first_start(path) is False
    assert path.read_bytes() == before


def test_processes_that_start_at_once_agree_on_the_keys(tmp_path) -> None:
    with ThreadPoolExecutor(8) as threads:
        wrote = list(threads.map(env.env_file.write_keys, [tmp_path / ".env"] * 8))
    assert sorted(wrote) == [False] * 7 + [True]
    assert [path.name for path in tmp_path.iterdir()] == [".env"]


def test_a_refused_setting_is_one_line_and_exit_code_2(tmp_path) -> None:
    program = (
        "from testhub import env\n"
        "with env.main_guard():\n"
        "    env.env_int('WORKERS', 2, minimum=1)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(env.TOP),
        env={"WORKERS": "-3"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ended.returncode == 2
    assert ended.stderr == "WORKERS='-3': use a whole number >= 1.\n"
