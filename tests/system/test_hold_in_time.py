"""A hold reaches the cradle in time: it refuses the pack by itself, with the agent gone."""

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from protocol import cbor, topics, wire
from protocol.shapes import Holds
from simulator.agent import scandock
from simulator.station import SITE, Station

REACHED_S = 2.0
PATIENCE_S = 20.0

HELD = "89999999000000000018"
FREE = "89999999000000000025"


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    with Station(tmp_path, cradles=1) as running:
        running.wait_until_ready()
        yield running


@pytest.fixture
def lists(station: Station) -> Iterator[list[Holds]]:
    """The lists of held units that the cradle was told, as they come."""
    heard: list[Holds] = []

    def hear(_client: object, _data: object, message: mqtt.MQTTMessage) -> None:
        told = wire.read_down(cbor.loads(message.payload))
        if isinstance(told, Holds):
            heard.append(told)

    listener = mqtt.Client(CallbackAPIVersion.VERSION2)
    listener.on_message = hear
    listener.connect("127.0.0.1", station.broker.port)
    listener.subscribe(topics.topic(SITE, station.places[0].device, topics.DOWN), 1)
    listener.loop_start()
    yield heard
    listener.disconnect()
    listener.loop_stop()


def until(done: Callable[[], bool], what: str, at_most_s: float = PATIENCE_S) -> None:
    end = time.monotonic() + at_most_s
    while not done():
        assert time.monotonic() < end, f"waited {at_most_s} s in vain for {what}"
        time.sleep(0.01)


def hold(station: Station, *words: str) -> None:
    command = scandock("hold", *words, "-c", str(station.agent.config), "--why", "a test")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def read(station: Station, code: str) -> None:
    station.places[0].engine.put(b"]C0" + code.encode() + b"\r")


@pytest.mark.requirement("C02")
def test_a_hold_reaches_the_cradle_in_time_and_needs_no_agent_there(
    station: Station, lists: list[Holds]
) -> None:
    place = station.places[0]
    read(station, FREE)
    until(lambda: place.answers == ["GOOD"], "the first light")

    hold(station, "place", "--code", HELD, "--reason", "recalled")
    until(lambda: len(lists) == 1, "the list at the cradle", REACHED_S)
    assert lists[0].names == [bytes.fromhex(HELD)]

    station.agent.kill()
    read(station, HELD)
    until(lambda: place.answers == ["GOOD", "HOLD"], "the cradle's own word", REACHED_S)

    # The agent says the same later, and nothing is shown twice.
    station.agent.start()
    until(lambda: station.forwarded() and len(list(station.agent.booked())) == 2, "the record")
    (_, record) = station.agent.booked()
    assert (record["decision"], record["reason"]) == ("HOLD", "RECALLED")
    assert record["labels"][0]["kind"] == "MSFX20"
    assert place.answers == ["GOOD", "HOLD"]


def test_a_cradle_that_begins_anew_is_told_anew_and_a_hold_that_is_over_lets_pass(
    station: Station, lists: list[Holds]
) -> None:
    place = station.places[0]
    hold(station, "place", "--code", HELD)
    until(lambda: len(lists) == 1, "the list at the cradle", REACHED_S)

    place.cradle.kill()
    place.cradle.start()
    until(lambda: lists[-1].names != [] and len(lists) >= 2, "the list after the power cut")
    station.agent.kill()
    read(station, HELD)
    until(lambda: place.answers == ["HOLD"], "the cradle's own word", REACHED_S)

    station.agent.start()
    until(station.forwarded, "the agent")
    hold(station, "release", "1")
    until(lambda: lists[-1].names == [], "the empty list", REACHED_S)
    read(station, HELD)
    until(lambda: place.answers == ["HOLD", "GOOD"], "the good light")
