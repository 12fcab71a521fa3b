"""A scan engine on a pseudo-terminal: what it reads comes out of a tty, octet by octet.

The cradle opens ``path`` as its UART. The tty stays when the cradle dies, as a cable would.
"""

from __future__ import annotations

import os
import select
import termios
import time
import tty
from collections.abc import Callable, Sequence
from types import TracebackType

_BITS_AN_OCTET = 10  # start, eight, stop
_AIM = 3  # octets of the ISO/IEC 15424 identifier


class LineBlocked(Exception):
    """The tty is full: whoever should read it has not done so for seconds."""


class Engine:
    """One engine. Its speech is set when it is made, as on a real one by its setting codes.

    Args:
        terminator: after every frame.
        aim: whether the ISO/IEC 15424 identifier is sent.
        no_read: what it says when it was triggered and read nothing; empty if it says nothing.
        baud: pace of the octets; 0 for as fast as they go.
        patience_s: how long a reader may leave a full tty unread.
    """

    def __init__(
        self,
        terminator: bytes = b"\r\n",
        aim: bool = True,
        no_read: bytes = b"NOREAD",
        baud: int = 0,
        patience_s: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._terminator = terminator
        self._aim = aim
        self._no_read = no_read
        self._octet_s = _BITS_AN_OCTET / baud if baud else 0.0
        self._patience_s = patience_s
        self._clock = clock
        self._sleep = sleep
        # We keep the cable's other end open too, or the tty would hang up with its reader.
        self._master, self._slave = os.openpty()
        os.set_blocking(self._master, False)
        tty.setraw(self._slave)
        # A read returns what is there, as MicroPython expects of a UART.
        attributes = termios.tcgetattr(self._slave)
        attributes[6][termios.VMIN] = 0
        attributes[6][termios.VTIME] = 0
        termios.tcsetattr(self._slave, termios.TCSANOW, attributes)
        self.path = os.ttyname(self._slave)

    def said(self, read: bytes | None) -> bytes:
        """Return the frame for one read, without terminator; empty when it says nothing.

        Args:
            read: identifier and data, as of ``label.scan``; None when nothing was read.
        """
        if read is None:
            return self._no_read
        return read if self._aim else read[_AIM:]

    def send(self, *reads: bytes | None, cut_at: Sequence[int] = (), pause_s: float = 0.0) -> None:
        """Send the frames of ``reads``, glued to one another.

        Args:
            cut_at: offsets, ascending, where the octets are cut apart.
            pause_s: silence at each cut.

        Raises:
            LineBlocked: nobody reads the tty.
        """
        frames = [self.said(read) for read in reads]
        octets = b"".join(frame + self._terminator for frame in frames if frame)
        start = 0
        for cut in cut_at:
            self.put(octets[start:cut])
            self._sleep(pause_s)
            start = cut
        self.put(octets[start:])

    def put(self, octets: bytes) -> None:
        """Put raw octets on the line: noise, or half a frame.

        Raises:
            LineBlocked: nobody reads the tty.
        """
        if not self._octet_s:
            self._write(octets)
            return
        begun = self._clock()
        for count in range(len(octets)):
            early_s = begun + (count + 1) * self._octet_s - self._clock()
            if early_s > 0:
                self._sleep(early_s)
            self._write(octets[count : count + 1])

    def forget(self) -> None:
        """Drop what nobody has read. A wire keeps nothing for a cradle that was off."""
        termios.tcflush(self._slave, termios.TCIFLUSH)

    def close(self) -> None:
        """Pull the cable. The reader, if any, sees the line hang up."""
        os.close(self._master)
        os.close(self._slave)

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _write(self, octets: bytes) -> None:
        while octets:
            try:
                octets = octets[os.write(self._master, octets) :]
            except BlockingIOError:
                if not select.select([], [self._master], [], self._patience_s)[1]:
                    raise LineBlocked(
                        f"{self.path}: {len(octets)} octets cannot be sent, nobody reads\n"
                        "  hint: is the cradle running, and was it given this path?"
                    ) from None
