"""The way of a scan through this room: framer, classifier, encoder, window."""

from protocol import reasons, wire
from protocol.codes import UNKNOWN, Classifier
from protocol.framing import LineFramer
from protocol.window import Window

_AIM = 0x5D  # "]"


class ScanPath:
    """Takes the octets of an engine; ``kind`` and ``reason`` tell the last frame.

    Like the firmware's reader, without ports, repeats and signals.
    """

    def __init__(self, gap_ms: int, window: Window) -> None:
        self.framer = LineFramer(gap_ms)
        self.classifier = Classifier()
        self.window = window
        self.frames = 0
        self.kind = UNKNOWN
        self.reason = reasons.OK

    def take(self, chunk: bytearray, at: int, end: int, now_ms: int) -> int:
        """Take ``chunk[at:end]`` up to the end of one frame; return the offset after it."""
        at = self.framer.feed(chunk, at, end, now_ms)
        if self.framer.length:
            self._frame(now_ms)
        return at

    def silent(self, now_ms: int) -> bool:
        """Give up a line that has fallen silent; say whether there was one."""
        if not self.framer.silent(now_ms):
            return False
        self._frame(now_ms)
        return True

    def _frame(self, now_ms: int) -> None:
        data = self.framer.buf
        end = self.framer.length
        start = 0
        symbology = 0
        if end > 3 and data[0] == _AIM:
            symbology = data[1] << 8 | data[2]
            start = 3
        reason = self.framer.reason
        if end - start > wire.DATA_MAX:
            end = start + wire.DATA_MAX
            reason = reasons.TOO_LONG
        kind = UNKNOWN
        if reason == reasons.OK:
            kind = self.classifier.check(symbology, data, start, end)
            reason = self.classifier.reason
        window = self.window
        at = window.room()
        dt_ms = now_ms - window.last_ms()
        stop = wire.put_scan(window.buf, at, dt_ms, symbology, data, start, end, reason)
        window.add(stop, now_ms)
        self.frames += 1
        self.kind = kind
        self.reason = reason
