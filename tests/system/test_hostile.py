"""Hostile labels and hostile messages: everything goes on, and each is kept or counted."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest

from protocol import cbor, codes, decisions, reasons, topics, wire
from protocol.shapes import Taken
from simulator.checker import PATTERNS
from simulator.shift import Answer, Read
from simulator.station import SITE, Station
from simulator.world import Damage, Form, Label

COUNT = 10_000
AHEAD = 100  # labels that may wait for their light
PATIENCE_S = 60

GOOD = Label(Form.CODE128, "89999999123456789012", codes.MSFX20)
FRAMES = (
    b"]C089999999000000000018",
    b"]d20108999999000011219000000000018\x1d1727123110LOT9",
    b"]E06999999000013",
    b"]Q1https://example.org/",
    b"NOREAD",
)


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    with Station(tmp_path, cradles=1) as running:
        running.wait_until_ready()
        yield running


def spoilt(rng: random.Random, octets: bytes) -> bytes:
    """Change, drop, double or add octets, so that nobody knows what comes out."""
    out = bytearray(octets)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(out) + 1)
        out[at : at + rng.randrange(3)] = rng.randbytes(rng.randrange(4))
    return bytes(out)


def lights(station: Station, count: int) -> None:
    """Wait until the lamp has shown ``count`` answers."""
    place = station.places[0]
    end = time.monotonic() + PATIENCE_S
    while len(place.answers) < count:
        assert time.monotonic() < end, f"{len(place.answers)} lights of {count}"
        time.sleep(0.002)


def the_good_label_is_good(station: Station) -> None:
    place = station.places[0]
    before = len(place.answers)
    place.present([Read(before, GOOD, Damage.NONE, 0, Answer(decisions.PASS, reasons.OK))])
    lights(station, before + 1)
    assert place.answers[before:] == ["GOOD"]


def test_ten_thousand_hostile_labels_are_ten_thousand_records(station: Station) -> None:
    rng = random.Random(7)
    place = station.places[0]
    frames: dict[bytes, None] = {}
    while len(frames) < COUNT:
        frame = spoilt(rng, rng.choice(FRAMES)).translate(None, b"\r\n")
        # Each once: a label twice in the beam is one read, which is another test's business.
        if frame:
            frames[frame] = None
    for sent, frame in enumerate(frames):
        lights(station, sent - AHEAD)
        place.engine.put(frame + b"\r")
    lights(station, COUNT)

    the_good_label_is_good(station)

    booked = [record for record in station.agent.booked() if "labels" in record]
    assert len(booked) == COUNT + 1
    lit = [PATTERNS[light] for light in place.answers]
    assert [getattr(decisions, record["decision"]) for record in booked] == lit
    assert all(record["reason"] for record in booked)


def test_ten_thousand_hostile_messages_are_kept_or_counted(station: Station) -> None:
    rng = random.Random(8)
    place = station.places[0]
    batch = [1, 1, b"bootboot", 0, 5, 9, [[0, 0, 0, bytes.fromhex("89999999000000000018")]]]
    up = cbor.dumps(batch)
    down = cbor.dumps(wire.down_item(Taken(bytes.fromhex(place.cradle.boot_id), 10_000)))
    hostile_up = [spoilt(rng, up) for _ in range(COUNT // 2)]
    hostile_down = [spoilt(rng, down) for _ in range(COUNT // 2)]
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    client.max_queued_messages_set(0)
    client.connect("127.0.0.1", station.broker.port)
    client.loop_start()
    to_agent = topics.topic(SITE, "stranger", topics.UP)
    to_cradle = topics.topic(SITE, place.device, topics.DOWN)
    sent = [client.publish(to_agent, octets, 1) for octets in hostile_up]
    sent += [client.publish(to_cradle, octets, 1) for octets in hostile_down]
    for one in sent:
        one.wait_for_publish(PATIENCE_S)
    client.disconnect()

    the_good_label_is_good(station)
    time.sleep(2)  # the cradle reports its counts once a second

    kept = len(station.agent.quarantine())
    understood = sum(_is_batch(octets) for octets in hostile_up)
    assert kept == COUNT // 2 - understood
    faults = [record["times"] for record in station.agent.booked() if "fault" in record]
    assert sum(faults) == COUNT // 2


def _is_batch(octets: bytes) -> bool:
    try:
        wire.read_batch(cbor.loads(octets))
    except Exception:
        return False
    return True
