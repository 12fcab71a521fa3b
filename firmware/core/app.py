"""The only file that knows all parts of the cradle."""

import asyncio

from firmware.core.downlink import Downlink
from firmware.core.holds import Holds
from firmware.core.ports import Board
from firmware.core.reader import Reader
from firmware.core.repeat import Repeat
from firmware.core.settings import Settings
from firmware.core.signal import Signals
from firmware.core.uplink import Uplink
from firmware.core.vitals import LINK_PROTOCOL, Vitals
from firmware.mqtt import counts
from firmware.mqtt.client import Client
from firmware.mqtt.core import Core
from protocol import topics, wire_cradle
from protocol.compat import const
from protocol.framing import FRAME_MAX, LineFramer
from protocol.window import Window

VERSION = "0.1.0"

_BOOT_ID = const(8)
_TICK_S = 0.01
_TICKS_A_REPORT = const(100)


class App:
    """One cradle, from power-up to the end of power.

    Attributes:
        boot_id: 8 random octets, which with the seq of a record name it for ever.
    """

    def __init__(self, settings: Settings, board: Board) -> None:
        self.boot_id = board.random.octets(_BOOT_ID)
        clock = board.clock
        window = Window(
            settings.window_records,
            settings.window_octets,
            settings.resend_ms,
            settings.resend_max_ms,
        )
        signals = Signals(board.lamp)
        vitals = Vitals()
        holds = Holds()
        self._clock = clock
        self._window = window
        self._signals = signals
        self._vitals = vitals
        self._downlink = Downlink(self.boot_id, clock, window, signals, vitals, holds)
        self._client = Client(
            self._core(settings),
            board.net.open,
            clock,
            board.random,
            self._message,
            self._connected,
        )
        self._uplink = Uplink(self.boot_id, clock, window, self._client)
        self._reader = Reader(
            board.engine,
            clock,
            LineFramer(settings.gap_ms),
            Repeat(settings.repeat_ms, FRAME_MAX),
            settings.no_read.encode(),
            window,
            signals,
            vitals,
            self._uplink.wake,
            holds,
            settings.codes,
        )
        self._refused = 0
        self._twice = False

    def _core(self, settings: Settings) -> Core:
        site, device = settings.site, settings.device
        return Core(
            site + "-" + device,
            topics.topic(site, device, topics.DOWN),
            topics.topic(site, device, topics.UP),
            topics.topic(site, device, topics.STATE),
            self._state(True, settings),
            self._state(False, settings),
            settings.keep_alive_s,
        )

    def _state(self, online: bool, settings: Settings) -> bytearray:
        return wire_cradle.state(online, self.boot_id, VERSION, settings.hash)

    async def run(self) -> None:
        """Run for ever."""
        await asyncio.gather(
            self._reader.run(), self._uplink.run(), self._client.run(), self._tick()
        )

    async def _tick(self) -> None:
        ticks = 0
        while True:
            await asyncio.sleep(_TICK_S)
            now_ms = self._clock.now_ms()
            self._reader.silent(now_ms)
            ticks += 1
            if ticks >= _TICKS_A_REPORT:
                ticks = 0
                self._report(now_ms)
            self._uplink.tick(now_ms)

    def _report(self, now_ms: int) -> None:
        refused = counts.broken(self._client.core.counts)
        while self._refused < refused:
            self._refused += 1
            self._vitals.note(LINK_PROTOCOL)
        twice = self._client.core.same_id_twice()
        if twice and not self._twice:
            # Two of one name throw each other out of the broker; only a person can tell them apart.
            self._signals.fault()
        self._twice = twice
        self._vitals.report(self._window, now_ms)

    def _message(self, topic: str, buf: bytearray, start: int, end: int) -> None:
        self._downlink.message(buf, start, end)

    def _connected(self, session_present: bool) -> None:
        self._uplink.connected(session_present)
