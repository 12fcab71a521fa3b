"""Framing: however a stream is cut, the same frames come out, and only silence gives one up."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import reasons
from protocol.framing import FRAME_MAX, LineFramer

GAP_MS = 50
KEPT = FRAME_MAX - 1

Frame = tuple[bytes, int]

# Terminators often, so that many short frames stand beside one that is too long.
STREAMS = st.lists(
    st.sampled_from([b"\r\n", b"\r", b"\n", b"\r\r\n"])
    | st.binary(max_size=12)
    | st.sampled_from([b"x" * KEPT, b"x" * FRAME_MAX, b"x" * 700]),
    max_size=12,
).map(b"".join)


def feed(framer: LineFramer, octets: bytes, now_ms: int) -> list[Frame]:
    """Feed one chunk the way the reader does: until all of it is taken."""
    chunk = bytearray(octets)
    frames = []
    at = 0
    while at < len(chunk):
        at = framer.feed(chunk, at, len(chunk), now_ms)
        if framer.length:
            frames.append(held(framer))
    return frames


def held(framer: LineFramer) -> Frame:
    return bytes(framer.buf[: framer.length]), framer.reason


def whole_frames(stream: bytes) -> list[Frame]:
    """What the terminators alone say."""
    return [
        (line[:KEPT], reasons.OK if len(line) <= KEPT else reasons.TOO_LONG)
        for line in re.split(rb"[\r\n]", stream)[:-1]
        if line
    ]


@given(STREAMS, st.data())
def test_any_cut_of_the_stream_gives_the_same_frames(stream: bytes, data: st.DataObject) -> None:
    inside = st.lists(st.integers(0, len(stream)), max_size=20)
    places = sorted([0, *data.draw(inside), len(stream)])
    framer = LineFramer(GAP_MS)

    frames = [f for a, b in pairwise(places) for f in feed(framer, stream[a:b], now_ms=7)]

    assert frames == whole_frames(stream)


@given(st.lists(st.tuples(st.sampled_from([0, 1, GAP_MS - 1, GAP_MS, 9999]), STREAMS), max_size=8))
def test_silence_inside_a_frame_gives_it_up_with_what_was_heard(
    heard: list[tuple[int, bytes]],
) -> None:
    framer = LineFramer(GAP_MS)
    frames: list[Frame] = []
    expected: list[Frame] = []
    begun = b""
    now_ms = last_ms = 0
    for wait_ms, octets in heard:
        now_ms += wait_ms
        frames += feed(framer, octets, now_ms)

        if octets:
            if begun and now_ms - last_ms >= GAP_MS:
                expected.append((begun[:KEPT], reasons.UNTERMINATED))
                begun = b""
            expected += whole_frames(begun + octets)
            begun = re.split(rb"[\r\n]", begun + octets)[-1]
            last_ms = now_ms

    assert frames == expected
    assert framer.silent(last_ms + GAP_MS) == bool(begun)
    assert framer.length == len(begun[:KEPT])


@pytest.mark.parametrize("wait_ms", [0, 1, GAP_MS - 1])
def test_a_pause_shorter_than_the_gap_is_no_silence(wait_ms: int) -> None:
    framer = LineFramer(GAP_MS)
    feed(framer, b"8999", now_ms=1000)

    assert not framer.silent(1000 + wait_ms)
    assert feed(framer, b"9999\r", now_ms=1000 + wait_ms) == [(b"89999999", reasons.OK)]


def test_an_empty_read_is_silence() -> None:
    framer = LineFramer(GAP_MS)
    feed(framer, b"8999", now_ms=0)
    framer.feed(bytearray(), 0, 0, GAP_MS - 1)

    assert framer.silent(GAP_MS)
    assert held(framer) == (b"8999", reasons.UNTERMINATED)


def test_a_frame_given_up_is_told_before_the_octets_that_came_after_it() -> None:
    framer = LineFramer(GAP_MS)
    feed(framer, b"first", now_ms=0)

    assert feed(framer, b"second\r\n", now_ms=GAP_MS) == [
        (b"first", reasons.UNTERMINATED),
        (b"second", reasons.OK),
    ]


@pytest.mark.parametrize(("octets", "reason"), [(KEPT, reasons.OK), (FRAME_MAX, reasons.TOO_LONG)])
def test_the_longest_frame_is_one_label_of_256_octets_with_its_symbology(
    octets: int, reason: int
) -> None:
    assert feed(LineFramer(GAP_MS), b"]d2" + b"x" * (octets - 3) + b"\r", now_ms=0) == [
        (b"]d2" + b"x" * (KEPT - 3), reason)
    ]


def test_a_line_that_never_ends_takes_no_more_room() -> None:
    framer = LineFramer(GAP_MS)
    buf = framer.buf
    for now_ms in range(1000):
        assert feed(framer, b"x" * 1000, now_ms) == []

    assert framer.buf is buf
    assert len(buf) == FRAME_MAX
    assert feed(framer, b"\r8999\r", 1000) == [
        (b"x" * KEPT, reasons.TOO_LONG),
        (b"8999", reasons.OK),
    ]


def test_only_the_part_of_the_chunk_that_was_given_is_read() -> None:
    framer = LineFramer(GAP_MS)

    assert framer.feed(bytearray(b"old\r8999\rnew"), 4, 9, 0) == 9
    assert held(framer) == (b"8999", reasons.OK)
