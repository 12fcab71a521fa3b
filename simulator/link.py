"""A bad network on purpose: a TCP proxy between cradle and broker, with faults to be set.

It runs on a thread of its own. When a method has returned, its fault is in force.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections import deque
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from simulator.loopback import HOST, free_port
from simulator.running import Running

Direction: TypeAlias = Literal["up", "down"]  # up: from the cradle to the broker

_CHUNK = 65_536
_PUBACK = 0x40


class Packets:
    """Cuts a stream into MQTT packets, as far as a link needs to know them."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, octets: bytes) -> list[bytes]:
        """Take octets; return the packets they complete, each with its fixed header."""
        self._rest += octets
        found = []
        while (end := self._first_end()) <= len(self._rest):
            found.append(self._rest[:end])
            self._rest = self._rest[end:]
        return found

    def _first_end(self) -> int:
        length = 0
        for at, octet in enumerate(self._rest[1:5]):
            length |= (octet & 0x7F) << 7 * at
            if not octet & 0x80:
                return 2 + at + length
        return len(self._rest) + 1


@dataclass
class Tape:
    """One connection in its order: what the cradle wrote, and what was on its way to it."""

    chunks: list[tuple[Direction, bytes]] = field(default_factory=list)

    def octets(self, direction: Direction) -> bytes:
        """Everything that went one way."""
        return b"".join(octets for way, octets in self.chunks if way == direction)


@dataclass(eq=False)
class _Pair:
    """One connection of a cradle, and ours to the broker.

    Attributes:
        swallow: directions whose octets vanish.
        left: octets until the reset, where one is planned.
    """

    cradle: socket.socket
    broker: socket.socket
    swallow: set[Direction]
    left: dict[Direction, int] = field(default_factory=dict)
    tape: Tape = field(default_factory=Tape)
    packets: Packets = field(default_factory=Packets)
    pumps: dict[Direction, asyncio.Task[None]] = field(default_factory=dict)


class Link(Running):
    """Carries connections from ``port`` on this machine to a broker.

    Attributes:
        port: where the cradle connects to; the same after ``cut`` and ``heal``.
        tapes: one for each connection so far, if ``record``.
        delay_s: each chunk waits so long before it goes on.
        one_octet: each octet goes on as a segment of its own.
    """

    def __init__(self, host: str, port: int, *, record: bool = False) -> None:
        """
        Args:
            host, port: where the broker listens.
        """
        self.port = free_port()
        self.tapes: list[Tape] = []
        self.delay_s = 0.0
        self.one_octet = False
        self._target = (host, port)
        self._record = record
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._listener: socket.socket | None = None
        self._accepting: asyncio.Task[None] | None = None
        self._reading = asyncio.Event()
        self._pairs: list[_Pair] = []
        self._plan: deque[tuple[int, Direction]] = deque()
        self._swallow: set[Direction] = set()
        self._drop_puback = 0

    def start(self) -> None:
        """Begin to carry."""
        self._thread.start()
        self.heal()

    def stop(self) -> None:
        """Reset everything, and end the thread."""
        if not self._thread.is_alive():
            return
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    # Faults.

    def cut(self) -> None:
        """Reset all connections and refuse new ones."""
        self._run(self._cut())

    def heal(self) -> None:
        """End every fault in force; what was planned stays planned.

        A connection that has lost octets is reset, because its stream is torn.
        """
        self._run(self._heal())

    def black_hole(self, *directions: Direction) -> None:
        """Take octets and deliver none, on all connections, new ones too.

        Args:
            directions: both, if none is named.
        """
        self._run(self._black_hole(set(directions or ("up", "down"))))

    def half_open(self) -> None:
        """Let the broker's side of all connections end without the cradle being told."""
        self._run(self._half_open())

    def stop_reading(self) -> None:
        """Take no more octets, so that senders find their stream full."""
        self._loop.call_soon_threadsafe(self._reading.clear)

    def reset_after(self, octets: int, direction: Direction) -> None:
        """Reset the next connection once it has carried ``octets``; several calls, several next."""
        self._plan.append((octets, direction))

    def planned(self) -> int:
        """How many connections are still to be begun that ``reset_after`` will end."""
        return len(self._plan)

    def drop_puback(self, nth: int = 1) -> None:
        """Lose the ``nth`` PUBACK to a cradle from now on."""
        self._drop_puback = nth

    # On the loop's thread.

    def _run(self, action: Coroutine[object, None, None]) -> None:
        asyncio.run_coroutine_threadsafe(action, self._loop).result()

    async def _cut(self) -> None:
        if self._accepting and self._listener:
            await _cancel([self._accepting])
            self._listener.close()
            self._listener = None
        await self._reset(*self._pairs)

    async def _heal(self) -> None:
        self._swallow.clear()
        self.delay_s = 0.0
        self.one_octet = False
        self._reading.set()
        await self._reset(*(pair for pair in self._pairs if pair.swallow))
        if self._listener is None:
            self._listener = socket.create_server((HOST, self.port), backlog=100)
            self._listener.setblocking(False)
            self._accepting = self._loop.create_task(self._accept(self._listener))

    async def _black_hole(self, directions: set[Direction]) -> None:
        self._swallow |= directions
        for pair in self._pairs:
            pair.swallow |= directions

    async def _half_open(self) -> None:
        for pair in self._pairs:
            pair.swallow |= {"up", "down"}
            await _cancel([pair.pumps["down"]])
            _close_hard(pair.broker)

    async def _accept(self, listener: socket.socket) -> None:
        while True:
            cradle, _ = await self._loop.sock_accept(listener)
            broker = socket.socket()
            broker.setblocking(False)
            try:
                await self._loop.sock_connect(broker, self._target)
                for end in (cradle, broker):
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError:
                _close_hard(broker)
                _close_hard(cradle)
                continue
            await self._carry(cradle, broker)

    async def _carry(self, cradle: socket.socket, broker: socket.socket) -> None:
        pair = _Pair(cradle, broker, set(self._swallow))
        self._pairs.append(pair)
        if self._record:
            self.tapes.append(pair.tape)
        if self._plan:
            octets, direction = self._plan.popleft()
            pair.left[direction] = octets
            if octets == 0:
                await self._reset(pair)
                return
        pair.pumps["up"] = self._loop.create_task(self._pump(pair, "up", cradle, broker))
        pair.pumps["down"] = self._loop.create_task(self._pump(pair, "down", broker, cradle))

    async def _pump(
        self, pair: _Pair, direction: Direction, source: socket.socket, sink: socket.socket
    ) -> None:
        goes_on = True
        with contextlib.suppress(OSError):
            while goes_on:
                await self._reading.wait()
                octets = await self._loop.sock_recv(source, _CHUNK)
                if direction == "up":
                    pair.tape.chunks.append((direction, octets))
                if direction in pair.swallow:
                    if not octets:
                        return  # in a black hole nobody hears the end
                elif octets:
                    goes_on = await self._hand_on(pair, direction, octets, sink)
                else:
                    break
        await self._reset(pair)

    async def _hand_on(
        self, pair: _Pair, direction: Direction, octets: bytes, sink: socket.socket
    ) -> bool:
        """Deliver ``octets`` as the faults allow; say whether the connection goes on."""
        if direction == "down":
            octets = self._without_lost_puback(pair.packets.feed(octets))
            pair.tape.chunks.append((direction, octets))
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        left = pair.left.get(direction)
        if left is not None:
            octets = octets[:left]
            pair.left[direction] = left - len(octets)
        step = 1 if self.one_octet else max(1, len(octets))
        for at in range(0, len(octets), step):
            await self._loop.sock_sendall(sink, octets[at : at + step])
        return pair.left.get(direction) != 0

    def _without_lost_puback(self, packets: list[bytes]) -> bytes:
        kept = []
        for packet in packets:
            if packet[0] == _PUBACK and self._drop_puback:
                self._drop_puback -= 1
                if self._drop_puback == 0:
                    continue
            kept.append(packet)
        return b"".join(kept)

    async def _reset(self, *pairs: _Pair) -> None:
        for pair in pairs:
            if pair in self._pairs:
                self._pairs.remove(pair)
                await _cancel(pair.pumps.values())
                _close_hard(pair.cradle)
                _close_hard(pair.broker)


async def _cancel(tasks: Iterable[asyncio.Task[None]]) -> None:
    """End other tasks, and wait for it: a socket may be closed only when nobody waits for it."""
    others = [task for task in tasks if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def _close_hard(end: socket.socket) -> None:
    """Close with a reset instead of an orderly end."""
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    end.close()
