"""A cradle's worth of MQTT: publishes numbers until "stop" comes down, then prints what it counted.

usage: mqtt_publish.py NAME=VALUE ... with port= and client=, and any setting of _DEFAULTS.

A scanner that must never wait runs beside it. Payloads are six digits, filled up to ``size``.
"""

import asyncio
import gc
import sys
import time

from firmware.mqtt import counts
from firmware.mqtt.client import Client
from firmware.mqtt.core import Core

_DEFAULTS = {
    "port": 0,
    "client": "",
    "count": 1000000,  # publishes at most
    "size": 6,
    "pace_ms": 0,  # pause after each publish
    "first_id": 1,
    "slots": 8,
    "keep_alive_s": 30,
    "ack_timeout_ms": 10000,
    "connect_timeout_ms": 10000,
    "backoff_ms": 5,
    "backoff_max_ms": 20,
    "idle_s": 0,  # look at the garbage of so many idle seconds at the end
}
_SCAN_MS = 5


class Clock:
    """Milliseconds since the start, on either interpreter."""

    def __init__(self):
        self._ticks = hasattr(time, "ticks_ms")
        self._begun = time.ticks_ms() if self._ticks else time.monotonic()

    def now_ms(self):
        if self._ticks:
            return time.ticks_diff(time.ticks_ms(), self._begun)
        return int((time.monotonic() - self._begun) * 1000)


class Chance:
    """Always the same."""

    def octets(self, count):
        return b"\x80" * count


class Cradle:
    """Owns the client, and knows when to end."""

    def __init__(self, settings):
        self.settings = settings
        self.clock = Clock()
        client = settings["client"]
        self.core = Core(
            client,
            client + "/down",
            client + "/up",
            client + "/state",
            b"on",
            b"off",
            keep_alive_s=settings["keep_alive_s"],
            slots=settings["slots"],
            ack_timeout_ms=settings["ack_timeout_ms"],
            connect_timeout_ms=settings["connect_timeout_ms"],
        )
        self.core.out.last_id = settings["first_id"] - 1
        self.client = Client(
            self.core,
            self.open,
            self.clock,
            Chance(),
            self.on_message,
            self.on_connected,
            backoff_ms=settings["backoff_ms"],
            backoff_max_ms=settings["backoff_max_ms"],
        )
        self.stopping = False
        self.sessions = 0
        self.published = 0
        self.longest_gap_ms = 0
        self.heap = [0, 0]

    async def open(self):
        return await asyncio.open_connection("127.0.0.1", self.settings["port"])

    def on_message(self, topic, buf, start, end):
        if bytes(buf[start:end]) == b"stop":
            self.stopping = True

    def on_connected(self, session_present):
        self.sessions += session_present

    async def scan(self):
        last_ms = self.clock.now_ms()
        while True:
            await asyncio.sleep(_SCAN_MS / 1000)
            now_ms = self.clock.now_ms()
            self.longest_gap_ms = max(self.longest_gap_ms, now_ms - last_ms)
            last_ms = now_ms

    async def publish(self):
        count, pace_ms, size = [self.settings[name] for name in ("count", "pace_ms", "size")]
        while not self.stopping and self.published < count:
            slot = self.client.reserve()
            if slot >= 0:
                buf = self.client.buffer(slot)
                at = self.client.payload_at
                buf[at : at + 6] = b"%06d" % self.published
                self.client.publish(slot, at + size, self.clock.now_ms())
                self.published += 1
                if self.published == 200:
                    self.heap[0] = heap_in_use()
            if slot < 0 or pace_ms:
                await asyncio.sleep(pace_ms / 1000)
        while self.client.in_flight():
            await asyncio.sleep(0.001)

    async def idle(self, idle_s):
        gc.collect()
        gc.disable()
        before = allocated()
        await asyncio.sleep(idle_s)
        print("idle_octets_per_s", (allocated() - before) // idle_s)
        gc.enable()

    async def run(self):
        begun_ms = self.clock.now_ms()
        link = asyncio.create_task(self.client.run())
        scanner = asyncio.create_task(self.scan())
        await self.publish()
        elapsed_ms = max(1, self.clock.now_ms() - begun_ms)
        self.heap[1] = heap_in_use()
        scanner.cancel()
        if self.settings["idle_s"]:
            await self.idle(self.settings["idle_s"])
        link.cancel()
        print("numbers", self.published)
        print("per_s", self.published * 1000 // elapsed_ms)
        print("sessions", self.sessions)
        print("longest_gap_ms", self.longest_gap_ms)
        print("heap_growth", self.heap[1] - self.heap[0])
        print("slowest_ms", self.core.slowest_ms())
        for name, count in zip(counts.NAMES, self.core.counts):
            print(name, count)


def allocated():
    return gc.mem_alloc() if hasattr(gc, "mem_alloc") else 0


def heap_in_use():
    gc.collect()
    return allocated()


def main(words):
    settings = dict(_DEFAULTS)
    for word in words:
        name, value = word.split("=")
        settings[name] = value if name == "client" else int(value)
    asyncio.run(Cradle(settings).run())


main(sys.argv[1:])
