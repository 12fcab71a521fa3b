"""The MQTT client: one stream to the broker after the other, for ever, around `core`.

Three tasks share a connection: one reads, one writes, one looks at the time. None waits for another
except where the broker makes it so; whichever ends, ends the connection. The scan path is never
among them: it fills a slot, wakes the writer, and goes on.
"""

import asyncio
import sys

from firmware.mqtt import counts
from firmware.mqtt.core import MESSAGE, UP, Core
from protocol.compat import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from firmware.core.ports import Clock, Random

_READ_MAX = const(512)
_TICK_MS = const(50)
_REFUSED = "certificate refused: %s"
_DEVICE = sys.implementation.name == "micropython"


class _Stream:
    """A reader and a writer of asyncio, made alike.

    MicroPython reads into a buffer and takes a view of ours for writing, which it holds no longer
    than ``drain`` runs. CPython can do neither: its transport may go on holding what it was given,
    while we use the buffer anew. And only CPython's can be closed without waiting for a peer that
    no longer reads. MicroPython's TLS shakes hands at the first read or write, and refuses a
    certificate with ValueError.
    """

    def __init__(self, reader: object, writer: object) -> None:
        self._reader: "asyncio.StreamReader" = reader  # type: ignore[assignment]
        self._writer: "asyncio.StreamWriter" = writer  # type: ignore[assignment]

    async def readinto(self, buf: bytearray) -> int:
        """Wait for octets; return how many were put into ``buf``, 0 at the end of the stream.

        Raises:
            OSError: the stream is gone.
        """
        if not _DEVICE:
            octets = await self._reader.read(len(buf))
            buf[: len(octets)] = octets
            return len(octets)
        while True:
            try:
                count = await self._reader.readinto(buf)  # type: ignore[attr-defined]
            except ValueError as error:
                raise OSError(_REFUSED % error) from None
            if count is not None:  # None: TLS found nothing for us in what came
                return count  # type: ignore[no-any-return]

    async def write(self, octets: memoryview) -> None:
        """Write with one call, and wait until the stream has taken everything.

        Raises:
            OSError: the stream is gone.
        """
        try:
            self._writer.write(octets if _DEVICE else bytes(octets))
            await self._writer.drain()
        except ValueError as error:
            raise OSError(_REFUSED % error) from None

    async def close(self) -> None:
        """Give the socket back at once."""
        if _DEVICE:
            await self._writer.wait_closed()
        else:
            self._writer.transport.abort()


def _sleep_ms(duration_ms: int) -> "Awaitable[None]":
    if _DEVICE:
        return asyncio.sleep_ms(duration_ms)  # type: ignore[attr-defined,no-any-return]
    return asyncio.sleep(duration_ms / 1000)


class Client:
    """Keeps one core connected. What a core can do for an uplink is here again, with the wake-up.

    Attributes:
        connected: publishes go out.
    """

    def __init__(
        self,
        core: Core,
        open_stream: "Callable[[], Awaitable[tuple[object, object]]]",
        clock: "Clock",
        random: "Random",
        on_message: "Callable[[str, bytearray, int, int], None]",
        on_connected: "Callable[[bool], None]",
        backoff_ms: int = 200,
        backoff_max_ms: int = 4500,
    ) -> None:
        """
        Args:
            open_stream: connects, TLS included; returns a reader and a writer of asyncio. Raises
                OSError, or ValueError for a certificate that cannot be.
            on_message: gets (topic, buf, start, end); the octets are its own until it returns.
                When it has, the broker forgets the message.
            on_connected: gets ``session_present``; nothing is written before it returns.
            backoff_ms, backoff_max_ms: shortest and longest pause between two tries. The default
                leaves half a second of five for the handshakes.
        """
        self.core = core
        self.payload_at = core.payload_at
        self.payload_max = core.payload_max
        self._open_stream = open_stream
        self._clock = clock
        self._random = random
        self._on_message = on_message
        self._on_connected = on_connected
        self._backoff_ms = backoff_ms
        self._backoff_max_ms = backoff_max_ms
        self._pause_ms = backoff_ms
        self._buf = bytearray(_READ_MAX)
        self._wake = asyncio.Event()  # there may be something to write
        self._flushed = asyncio.Event()  # everything is written
        self._over = asyncio.Event()  # the connection has ended
        self._bug: "BaseException | None" = None

    @property
    def connected(self) -> bool:
        return self.core.connected

    def in_flight(self) -> int:
        """How many publishes wait, or are sent and not acknowledged."""
        return self.core.in_flight()

    def reserve(self) -> int:
        """Return a slot to write a payload into, or -1; as ``Core.reserve``."""
        return self.core.reserve()

    def buffer(self, slot: int) -> bytearray:
        """The buffer of a reserved slot; a payload begins at ``payload_at``."""
        return self.core.buffer(slot)

    def publish(self, slot: int, end: int, now_ms: int) -> None:
        """Send ``buffer(slot)[payload_at:end]`` as soon as the other tasks let us."""
        self.core.publish(slot, end, now_ms)
        self._wake.set()

    def forget_all(self) -> None:
        """Drop what is not written on this connection; as ``Core.forget_all``."""
        self.core.forget_all()

    async def run(self) -> None:
        """Connect, and connect again, for ever. Raises only what the callbacks raise."""
        while True:
            stream = await self._open()
            if stream is not None:
                await self._talk(stream)
                if self._bug is not None:
                    raise self._bug
            await self._pause()

    async def _open(self) -> "_Stream | None":
        try:
            timeout_s = self.core.connect_timeout_ms / 1000
            reader, writer = await asyncio.wait_for(self._open_stream(), timeout_s)
        except (OSError, ValueError, asyncio.TimeoutError):
            self.core.counts[counts.UNREACHABLE] += 1
            return None
        return _Stream(reader, writer)

    async def _pause(self) -> None:
        # Half of it by chance, so that a room of cradles does not come back at one moment.
        half_ms = self._pause_ms // 2
        chance = int.from_bytes(self._random.octets(2), "big")
        self._pause_ms = min(self._pause_ms * 2, self._backoff_max_ms)
        await _sleep_ms(half_ms + half_ms * chance // 65535)

    async def _talk(self, stream: _Stream) -> None:
        """Use ``stream`` until it ends or the core has had enough of it."""
        self._over.clear()
        self._wake.set()
        self.core.opened(self._clock.now_ms())
        parts = (self._read(stream), self._write(stream), self._watch())
        tasks = [asyncio.create_task(self._part(part)) for part in parts]
        try:
            await self._over.wait()
        finally:
            self.core.lost(self._clock.now_ms())
            for task in tasks:
                task.cancel()
            for task in tasks:
                try:
                    await task
                except asyncio.CancelledError:
                    pass
            await stream.close()

    async def _part(self, part: "Coroutine[object, None, None]") -> None:
        try:
            await part
        except OSError:
            pass  # the stream is gone, which is what ``_talk`` takes it for
        except Exception as error:
            self._bug = error
        self._over.set()

    async def _read(self, stream: _Stream) -> None:
        core = self.core
        buf = self._buf
        while core.open:
            count = await stream.readinto(buf)
            if count == 0:
                return
            at = 0
            while at < count:
                at = core.feed(buf, at, count, self._clock.now_ms())
                if core.event == UP:
                    self._up()
                elif core.event == MESSAGE:
                    self._on_message(core.down, core.inbound, core.start, core.end)
                    core.done()
                if core.clogged():
                    self._flushed.clear()
                    self._wake.set()
                    await self._flushed.wait()
            self._wake.set()

    def _up(self) -> None:
        # With a second client of our id, to come back quickly is to throw it out quickly.
        if not self.core.same_id_twice():
            self._pause_ms = self._backoff_ms
        self._on_connected(self.core.session_present)

    async def _write(self, stream: _Stream) -> None:
        core = self.core
        out = core.out
        while True:
            while core.next_out(self._clock.now_ms()):
                await stream.write(memoryview(out.buf)[out.start : out.end])
                core.written(self._clock.now_ms())
            self._flushed.set()
            await self._wake.wait()
            self._wake.clear()

    async def _watch(self) -> None:
        while self.core.open:
            await _sleep_ms(_TICK_MS)
            if self.core.tick(self._clock.now_ms()):
                self._wake.set()
