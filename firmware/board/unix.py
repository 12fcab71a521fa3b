"""The unix port: a tty is the UART, standard output is the lamp. The board of the tests."""

import asyncio
import gc
import os
import sys
import time

from firmware.core import signal
from firmware.core.ports import Board, Clock, Engine, Lamp, Net, Random
from firmware.core.settings import Settings

# Numbers of <netinet/in.h> and <netinet/tcp.h>; MicroPython has no names for them.
_IPPROTO_TCP = 6
_TCP_NODELAY = 1


class TickClock(Clock):
    """Ticks of the interpreter, counted from construction."""

    def __init__(self) -> None:
        self._last = time.ticks_ms()
        self._now_ms = 0

    def now_ms(self) -> int:
        ticks = time.ticks_ms()
        # Ticks wrap; their differences do not.
        self._now_ms += time.ticks_diff(ticks, self._last)
        self._last = ticks
        return self._now_ms


class TtyEngine(Engine):
    """A scan engine on a tty whose line discipline is raw with VMIN = 0 and VTIME = 0.

    With these, a read returns what is there. Otherwise this port's ``readinto`` would wait until
    the whole buffer is full.
    """

    def __init__(self, path: str) -> None:
        self._stream = asyncio.StreamReader(open(path, "r+b", buffering=0))

    async def readinto(self, buf: bytearray) -> int:
        while True:
            count = await self._stream.readinto(buf)
            if count:
                return count
            # Nothing although it was ready: the other end hung up. It may come back.
            await asyncio.sleep(0.1)


class LogLamp(Lamp):
    """Writes a line for each pattern: milliseconds since boot, pattern, record."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def show(self, pattern: int, seq: int) -> None:
        sys.stdout.write("%d %s %d\n" % (self._clock.now_ms(), signal.name(pattern), seq))


class SocketNet(Net):
    """TCP to the broker of the settings."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port

    async def open(self) -> "tuple[object, object]":
        reader, writer = await asyncio.open_connection(self._host, self._port)
        # Each MQTT packet is one write. Nagle's algorithm would hold it back until the peer has
        # acknowledged the one before, which the peer delays for up to 40 ms.
        writer.s.setsockopt(_IPPROTO_TCP, _TCP_NODELAY, 1)
        return reader, writer


class SystemRandom(Random):
    """The operating system's source."""

    def octets(self, count: int) -> bytes:
        return os.urandom(count)


async def watch_heap() -> None:
    """Write a line each time the heap holds more than ever; octets."""
    most = 0
    while True:
        held = gc.mem_alloc()
        if held > most:
            most = held
            sys.stdout.write("heap %d\n" % most)
        await asyncio.sleep(0.1)


def board(settings: Settings, tty: str) -> Board:
    """Make the ports of this process."""
    clock = TickClock()
    net = SocketNet(settings.broker_host, settings.broker_port)
    return Board(clock, TtyEngine(tty), LogLamp(clock), net, SystemRandom())
