"""Sends what waits in the window, in batches, and again until the agent has answered."""

import asyncio

from firmware.core.ports import Clock
from firmware.mqtt.client import Client
from protocol import batch
from protocol.compat import const
from protocol.window import Window

# With this many batches on the way the next one waits a little for more records: a label goes out
# at once while the line is calm, and a rush travels in large batches.
_ON_THE_WAY = const(2)
_WAIT_MS = const(10)


class Uplink:
    """One loop. ``wake`` is set by whoever puts a record into the window."""

    def __init__(self, boot_id: bytes, clock: Clock, window: Window, link: Client) -> None:
        self.wake = asyncio.Event()
        self._boot_id = boot_id
        self._clock = clock
        self._window = window
        self._link = link
        self._sent_ms = 0

    async def run(self) -> None:
        """Send for ever."""
        while True:
            await self.wake.wait()
            self.wake.clear()
            self.send(self._clock.now_ms())

    def tick(self, now_ms: int) -> None:
        """See to what waits, or was not answered in time. To be called every few milliseconds."""
        if self._window.overdue(now_ms) or self._window.sent < self._window.next_seq:
            self.wake.set()

    def connected(self, session_present: bool) -> None:
        """The link is up. Without a session the broker has forgotten what was on the way."""
        if not session_present:
            self._link.forget_all()
            self._window.go_back()
        self.wake.set()

    def send(self, now_ms: int) -> None:
        """Hand to the link what may go now."""
        window = self._window
        link = self._link
        while window.sent < window.next_seq:
            until = batch.cut(window, link.payload_max)
            small = until - window.sent < batch.RECORDS_MAX and until == window.next_seq
            if small and link.in_flight() >= _ON_THE_WAY and now_ms - self._sent_ms < _WAIT_MS:
                return
            slot = link.reserve()
            if slot < 0:
                return
            out = link.buffer(slot)
            end = batch.put(out, link.payload_at, window, until, self._boot_id, now_ms)
            link.publish(slot, end, now_ms)
            window.mark_sent(until, now_ms)
            self._sent_ms = now_ms
