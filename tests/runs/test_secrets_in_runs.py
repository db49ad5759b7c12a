"""Secrets are read when a chunk is claimed; one that cannot be read is an error by name."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from django.test import override_settings

from cases.models import Environment, Variable
from runs.execution.pool import Crew
from runs.models import Run
from tests.factories import make_case, make_environment, make_module, make_run
from tests.runs.working import work_off
from tests.target import Target

pytestmark = pytest.mark.django_db

STEP = {"url": "/echo", "headers": [["X-Key", "{{key}}"]]}


def make_secret(environment: Environment, value: str, **fields: str) -> Variable:
    return Variable.objects.create(
        environment=environment, name="key", value=value, is_secret=True, **fields
    )


def sent_keys(target: Target) -> list[str | None]:
    return [asked.header("X-Key") for asked in target.requests]


def test_the_value_at_the_time_of_the_claim_is_sent(target: Target, crew: Crew) -> None:
    environment = make_environment(target.url)
    secret = make_secret(environment, "before")
    run = make_run(make_case(steps=[STEP]), environment=environment)
    secret.value = "after-the-start"
    secret.save()
    work_off(run, crew)
    assert sent_keys(target) == ["after-the-start"]


def test_a_modules_secret_hides_the_environments(target: Target, crew: Crew) -> None:
    environment = make_environment(target.url)
    make_secret(environment, "of the environment")
    module = make_module()
    Variable.objects.create(module=module, name="key", value="of the module", is_secret=True)
    work_off(make_run(make_case(module, steps=[STEP]), environment=environment), crew)
    assert sent_keys(target) == ["of the module"]


def test_a_secret_of_another_kind_keeps_its_type(target: Target, crew: Crew) -> None:
    environment = make_environment(target.url)
    make_secret(environment, "41", kind="json")
    body = {
        "method": "POST",
        "url": "/echo",
        "body_kind": "json",
        "body_text": '{"n": "{{key}}"}',
    }
    work_off(make_run(make_case(steps=[body]), environment=environment), crew)
    assert [asked.body for asked in target.requests] == [b'{"n": 41}']


def message_of(run: Run, crew: Crew) -> str:
    work_off(run, crew)
    assert run.status == "finished"
    result = run.results.get()
    assert result.outcome == "error"
    return str(result.message)


def test_a_secret_that_no_key_opens_is_named(target: Target, crew: Crew) -> None:
    environment = make_environment(target.url)
    with override_settings(ENCRYPTION_KEYS=[Fernet.generate_key().decode()]):
        make_secret(environment, "lost")
    run = make_run(make_case(steps=[STEP]), environment=environment)
    assert message_of(run, crew) == (
        "Secret key: No key of ENCRYPTION_KEYS opens this secret: put the old key back "
        "behind the new one."
    )
    assert target.requests == []


def test_a_secret_that_is_no_json_is_named_without_its_value(
    target: Target, crew: Crew
) -> None:
    environment = make_environment(target.url)
    make_secret(environment, "{s3cr3t", kind="json")  # past the form, which refuses it
    run = make_run(make_case(steps=[STEP]), environment=environment)
    assert message_of(run, crew) == "Secret key is not JSON."


def test_a_secret_that_was_deleted_meanwhile_is_an_undefined_variable(
    target: Target, crew: Crew
) -> None:
    environment = make_environment(target.url)
    secret = make_secret(environment, "gone")
    run = make_run(make_case(steps=[STEP]), environment=environment)
    secret.delete()
    assert "{{key}}" in message_of(run, crew)
    assert target.requests == []
