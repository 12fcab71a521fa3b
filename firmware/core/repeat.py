"""An engine reads a label that stays in its beam over and over: that is one read."""


class Repeat:
    """Remembers the last unit read. Allocates nothing after construction."""

    def __init__(self, repeat_ms: int, octets: int) -> None:
        self._repeat_ms = repeat_ms
        self._last = bytearray(octets)
        self._length = -1
        self._seen_ms = 0

    def is_repeat(self, data: bytearray, start: int, end: int, now_ms: int) -> bool:
        """Say whether ``data[start:end]`` is the unit read last, less than ``repeat_ms`` ago.

        Time counts from the last read, not from the first: a label may stay in the beam for long.
        """
        length = end - start
        fresh = now_ms - self._seen_ms < self._repeat_ms
        self._seen_ms = now_ms
        if fresh and length == self._length and self._equals(data, start):
            return True
        at = 0
        while at < length:
            self._last[at] = data[start + at]
            at += 1
        self._length = length
        return False

    def forget(self) -> None:
        """Take the unit, when it comes again, for one that was never read."""
        self._length = -1

    def _equals(self, data: bytearray, start: int) -> bool:
        # From the end, where serials differ.
        at = self._length - 1
        while at >= 0:
            if self._last[at] != data[start + at]:
                return False
            at -= 1
        return True
