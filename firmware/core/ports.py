"""What the core asks of a board. Each class is a promise; firmware.board keeps it."""


class Clock:
    """Time since power-up."""

    def now_ms(self) -> int:
        """Milliseconds since boot; never goes back."""
        raise NotImplementedError


class Engine:
    """A scan engine on a UART or on USB."""

    async def readinto(self, buf: bytearray) -> int:
        """Wait for octets, put them at the start of ``buf``, return how many (at least 1)."""
        raise NotImplementedError


class Lamp:
    """Light and buzzer."""

    def show(self, pattern: int, seq: int) -> None:
        """Begin ``pattern`` of firmware.core.signal, in place of what is on now; do not wait.

        Args:
            seq: the record it speaks of, for boards that keep a log; -1 for none.
        """
        raise NotImplementedError


class Net:
    """The way to the broker."""

    async def open(self) -> "tuple[object, object]":
        """Connect, and return a reader and a writer as asyncio streams.

        Raises:
            OSError: not now.
        """
        raise NotImplementedError


class Random:
    """A source nobody can guess."""

    def octets(self, count: int) -> bytes:
        """Return ``count`` random octets."""
        raise NotImplementedError


class Board:
    """All ports of one cradle."""

    def __init__(self, clock: Clock, engine: Engine, lamp: Lamp, net: Net, random: Random) -> None:
        self.clock = clock
        self.engine = engine
        self.lamp = lamp
        self.net = net
        self.random = random
