"""Engine octets and time in, frames out. A frame is what stands before a terminator.

The caller says what time it is; nothing here waits or reads a clock.
"""

from protocol import reasons
from protocol.compat import const

FRAME_MAX = const(260)  # a label of 256 octets, "]", two of the symbology, and one to notice more

_CR = const(0x0D)
_LF = const(0x0A)


class LineFramer:
    """Cuts a stream of octets at CR or LF. Empty frames are not frames.

    A frame is in ``buf[:length]`` until the next call of ``feed``. ``reason`` is OK, or TOO_LONG
    (the first 259 octets are kept, the rest up to the terminator is passed over), or UNTERMINATED.
    Nothing is allocated after construction.
    """

    def __init__(self, gap_ms: int) -> None:
        """
        Args:
            gap_ms: silence inside a frame after which it is given up as UNTERMINATED.
        """
        self.buf = bytearray(FRAME_MAX)
        self.length = 0
        self.reason = reasons.OK
        self._gap_ms = gap_ms
        self._fill = 0
        self._last_ms = 0

    def feed(self, chunk: bytearray, at: int, end: int, now_ms: int) -> int:
        """Take octets ``chunk[at:end]`` up to and including the end of one frame.

        Returns:
            the offset after the last octet taken. ``length`` is above 0 if a frame is ready;
            otherwise everything was taken.
        """
        if self.silent(now_ms):
            return at
        buf = self.buf
        fill = self._fill
        if at < end:
            self._last_ms = now_ms
        while at < end:
            octet = chunk[at]
            at += 1
            if octet in (_CR, _LF):
                if fill:
                    self._finish(fill, reasons.OK if fill < FRAME_MAX else reasons.TOO_LONG)
                    return at
            elif fill < FRAME_MAX:
                buf[fill] = octet
                fill += 1
        self._fill = fill
        return at

    def silent(self, now_ms: int) -> bool:
        """Say whether a frame began and then fell silent; if so, it is ready as UNTERMINATED."""
        self.length = 0
        if self._fill == 0 or now_ms - self._last_ms < self._gap_ms:
            return False
        self._finish(self._fill, reasons.UNTERMINATED)
        return True

    def _finish(self, fill: int, reason: int) -> None:
        self.length = fill if fill < FRAME_MAX else FRAME_MAX - 1
        self.reason = reason
        self._fill = 0
