"""The cradle put together: a second cradle of the same name is shown once, as a fault."""

import json

from firmware.core import signal
from firmware.core.app import App
from firmware.core.ports import Board, Clock, Engine, Lamp, Net, Random
from firmware.core.settings import Settings
from firmware.mqtt import packets

ACCEPTED = bytes((packets.CONNACK, 2, 1, 0))


class StoppedClock(Clock):
    def now_ms(self) -> int:
        return 0


class LoggedLamp(Lamp):
    def __init__(self) -> None:
        self.shown: list[int] = []

    def show(self, pattern: int, seq: int) -> None:
        self.shown.append(pattern)


class Fixed(Random):
    def octets(self, count: int) -> bytes:
        return bytes(count)


def test_two_cradles_of_one_name_are_a_fault_shown_once() -> None:
    lamp = LoggedLamp()
    names = {"site": "demo", "device": "cradle-1", "broker_host": "127.0.0.1"}
    board = Board(StoppedClock(), Engine(), lamp, Net(), Fixed())
    app = App(Settings(json.dumps(names).encode()), board)
    core = app._client.core
    now_ms = 0
    while not core.same_id_twice():
        assert lamp.shown == []
        assert now_ms < 100_000, "the client never suspects a second one of its name"
        core.opened(now_ms)
        core.feed(ACCEPTED, 0, len(ACCEPTED), now_ms)
        core.lost(now_ms + 100)
        now_ms += 1000
        if not core.same_id_twice():
            app._report(now_ms)

    app._report(now_ms)
    app._report(now_ms + 1000)

    assert lamp.shown == [signal.FAULT]
