"""The client around the core: when it tries again, whom it wakes, and what may end it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from mqtt_peer import ACCEPTED, message, puback, suback, up_packet

from firmware.core.ports import Clock, Random
from firmware.mqtt import client as mqtt_client
from firmware.mqtt import counts
from firmware.mqtt.client import Client
from firmware.mqtt.core import Core
from simulator.link import Packets

Opener = Callable[[], Awaitable[tuple[object, object]]]


class StoppedClock(Clock):
    def now_ms(self) -> int:
        return 0


class Loaded(Random):
    def __init__(self, octet: int) -> None:
        self._octet = octet

    def octets(self, count: int) -> bytes:
        return bytes([self._octet]) * count


class Wire:
    """Both ends of a stream in memory: the writer's, and the broker's."""

    def __init__(self) -> None:
        self.reader = asyncio.StreamReader()
        self.written = bytearray()
        self.aborted = False
        self.transport = self

    async def open(self) -> tuple[object, object]:
        return self.reader, self

    def write(self, octets: bytes) -> None:
        self.written += octets

    async def drain(self) -> None:
        await asyncio.sleep(0)

    def abort(self) -> None:
        self.aborted = True


class Heard:
    """The layer above: keeps what it is told."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, bytes]] = []
        self.sessions: list[bool] = []

    def on_message(self, topic: str, buf: bytearray, start: int, end: int) -> None:
        self.messages.append((topic, bytes(buf[start:end])))

    def on_connected(self, session_present: bool) -> None:
        self.sessions.append(session_present)


def client(opener: Opener, heard: Heard, chance: int = 0) -> Client:
    core = Core("c9", "s/down", "s/up", "s/state", b"on", b"off", connect_timeout_ms=20)
    return Client(
        core, opener, StoppedClock(), Loaded(chance), heard.on_message, heard.on_connected
    )


async def turns(count: int = 20) -> None:
    """Let every task go on until it waits, without a moment passing."""
    for _ in range(count):
        await asyncio.sleep(0)


async def connect(one: Client, wire: Wire) -> asyncio.Task[None]:
    task = asyncio.create_task(one.run())
    await turns()
    wire.reader.feed_data(ACCEPTED + suback(2) + puback(1))
    await turns()
    assert one.connected
    wire.written.clear()
    return task


async def end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


class Enough(Exception):
    """Ends a client that would go on for ever."""


@pytest.mark.parametrize("chance", [0, 255])
@pytest.mark.parametrize("error", [OSError("refused"), ValueError("certificate"), None])
def test_the_pause_doubles_up_to_five_seconds_with_chance_in_it(
    monkeypatch: pytest.MonkeyPatch, chance: int, error: Exception | None
) -> None:
    pauses: list[int] = []

    async def sleep_ms(duration_ms: int) -> None:
        pauses.append(duration_ms)
        if len(pauses) == 8:
            raise Enough

    async def opener() -> tuple[object, object]:
        if error:
            raise error
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(mqtt_client, "_sleep_ms", sleep_ms)
    one = client(opener, Heard(), chance)
    with pytest.raises(Enough):
        asyncio.run(one.run())

    longest = [200, 400, 800, 1600, 3200, 4500, 4500, 4500]
    assert pauses == [pause if chance else pause // 2 for pause in longest]
    assert one.core.counts[counts.UNREACHABLE] == 8


def test_a_publish_goes_out_without_waiting_for_any_tick() -> None:
    async def play() -> None:
        wire = Wire()
        one = client(wire.open, Heard())
        task = await connect(one, wire)
        slot = one.reserve()
        one.buffer(slot)[one.payload_at : one.payload_at + 3] = b"now"
        one.publish(slot, one.payload_at + 3, 0)
        await turns()
        assert wire.written == up_packet(b"now", 3)
        assert one.in_flight() == 1
        await end(task)

    asyncio.run(play())


def test_a_flood_of_messages_is_delivered_and_acknowledged_in_bounded_answers() -> None:
    async def play() -> None:
        wire, heard = Wire(), Heard()
        one = client(wire.open, heard)
        task = await connect(one, wire)
        wire.reader.feed_data(b"".join(message(b"%d" % n, n) for n in range(1, 301)))
        await turns(500)
        assert heard.messages == [("s/down", b"%d" % n) for n in range(1, 301)]
        assert Packets().feed(bytes(wire.written)) == [puback(n) for n in range(1, 301)]
        await end(task)

    asyncio.run(play())


def test_what_a_callback_raises_ends_the_client_and_is_not_acknowledged() -> None:
    def fail(topic: str, buf: bytearray, start: int, end: int) -> None:
        raise ZeroDivisionError

    async def play() -> None:
        wire, heard = Wire(), Heard()
        heard.on_message = fail  # type: ignore[method-assign]
        task = await connect(client(wire.open, heard), wire)
        wire.reader.feed_data(message(b"x"))
        with pytest.raises(ZeroDivisionError):
            await task
        assert wire.written == b""
        assert wire.aborted

    asyncio.run(play())


def test_the_pause_is_short_again_after_success_unless_somebody_has_our_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pauses: list[int] = []
    real = mqtt_client._sleep_ms

    def sleep_ms(duration_ms: int) -> Awaitable[None]:
        if duration_ms == 50:  # the watch
            return real(duration_ms)
        pauses.append(duration_ms)
        if len(pauses) == 8:
            raise Enough
        return real(0)

    async def opener() -> tuple[object, object]:
        wire = Wire()
        wire.reader.feed_data(ACCEPTED)
        wire.reader.feed_eof()
        return await wire.open()

    monkeypatch.setattr(mqtt_client, "_sleep_ms", sleep_ms)
    heard = Heard()
    with pytest.raises(Enough):
        asyncio.run(client(opener, heard, 255).run())

    assert heard.sessions == [False] * 8
    assert pauses == [200, 200, 200, 200, 200, 400, 800, 1600]
