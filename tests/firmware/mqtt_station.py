"""What the MQTT tests share that is real: interpreters, a cradle process, a subscriber, a tape."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from simulator.link import Packets, Tape
from simulator.loopback import HOST
from simulator.parts import MICROPYTHON, find

ROOT = Path(__file__).resolve().parent.parent.parent
SCRIPTS = ROOT / "tests" / "on_device"
INTERPRETERS = ("cpython", "micropython")


def command(interpreter: str, script: str) -> list[str]:
    """How to run a script of `tests/on_device`; MicroPython with the heap of a small board."""
    program = [sys.executable]
    if interpreter == "micropython":
        program = [find(MICROPYTHON), "-X", "heapsize=192k"]
    return [*program, str(SCRIPTS / script)]


def environment() -> dict[str, str]:
    """Where both interpreters find the device rooms."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "MICROPYPATH": f"{ROOT}:.frozen"}


def run(interpreter: str, script: str) -> str:
    """Run a script to its end; return what it printed."""
    return subprocess.run(
        command(interpreter, script),
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    ).stdout


def until(condition: Callable[[], object], within_s: float = 20.0, what: str = "") -> None:
    """Wait until ``condition`` holds, and fail after ``within_s``."""
    end = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < end, f"not within {within_s} s: {what}"
        time.sleep(0.002)


class Cradle:
    """`mqtt_publish.py` on one of the interpreters."""

    def __init__(self, interpreter: str, client: str, port: int, **settings: int) -> None:
        words = [f"{name}={value}" for name, value in settings.items()]
        self.client = client
        self._process = subprocess.Popen(
            [*command(interpreter, "mqtt_publish.py"), f"port={port}", f"client={client}", *words],
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def report(self, within_s: float = 30.0) -> dict[str, int]:
        """Wait for its end; return what it counted."""
        out, errors = self._process.communicate(timeout=within_s)
        assert self._process.returncode == 0, errors
        assert not errors, errors
        return {name: int(value) for name, value in (line.split() for line in out.splitlines())}

    def ended(self) -> bool:
        """Say whether it has ended by itself."""
        return self._process.poll() is not None

    def kill(self) -> None:
        """End it, if it has not ended."""
        self._process.kill()
        self._process.communicate()


class Subscriber:
    """An independent witness: paho, subscribed to all that one cradle says."""

    def __init__(self, port: int, client: str) -> None:
        self.numbers: list[int] = []
        self.states: list[bytes] = []
        self.subscribed = threading.Event()
        self._client = client
        self._paho = paho.Client(
            CallbackAPIVersion.VERSION2, f"{client}-witness", clean_session=False
        )
        self._paho.on_connect = self._on_connect
        self._paho.on_subscribe = lambda *_: self.subscribed.set()
        self._paho.on_disconnect = lambda *_: self.subscribed.clear()
        self._paho.on_message = self._on_message
        self._paho.reconnect_delay_set(1, 1)
        self._paho.connect(HOST, port)
        self._paho.loop_start()
        assert self.subscribed.wait(10)

    def stop_cradle(self) -> None:
        """Tell the cradle to finish what it has begun, and end."""
        self._paho.publish(f"{self._client}/down", b"stop", qos=1)

    def close(self) -> None:
        self._paho.disconnect()
        self._paho.loop_stop()

    def _on_connect(self, *_: object) -> None:
        self._paho.subscribe([(f"{self._client}/up", 1), (f"{self._client}/state", 1)])

    def _on_message(self, _: object, __: object, message: paho.MQTTMessage) -> None:
        if message.topic.endswith("/state"):
            self.states.append(message.payload)
        else:
            self.numbers.append(int(message.payload[:6]))


def first_arrivals(numbers: list[int]) -> list[int]:
    """``numbers`` without repeats, in the order of their first arrival."""
    return list(dict.fromkeys(numbers))


@dataclass
class Flight:
    """The PUBLISHes of one cradle, held against the rules for packet ids as they pass.

    A new PUBLISH has DUP 0 and an id that is not in flight. A repeat has DUP 1 and the id and the
    octets of what it repeats, and comes only to a broker that remembers the session.

    Attributes:
        ids: of new PUBLISHes, the births included, in their order.
        acknowledged: numbers for which a PUBACK was on its way to the cradle.
    """

    ids: list[int] = field(default_factory=list)
    acknowledged: set[int] = field(default_factory=set)
    _flying: dict[int, bytes] = field(default_factory=dict)
    _session: bool = False

    @classmethod
    def seen_on(cls, tapes: list[Tape]) -> Flight:
        """Go through all connections of one cradle."""
        flight = cls()
        for tape in tapes:
            streams = {"up": Packets(), "down": Packets()}
            for direction, octets in list(tape.chunks):
                for packet in streams[direction].feed(octets):
                    if direction == "up":
                        flight._up(packet)
                    else:
                        flight._down(packet)
        return flight

    def _up(self, packet: bytes) -> None:
        if packet[0] & 0xF0 != 0x30:
            return
        body = packet[2 if packet[1] < 128 else 3 :]
        at = 2 + int.from_bytes(body[:2], "big")
        packet_id = int.from_bytes(body[at : at + 2], "big")
        assert packet_id != 0
        if packet[0] & 0x08:
            assert self._session
            assert self._flying.get(packet_id, body) == body
        else:
            assert packet_id not in self._flying
            self.ids.append(packet_id)
        self._flying[packet_id] = body

    def _down(self, packet: bytes) -> None:
        if packet[0] == 0x20:
            self._session = packet[2] == 1
            if not self._session:
                self._flying.clear()
        elif packet[0] == 0x40:
            body = self._flying.pop(int.from_bytes(packet[2:4], "big"), b"")
            at = 2 + int.from_bytes(body[:2], "big")
            if body[:at].endswith(b"/up"):
                self.acknowledged.add(int(body[at + 2 : at + 8]))
