"""Engine octets to records. A bad label becomes a record with a reason, never an error."""

import asyncio

from firmware.core import vitals
from firmware.core.holds import Holds
from firmware.core.ports import Clock, Engine
from firmware.core.repeat import Repeat
from firmware.core.signal import Signals
from firmware.core.vitals import Vitals
from protocol import code_rules, reasons, wire_cradle
from protocol.code_rules import Rules
from protocol.compat import const
from protocol.framing import LineFramer
from protocol.kinds import names_a_unit
from protocol.window import Window

try:
    from protocol.checker import Checker
except ImportError:  # an image without the rarer grammars
    from protocol.numeric import NumericChecker as Checker  # type: ignore[assignment]

_CHUNK = const(256)
_AIM = const(0x5D)  # "]", before an ISO/IEC 15424 identifier


class Reader:
    """Reads one engine for ever.

    The way of a scan, from ``take`` to the window, allocates nothing: a pause for garbage
    collection is what loses octets on a UART.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        framer: LineFramer,
        repeat: Repeat,
        no_read: bytes,
        window: Window,
        signals: Signals,
        troubles: Vitals,
        wake: asyncio.Event,
        holds: Holds,
        rules: Rules = code_rules.DEFAULT,
    ) -> None:
        """
        Args:
            no_read: the frame by which the engine says that it read nothing; empty if it is silent.
            wake: set when a record waits in the window.
            holds: units that are signalled as held before anybody is asked.
            rules: by which labels are told.
        """
        self._engine = engine
        self._clock = clock
        self._framer = framer
        self._repeat = repeat
        self._no_read = no_read
        self._window = window
        self._signals = signals
        self._vitals = troubles
        self._wake = wake
        self._holds = holds
        self._codes = Checker(rules)
        self.repeats = 0

    async def run(self) -> None:
        """Read for ever."""
        buf = bytearray(_CHUNK)
        while True:
            count = await self._engine.readinto(buf)
            self.take(buf, count, self._clock.now_ms())

    def take(self, chunk: bytearray, count: int, now_ms: int) -> None:
        """Take ``chunk[:count]``, which arrived at ``now_ms``."""
        framer = self._framer
        at = 0
        while at < count:
            at = framer.feed(chunk, at, count, now_ms)
            if framer.length:
                self._frame(framer.buf, framer.length, framer.reason, now_ms)

    def silent(self, now_ms: int) -> None:
        """Give up a line that has fallen silent. To be called a few times a second."""
        if self._framer.silent(now_ms):
            self._frame(self._framer.buf, self._framer.length, self._framer.reason, now_ms)

    def _frame(self, data: bytearray, end: int, reason: int, now_ms: int) -> None:
        start = 0
        symbology = 0
        if end > 3 and data[0] == _AIM:
            symbology = data[1] << 8 | data[2]
            start = 3
        if end - start > wire_cradle.DATA_MAX:
            # Never sent as if it were whole: the reason says that only the beginning is kept.
            end = start + wire_cradle.DATA_MAX
            reason = reasons.TOO_LONG
        if reason == reasons.OK:
            if self._is_no_read(data, start, end):
                reason = reasons.NO_READ
            else:
                kind = self._codes.check(symbology, data, start, end)
                reason = self._codes.reason
                if names_a_unit(kind):
                    if self._repeat.is_repeat(data, start, end, now_ms):
                        self.repeats += 1
                        return
                    if self._holds.has(self._codes, data, start, end):
                        reason = reasons.RECALLED
        window = self._window
        at = window.room()
        if at < 0:
            # The operator will scan it once more, and that is the first read of it that counts.
            self._repeat.forget()
            self._vitals.note(vitals.WINDOW_FULL)
            self._signals.full()
            return
        dt_ms = now_ms - window.last_ms()
        stop = wire_cradle.put_scan(window.buf, at, dt_ms, symbology, data, start, end, reason)
        seq = window.add(stop, now_ms)
        if reason == reasons.RECALLED:
            self._signals.held(seq)
        self._wake.set()

    def _is_no_read(self, data: bytearray, start: int, end: int) -> bool:
        word = self._no_read
        if not word or end - start != len(word):
            return False
        at = 0
        while at < len(word):
            if data[start + at] != word[at]:
                return False
            at += 1
        return True
