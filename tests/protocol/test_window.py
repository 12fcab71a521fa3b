"""The window: it never loses, reorders or rewrites a record before it is taken.

A list of all records ever read is the model; what the window sends is decoded by the agent's side.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from protocol import batch, cbor, reasons, wire
from protocol.shapes import Batch, Label, ScanRecord
from protocol.window import IGNORED, Window

BOOT_ID = b"bootboot"
SLOTS = 8
RESEND_MS = 300
RESEND_MAX_MS = 2000

# Waits of a scan: usual pace, nights, and none at all.
WAITS = st.sampled_from([0, 1, 23, 24, 300, 70_000, 10**9])
LENGTHS = st.sampled_from([0, 20, 100, 200, 255, 256])


def label(seq: int, length: int) -> Label:
    """A label that no other record has: twenty digits are a good code, the others foreign."""
    if length == 20:
        return Label(b"C0", b"89999999%012d" % seq, reasons.OK)
    return Label(b"d2", (b"%d/" % seq * 128)[:length], reasons.FOREIGN)


def put(window: Window, at: int, record: ScanRecord) -> int:
    """Do with ``record`` what the reader does, and return its seq."""
    ((symbology, data, reason),) = record.labels
    number = int.from_bytes(symbology, "big")
    dt_ms = record.at_ms - window.last_ms()
    end = wire.put_scan(window.buf, at, dt_ms, number, data, 0, len(data), reason)
    return window.add(end, record.at_ms)


def room(window: Window) -> int:
    """Ask ``window`` for room, and hold the answer against what waits in it."""
    waiting = [(window.start(s), window.stop(s)) for s in range(window.base, window.next_seq)]
    at = window.room()
    if at < 0:
        used = sum(stop - start for start, stop in waiting)
        # One record's room may be lost where the ring ends, one before the oldest record.
        assert len(waiting) == SLOTS or len(window.buf) - used <= 2 * wire.RECORD_MAX
    else:
        end = at + wire.RECORD_MAX
        assert end <= len(window.buf)
        assert all(stop <= at or end <= start for start, stop in waiting)
    return at


def next_batch(window: Window, octets_max: int, now_ms: int) -> tuple[int, bytes]:
    """Cut the next batch; return where it ends, and its octets."""
    out = bytearray(octets_max)
    until = batch.cut(window, octets_max)
    end = batch.put(out, 0, window, until, BOOT_ID, now_ms)
    assert len(out) == octets_max
    return until, bytes(out[:end])


class Cradle(RuleBasedStateMachine):
    """A cradle whose link and agent do what they like."""

    def __init__(self) -> None:
        super().__init__()
        self.now_ms = 0
        self.read: list[ScanRecord] = []
        self.taken = 0  # records below it are the agent's
        self.sent = 0
        self.sent_far = 0

    @initialize(octets=st.sampled_from([560, 561, 900, 1500, 4096]))
    def power_up(self, octets: int) -> None:
        self.octets = octets
        self.window = Window(SLOTS, octets, RESEND_MS, RESEND_MAX_MS)

    @rule(lengths=st.lists(LENGTHS, min_size=1, max_size=4), wait_ms=WAITS)
    def scan(self, lengths: list[int], wait_ms: int) -> None:
        for length in lengths:
            self.now_ms += wait_ms
            self._scan(length)

    def _scan(self, length: int) -> None:
        at = room(self.window)
        if at < 0:
            return
        seq = len(self.read)
        record = ScanRecord(seq, self.now_ms, (label(seq, length),))
        assert put(self.window, at, record) == record.seq
        self.read.append(record)

    @rule(octets_max=st.integers(batch.HEAD_MAX + wire.RECORD_MAX, 1400))
    def send(self, octets_max: int) -> None:
        until, octets = next_batch(self.window, octets_max, self.now_ms)
        if self.sent == len(self.read):
            assert until == self.sent
            return
        assert self.sent < until <= len(self.read)
        assert wire.read_batch(cbor.loads(octets)) == Batch(
            BOOT_ID, self.sent, self.now_ms, [*self.read[self.sent : until]]
        )
        self.window.mark_sent(until, self.now_ms)
        self.sent = until
        self.sent_far = max(self.sent_far, until)

    @rule(ahead=st.integers(-2, 9))
    def agent_takes(self, ahead: int) -> None:
        next_seq = max(0, self.taken + ahead)
        forgotten = self.window.taken(next_seq, self.now_ms)
        if next_seq > self.sent_far:
            assert forgotten == IGNORED
            return
        assert forgotten == max(0, next_seq - self.taken)
        self.taken = max(self.taken, next_seq)
        self.sent = max(self.sent, self.taken)

    @rule()
    def link_is_new(self) -> None:
        self.window.go_back()
        self.sent = self.taken

    @rule(wait_ms=WAITS)
    def time_passes(self, wait_ms: int) -> None:
        self.now_ms += wait_ms
        if self.window.overdue(self.now_ms):
            assert self.sent > self.taken
            self.sent = self.taken

    @invariant()
    def the_window_knows_what_we_know(self) -> None:
        window = self.window
        assert (window.base, window.sent, window.next_seq, window.sent_far) == (
            self.taken,
            self.sent,
            len(self.read),
            self.sent_far,
        )
        assert window.last_ms() == (self.read[-1].at_ms if self.read else 0)

    @invariant()
    def every_waiting_record_stands_as_it_was_written(self) -> None:
        at_ms = self.read[self.taken - 1].at_ms if self.taken else 0
        for record in self.read[self.taken :]:
            octets = self.window.buf[self.window.start(record.seq) : self.window.stop(record.seq)]
            item = [1, 1, BOOT_ID, record.seq, at_ms, 0, [cbor.loads(bytes(octets))]]
            assert wire.read_batch(item).records == [record]
            at_ms = record.at_ms

    @invariant()
    def the_room_is_bounded(self) -> None:
        assert len(self.window.buf) == self.octets
        assert len(self.read) - self.taken <= SLOTS


TestCradle = Cradle.TestCase


def waiting(count: int, symbology: bytes = b"C0", pace_ms: int = 100) -> Window:
    """A window with ``count`` good scans of twenty digits that come every ``pace_ms``."""
    window = Window(256, 65_535, RESEND_MS, RESEND_MAX_MS)
    for seq in range(count):
        good = label(seq, 20)._replace(symbology=symbology)
        put(window, window.room(), ScanRecord(seq, 2**40 + seq * pace_ms, (good,)))
    return window


@given(
    st.integers(560, 1500),
    st.lists(st.tuples(LENGTHS, st.integers(0, 3)), min_size=10, max_size=60),
)
def test_the_ring_comes_round_without_touching_what_waits(
    octets: int, turns: list[tuple[int, int]]
) -> None:
    window = Window(SLOTS, octets, RESEND_MS, RESEND_MAX_MS)
    for length, released in turns:
        at = room(window)
        if at >= 0:
            seq = window.next_seq
            put(window, at, ScanRecord(seq, seq, (label(seq, length),)))
        window.mark_sent(window.next_seq, 0)
        window.taken(min(window.base + released, window.next_seq), 0)


@given(
    st.lists(LENGTHS, min_size=1, max_size=12),
    st.integers(batch.HEAD_MAX + wire.RECORD_MAX, 1400),
)
def test_a_batch_fits_and_the_next_record_would_not_have(
    lengths: list[int], octets_max: int
) -> None:
    window = Window(256, 65_535, RESEND_MS, RESEND_MAX_MS)
    for seq, length in enumerate(lengths):
        put(window, window.room(), ScanRecord(seq, seq, (label(seq, length),)))

    until, octets = next_batch(window, octets_max, 0)

    assert len(octets) <= octets_max
    if until < len(lengths):
        following = window.stop(until) - window.start(until)
        assert len(octets) + following + batch.HEAD_MAX > octets_max


def test_a_batch_has_at_most_64_records() -> None:
    window = waiting(100)
    window.mark_sent(10, 0)

    assert next_batch(window, 65_535, 0)[0] == 10 + batch.RECORDS_MAX


@pytest.mark.parametrize(("symbology", "pace_ms"), [(b"C0", 2), (b"d1", 100), (b"Q1", 60_000)])
def test_64_codes_fit_one_tcp_segment(symbology: bytes, pace_ms: int) -> None:
    until, octets = next_batch(waiting(64, symbology, pace_ms), 1400, 2**40)

    assert until == 64
    assert len(octets) < 1400
    assert len(octets) - batch.HEAD_MAX <= 17 * 64


def test_patience_doubles_up_to_its_limit_and_returns_when_something_is_taken() -> None:
    window = waiting(2)
    now_ms = 0
    for patience_ms in (300, 600, 1200, 2000, 2000):
        window.mark_sent(2, now_ms)
        assert not window.overdue(now_ms + patience_ms - 1)
        now_ms += patience_ms
        assert window.overdue(now_ms)
        assert not window.overdue(now_ms + 10**9), "nothing is under way"
    window.mark_sent(2, now_ms)
    window.taken(1, now_ms + 100)

    assert not window.overdue(now_ms + 100 + RESEND_MS - 1)
    assert window.overdue(now_ms + 100 + RESEND_MS)


def test_sending_more_does_not_make_the_first_record_wait_longer() -> None:
    window = waiting(2)
    window.mark_sent(1, 0)
    window.mark_sent(2, RESEND_MS - 1)

    assert window.overdue(RESEND_MS)


def test_what_was_taken_while_going_back_is_not_sent_again() -> None:
    window = waiting(3)
    window.mark_sent(3, 0)
    window.go_back()

    assert window.taken(2, 5) == 2
    assert window.sent == 2
