"""Many light cradles for load: no firmware, but the same words on the wire and the same patience.

Their batches are encoded before the clock starts, so that the load costs little beside what it
loads. Each cradle keeps a few batches on the way, and sends again what is not taken in time.
"""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import cbor2
from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from protocol import topics, wire
from protocol.shapes import Batch, FaultRecord, Label, OtherRecord, ScanRecord, Taken, Verdicts

_ON_THE_WAY = 8
_RESEND_S = 5.0
_TICK_S = 0.05
_INFLIGHT = 4000


@dataclass(frozen=True, slots=True)
class Message:
    """One batch as octets, and the seq after its last record."""

    until: int
    octets: bytes


@dataclass(slots=True)
class LightCradle:
    """One cradle. ``taken`` and ``sent`` count messages."""

    device: str
    messages: list[Message]
    taken: int = 0
    sent: int = 0
    moved_s: float = 0.0
    sent_s: list[float] = field(default_factory=list)


def cradles(
    rng: random.Random,
    count: int,
    messages: int,
    records: int,
    run: int = 0,
    random_codes: bool = False,
) -> list[LightCradle]:
    """Return ``count`` cradles with ``messages`` batches each, of ``records`` 20-digit codes.

    Codes are as makers number: a running number, then four digits that nobody can foresee.

    Args:
        run: of several on one store; no two runs share a code.
        random_codes: without any order, unlike real ones.
    """
    return [_cradle(rng, number, messages, records, run, random_codes) for number in range(count)]


def _cradle(
    rng: random.Random, number: int, messages: int, records: int, run: int, random_codes: bool
) -> LightCradle:
    boot_id = rng.randbytes(8)
    made = []
    running = (run * 100 + number) * 1_000_000
    for first in range(0, messages * records, records):
        listed: list[ScanRecord | FaultRecord | OtherRecord] = []
        for seq in range(first, first + records):
            code = b"89999999%08d%04d" % (running + seq, rng.randrange(10_000))
            if random_codes:
                code = b"89999999%012d" % rng.randrange(10**12)
            listed.append(ScanRecord(seq, seq * 5, (Label(b"C0", code, 0),)))
        batch = Batch(boot_id, first, listed[-1].at_ms, listed)
        made.append(Message(first + records, cbor2.dumps(wire.batch_item(batch))))
    return LightCradle(f"light-{run}-{number}", made)


@dataclass(frozen=True, slots=True)
class Run:
    """What came of a run.

    Attributes:
        seconds: from the first message sent to the last one taken.
        waits_ms: from the sending of each message to its answer, ascending.
        complete: everything was taken in time.
    """

    messages: int
    seconds: float
    waits_ms: list[float]
    complete: bool

    def wait_ms(self, share: float) -> float:
        """The wait that ``share`` of all messages stayed below."""
        return self.waits_ms[int((len(self.waits_ms) - 1) * share)]


def _at_once(_: object, __: object, opened: mqtt.SocketLike) -> None:
    """As the firmware does: no packet waits for the acknowledgement of the one before."""
    assert isinstance(opened, socket.socket)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class Fleet:
    """All cradles over one connection, as a broker's bridge would bring them.

    Args:
        rate: messages a second in all; 0 for as fast as they are taken.
        answer: what counts as the answer to a message: ``wire.TAKEN`` or ``wire.VERDICTS``.
    """

    def __init__(
        self,
        port: int,
        site: str,
        cradles: Sequence[LightCradle],
        rate: float = 0.0,
        answer: int = wire.TAKEN,
    ) -> None:
        self._answer = answer
        self._port = port
        self._rate = rate
        self._cradles = {topics.topic(site, one.device, topics.DOWN): one for one in cradles}
        self._ups = {one.device: topics.topic(site, one.device, topics.UP) for one in cradles}
        self._left = sum(len(one.messages) for one in cradles)
        self._waits: list[float] = []
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2)
        self._client.max_inflight_messages_set(_INFLIGHT)
        self._client.on_message = self._heard
        self._client.on_socket_open = _at_once

    def run(self, timeout_s: float) -> Run:
        """Send everything; return when all is taken, or the time is over."""
        messages = self._left
        heard = threading.Event()
        self._client.on_subscribe = lambda *_: heard.set()
        self._client.connect("127.0.0.1", self._port)
        self._client.loop_start()
        self._client.subscribe([(topic, 1) for topic in self._cradles])
        heard.wait(timeout_s)
        begun = time.perf_counter()
        if self._rate:
            self._paced(begun)
        else:
            with self._lock:
                for one in self._cradles.values():
                    self._send(one)
        while not self._over.wait(_TICK_S) and time.perf_counter() - begun < timeout_s:
            self._again()
        took = time.perf_counter() - begun
        self._client.disconnect()
        self._client.loop_stop()
        return Run(messages, took, sorted(self._waits), self._over.is_set())

    def _paced(self, begun: float) -> None:
        sent = 0
        while any(one.sent < len(one.messages) for one in self._cradles.values()):
            for one in self._cradles.values():
                if one.sent < len(one.messages):
                    wait_s = begun + sent / self._rate - time.perf_counter()
                    if wait_s > 0:
                        time.sleep(wait_s)
                    with self._lock:
                        self._send_next(one)
                    sent += 1

    def _send(self, one: LightCradle) -> None:
        while one.sent < len(one.messages) and one.sent - one.taken < _ON_THE_WAY:
            self._send_next(one)

    def _send_next(self, one: LightCradle) -> None:
        now = time.perf_counter()
        if one.sent == len(one.sent_s):
            one.sent_s.append(now)
        if one.sent == one.taken:
            one.moved_s = now
        self._client.publish(self._ups[one.device], one.messages[one.sent].octets, 1)
        one.sent += 1

    def _again(self) -> None:
        now = time.perf_counter()
        with self._lock:
            for one in self._cradles.values():
                if one.taken < one.sent and now - one.moved_s > _RESEND_S:
                    one.sent = one.taken
                    self._send(one)

    def _heard(self, _: object, __: object, message: mqtt.MQTTMessage) -> None:
        answer = cbor2.loads(message.payload)
        if answer[1] != self._answer:
            return
        told = wire.read_down(answer)
        if isinstance(told, Taken):
            until = told.next_seq
        else:
            assert isinstance(told, Verdicts)
            until = told.first_seq + len(told.rulings) // 2
        one = self._cradles[message.topic]
        now = time.perf_counter()
        with self._lock:
            while one.taken < one.sent and one.messages[one.taken].until <= until:
                self._waits.append((now - one.sent_s[one.taken]) * 1000)
                one.taken += 1
                one.moved_s = now
                self._left -= 1
            if not self._rate:
                self._send(one)
            if self._left == 0:
                self._over.set()
