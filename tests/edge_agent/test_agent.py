"""The real agent with a real broker and a real receiver: killed as it likes, each record once."""

from __future__ import annotations

import collections
import os
import random
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from protocol import cbor, topics, wire
from protocol.shapes import Taken, Verdicts
from simulator import fleet, receiver
from simulator.agent import Agent, scandock
from simulator.broker import Broker
from simulator.loopback import free_port
from simulator.receiver import ReceiverProcess
from tests.edge_agent.words import BOOT, announcement, code, octets, scan, up

SITE = "demo"
AT_MOST_S = 30.0


def until(done: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + AT_MOST_S
    while not done():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.02)


@pytest.fixture
def host(tmp_path: Path) -> Iterator[ReceiverProcess]:
    """Loses an answer now and then, after it applied the parcel."""
    process = ReceiverProcess(tmp_path / "host.jsonl", faults="lost@2,half@4,500@5,html@6")
    process.start()
    yield process
    process.kill()


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def agent(tmp_path: Path, port: int, host: ReceiverProcess) -> Iterator[Agent]:
    one = Agent(tmp_path / "agent", SITE, port, free_port(), host.url)
    yield one
    one.kill()


@pytest.fixture
def own_broker(tmp_path: Path, port: int, agent: Agent, mosquitto_program: str) -> Iterator[Broker]:
    """With the settings that `scandock agent init` wrote."""
    with Broker(tmp_path, config=agent.broker_config, port=port) as running:
        yield running


def ready(agent: Agent) -> None:
    until(lambda: bool(agent.health().get("ok")), f"the agent: {agent.health()}")


def forwarded(agent: Agent) -> bool:
    return all(one["behind"] == 0 for one in agent.health().get("receivers", [{"behind": 1}]))


@pytest.mark.usefixtures("own_broker")
def test_killed_and_started_again_each_record_is_booked_once_and_forwarded_once(
    agent: Agent, host: ReceiverProcess, port: int
) -> None:
    cradles = fleet.cradles(random.Random(3), count=4, messages=150, records=16)
    agent.start()
    ready(agent)
    runs: list[fleet.Run] = []
    load = fleet.Fleet(port, SITE, cradles, rate=300)
    sending = threading.Thread(target=lambda: runs.append(load.run(AT_MOST_S)))
    sending.start()
    for _ in range(3):
        time.sleep(0.4)
        agent.kill()
        agent.start()
        ready(agent)
    sending.join()
    until(lambda: forwarded(agent), "the host")

    assert runs[0].complete
    due = {(one.device, seq) for one in cradles for seq in range(one.messages[-1].until)}
    booked = collections.Counter((record["device"], record["seq"]) for record in agent.booked())
    told = collections.Counter((one.cradle, one.seq) for one in receiver.forwarded(host.ledger))
    assert booked.keys() == told.keys() == due
    assert set(booked.values()) == set(told.values()) == {1}
    assert {record["decision"] for record in agent.booked()} == {"PASS"}
    assert agent.verify()
    # The store can be looked at, however the agent ended.
    count = sum(booked.values())
    agent.kill()
    assert (agent.verify(), len(list(agent.booked()))) == (True, count)
    agent.start()
    ready(agent)
    assert agent.stop() == 0
    assert (agent.verify(), len(list(agent.booked()))) == (True, count)


@pytest.mark.usefixtures("own_broker")
def test_a_cradle_is_told_what_is_on_disk_and_then_what_to_do(agent: Agent, port: int) -> None:
    heard: list[Taken | Verdicts] = []
    cradle = paho.Client(CallbackAPIVersion.VERSION2)
    cradle.on_message = lambda _client, _data, message: heard.append(
        wire.read_down(cbor.loads(message.payload))
    )
    cradle.connect("127.0.0.1", port)
    cradle.subscribe(topics.topic(SITE, "cradle-1", topics.DOWN), 1)
    cradle.loop_start()
    agent.start()
    ready(agent)

    cradle.publish(up(), octets(scan(0, code(1)), scan(1, code(1)), scan(2, b"what")), 1)
    until(lambda: len(heard) == 2, "an answer")
    due = [Taken(BOOT, 3), Verdicts(BOOT, 0, bytes.fromhex("0100 0428 0314"))]
    assert heard == due

    # What an answer's loss brings: the batch once more, cut in another way.
    cradle.publish(up(), octets(scan(1, code(1)), scan(2, b"what"), scan(3, code(3))), 1)
    until(lambda: len(heard) == 4, "an answer")
    assert heard[2:] == [Taken(BOOT, 4), Verdicts(BOOT, 1, bytes.fromhex("0428 0314 0100"))]

    # An agent that was killed finds the retained state, and repeats what may have been lost.
    state = topics.topic(SITE, "cradle-1", topics.STATE)
    cradle.publish(state, announcement(), 1, retain=True).wait_for_publish(AT_MOST_S)
    until(lambda: len(heard) == 6, "an answer to the announcement")
    agent.kill()
    agent.start()
    until(lambda: len(heard) == 8, "an answer after the restart")
    whole = [Taken(BOOT, 4), Verdicts(BOOT, 0, bytes.fromhex("0100 0428 0314 0100"))]
    assert heard[4:6] == heard[6:] == whole

    cradle.publish(up(), b"\xff", 1)
    until(lambda: agent.health()["quarantine"] == 1, "the quarantine")
    cradle.disconnect()
    cradle.loop_stop()


def test_without_a_broker_it_says_so_and_goes_on_when_one_comes(
    agent: Agent, tmp_path: Path, port: int, mosquitto_program: str
) -> None:
    agent.start()
    until(lambda: "no broker" in str(agent.health().get("broker")), "the health page")
    assert agent.health()["ok"] is False

    with Broker(tmp_path, config=agent.broker_config, port=port):
        ready(agent)
        assert (agent.health()["broker"], agent.health()["store"]) == ("connected", "ok")
        assert agent.stop() == 0


def test_a_second_agent_on_the_same_store_is_refused(
    agent: Agent, tmp_path: Path, host: ReceiverProcess
) -> None:
    agent.start()
    until(lambda: bool(agent.health()), "the health page")

    def run(settings: Path) -> subprocess.CompletedProcess[str]:
        command = scandock("agent", "run", "-c", str(settings))
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)

    same_port = run(agent.config)
    assert same_port.returncode == 2
    assert "cannot listen on 127.0.0.1" in same_port.stderr

    other = tmp_path / "agent" / "other.toml"
    text = agent.config.read_text()
    taken = next(line for line in text.splitlines()[::-1] if line.startswith("port = "))
    other.write_text(text.replace(taken, f"port = {free_port()}"))
    same_store = run(other)
    assert same_store.returncode == 2
    assert "another process writes this store" in same_store.stderr
    assert "Traceback" not in same_port.stderr + same_store.stderr


def test_it_takes_little_memory(agent: Agent) -> None:
    agent.start()
    until(lambda: bool(agent.health()), "the health page")

    pages = int(Path(f"/proc/{agent.pid}/statm").read_text().split()[1])

    assert pages * os.sysconf("SC_PAGE_SIZE") < 100e6
