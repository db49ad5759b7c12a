"""Below a keeper a probe goes through the queue's processes, and never through the queue."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django_q.brokers import get_broker
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from runs import broker as module
from runs import probe, signs
from runs.broker import Broker
from runs.probe import PROBE, PROBE_S

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> signs.Signs:
    monkeypatch.setenv(signs.VARIABLE, str(tmp_path / "signs"))
    own = signs.of_this_process()
    assert own is not None
    own.begin()
    return own


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Broker:
    monkeypatch.setattr(module.Queue, "dequeue", lambda _self: None)
    return get_broker("testhub")


def test_it_is_the_broker_of_the_settings(broker: Broker) -> None:
    assert type(broker) is Broker


@pytest.mark.usefixtures("kept")
def test_a_probe_comes_first_and_then_every_two_seconds(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [1000.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: clock[0])
    came = []
    for _step in range(5):
        came.append(broker.dequeue() is not None)
        clock[0] += PROBE_S / 2
    assert came == [True, False, True, False, True]
    assert not OrmQ.objects.exists()


def test_a_probe_leaves_its_sign_at_each_station(broker: Broker, kept: signs.Signs) -> None:
    [(confirm, package)] = broker.dequeue()
    assert kept.read().waiting_s is not None
    task = SignedPackage.loads(package)
    assert task["func"] == "runs.probe.answer"
    probe.answer()
    assert kept.read().unconfirmed_s is not None
    broker.acknowledge(confirm)
    assert kept.read().unconfirmed_s is None


def test_what_comes_from_the_queue_leaves_a_sign_too(
    broker: Broker, kept: signs.Signs, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker.dequeue()
    kept.taken()
    assert broker.dequeue() is None
    assert kept.read().waiting_s is None
    hints = [(17, "a task")]
    monkeypatch.setattr(module.Queue, "dequeue", lambda _self: hints)
    assert broker.dequeue() == hints
    assert kept.read().waiting_s is not None


def test_other_results_are_confirmed_to_the_queue(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirmed: list[Any] = []
    monkeypatch.setattr(module.Queue, "acknowledge", lambda _s, pk: confirmed.append(pk))
    broker.acknowledge(17)
    broker.acknowledge(PROBE)
    assert confirmed == [17]


@pytest.mark.usefixtures("broker")
def test_without_a_keeper_there_are_no_probes(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(signs.VARIABLE, raising=False)
    assert broker.dequeue() is None
