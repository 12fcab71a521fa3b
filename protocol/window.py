"""What the agent has not yet taken, and when to send it (again). Go-back-N.

Records are encoded once, when they are read, and wait in a ring of octets. The record with the
number ``base`` is the oldest not taken, ``sent`` the next to send, ``next_seq`` the next to read:
base <= sent <= next_seq. When nothing is taken for a while, ``sent`` goes back to ``base``.
"""

from array import array

from protocol.compat import const
from protocol.wire_cradle import RECORD_MAX

IGNORED = const(-1)


class Window:
    """Bounded in records and in octets; when full it takes no more, and forgets nothing.

    ``room`` and ``add`` allocate nothing.
    """

    def __init__(self, records: int, octets: int, resend_ms: int, resend_max_ms: int) -> None:
        """
        Args:
            octets: size of the ring, 560..65535: one record of the greatest length fits anywhere.
            resend_ms: wait for ``taken`` before going back; doubles while nothing moves,
                up to ``resend_max_ms``.
        """
        self.buf = bytearray(octets)
        self.next_seq = 0
        self.base = 0
        self.sent = 0
        self.sent_far = 0  # the highest ``sent`` ever: what the agent may speak of
        self._slots = records
        self._starts = array("H", [0] * records)
        self._stops = array("H", [0] * records)
        # A list, because reading an array of 64-bit numbers allocates on MicroPython.
        self._at_ms = [0] * records
        self._before_base_ms = 0
        self._head = 0
        self._resend_ms = resend_ms
        self._resend_max_ms = resend_max_ms
        self._patience_ms = resend_ms
        self._moved_ms = 0

    def room(self) -> int:
        """Return the offset in ``buf`` where the next record may be written, or -1 when full."""
        if self.next_seq - self.base >= self._slots:
            return -1
        if self.next_seq == self.base:
            self._head = 0
            return 0
        tail = self._starts[self.base % self._slots]
        if self._head > tail:
            if len(self.buf) - self._head >= RECORD_MAX:
                return self._head
            self._head = 0
        return self._head if tail - self._head > RECORD_MAX else -1

    def add(self, end: int, at_ms: int) -> int:
        """Take the record written from ``room()`` up to ``end``; return its seq."""
        seq = self.next_seq
        slot = seq % self._slots
        self._starts[slot] = self._head
        self._stops[slot] = end
        self._at_ms[slot] = at_ms
        self._head = end
        self.next_seq = seq + 1
        return seq

    def last_ms(self) -> int:
        """When the newest record was read, from which the next one's ``dt`` counts; 0 at first."""
        return self.ms_before(self.next_seq)

    def ms_before(self, seq: int) -> int:
        """When the record before ``seq`` was read, for ``base <= seq <= next_seq``."""
        if seq == self.base:
            return self._before_base_ms
        return self._at_ms[(seq - 1) % self._slots]

    def start(self, seq: int) -> int:
        """Offset in ``buf`` of the waiting record ``seq``."""
        return self._starts[seq % self._slots]

    def stop(self, seq: int) -> int:
        """Offset in ``buf`` after the waiting record ``seq``."""
        return self._stops[seq % self._slots]

    def mark_sent(self, until: int, now_ms: int) -> None:
        """Note that everything below ``until`` has been handed to the link."""
        if self.sent == self.base:
            self._moved_ms = now_ms
        self.sent = until
        self.sent_far = max(self.sent_far, until)

    def taken(self, next_seq: int, now_ms: int) -> int:
        """Forget everything below ``next_seq``: it is on the agent's disk.

        Returns:
            how many records were forgotten; IGNORED for what was never sent, 0 for old news.
        """
        if next_seq > self.sent_far:
            return IGNORED
        count = next_seq - self.base
        if count <= 0:
            return 0
        self._before_base_ms = self.ms_before(next_seq)
        self.base = next_seq
        self.sent = max(self.sent, next_seq)
        self._moved_ms = now_ms
        self._patience_ms = self._resend_ms
        return count

    def go_back(self) -> None:
        """Send everything that is not taken once more: the link is new."""
        self.sent = self.base

    def overdue(self, now_ms: int) -> bool:
        """Say whether ``taken`` is overdue; if so, go back, and be more patient next time."""
        if self.sent == self.base or now_ms - self._moved_ms < self._patience_ms:
            return False
        self._patience_ms = min(self._patience_ms * 2, self._resend_max_ms)
        self.sent = self.base
        return True
