"""What a broker sends means the same however it is cut, and nothing it sends does any harm."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mqtt_peer import (
    ACCEPTED,
    PINGRESP,
    Peer,
    message,
    packet,
    puback,
    string,
    suback,
    up_packet,
)
from mqtt_station import INTERPRETERS, run

from firmware.mqtt import counts


@pytest.mark.parametrize("octets", [0, 1, 127, 128, 16383, 16384])
@pytest.mark.parametrize("segment", [1, 100_000])
def test_a_message_of_any_size_is_delivered_and_then_acknowledged(
    octets: int, segment: int
) -> None:
    peer = Peer(inbound_max=20_000)
    peer.settle()
    peer.push(message(b"x" * octets, 300), segment, done=False)
    assert peer.pull() == []

    peer.core.done()
    assert peer.messages == [b"x" * octets]
    assert peer.pull() == [puback(300)]


@pytest.mark.parametrize("segment", [1, 1000])
def test_a_message_larger_than_the_buffer_is_passed_over_and_acknowledged(segment: int) -> None:
    peer = Peer(inbound_max=300)
    peer.settle()
    fits = 300 - len(string(b"s/down")) - 2
    peer.push(
        message(b"a" * (fits + 1), 1) + message(b"b" * fits, 2) + message(b"c" * 9999, qos=0),
        segment,
    )

    assert peer.messages == [b"b" * fits]
    assert peer.count(counts.TOO_LARGE) == 2
    assert peer.pull() == [puback(1), puback(2)]


def test_duplicates_are_delivered_qos_0_is_not_answered_and_qos_2_is_shaken_hands_with() -> None:
    peer = Peer()
    peer.settle()
    peer.push(message(b"1") + message(b"1", dup=True) + message(b"0", qos=0))
    peer.push(message(b"2", 9, qos=2) + message(b"2", 9, qos=2, dup=True) + b"\x62\x02\x00\x09")

    assert peer.messages == [b"1", b"1", b"0", b"2", b"2"]
    assert peer.count(counts.RECEIVED_AGAIN) == 2
    assert peer.pull() == [
        puback(7),
        puback(7),
        b"\x50\x02\x00\x09",
        b"\x50\x02\x00\x09",
        b"\x70\x02\x00\x09",
    ]


def test_a_topic_of_an_older_subscription_is_acknowledged_and_not_delivered() -> None:
    peer = Peer()
    peer.settle()
    peer.push(message(b"x", 8, topic=b"s/dowm") + message(b"x", 9, topic=b"s/down/more"))

    assert peer.messages == []
    assert peer.count(counts.FOREIGN_TOPIC) == 2
    assert peer.pull() == [puback(8), puback(9)]


def test_more_messages_than_answers_fit_wait_in_the_stream() -> None:
    peer = Peer()
    peer.settle()
    octets = b"".join(message(b"%d" % n, n) for n in range(1, 101))
    answers: list[bytes] = []
    taken = 0
    while taken < len(octets):
        before = len(answers)
        taken += peer.push(octets[taken:])
        answers += peer.pull()
        assert 0 < len(answers) - before <= 16

    assert peer.messages == [b"%d" % n for n in range(1, 101)]
    assert answers == [puback(n) for n in range(1, 101)]


def test_answers_given_while_answers_are_written_are_neither_lost_nor_doubled() -> None:
    peer = Peer()
    peer.settle()
    peer.push(message(b"a", 1) + message(b"b", 2))
    assert peer.pull(write=False) == [puback(1), puback(2)]
    peer.push(message(b"c", 3))
    peer.core.written(peer.now_ms)

    assert peer.pull() == [puback(3)]


@pytest.mark.parametrize(
    ("octets", "name"),
    [
        (b"\x30\xff\xff\xff\xff\x01", "bad_length"),
        (b"\x40\x03\x00\x01\x00", "bad_length"),
        (b"\xd0\x01\x00", "bad_length"),
        (b"\x30\x02\x00\x00", "bad_length"),
        (b"\x36\x09" + b"\0" * 9, "bad_flags"),
        (b"\x38\x09" + b"\0" * 9, "bad_flags"),
        (b"\x41\x02\x00\x01", "bad_flags"),
        (b"\x60\x02\x00\x01", "bad_flags"),
        (b"\xd1\x00", "bad_flags"),
        (b"\x00\x00", "bad_type"),
        (b"\x10\x00", "bad_type"),
        (b"\x50\x02\x00\x01", "bad_type"),
        (b"\x70\x02\x00\x01", "bad_type"),
        (b"\x82\x00", "bad_type"),
        (b"\xb0\x02\x00\x01", "bad_type"),
        (b"\xc0\x00", "bad_type"),
        (b"\xe0\x00", "bad_type"),
        (b"\xf0\x00", "bad_type"),
        (ACCEPTED, "bad_type"),
        (puback(0), "malformed"),
        (suback(2, 3), "malformed"),
        (message(b"x", 0), "malformed"),
        (message(b"x", topic=b""), "malformed"),
        (packet(0x32, b"\x00\x06s/down\x00"), "malformed"),
        (packet(0x30, b"\xff\xff" + b"t" * 9000), "malformed"),
    ],
)
def test_what_breaks_the_protocol_ends_the_connection_with_a_reason(
    octets: bytes, name: str
) -> None:
    peer = Peer()
    peer.settle()
    peer.push(octets + message(b"after"))

    assert peer.ended() == name
    assert peer.messages == []


@pytest.mark.parametrize("first", [message(b"x"), suback(1), puback(1), PINGRESP])
def test_anything_before_connack_ends_the_connection(first: bytes) -> None:
    peer = Peer()
    peer.core.opened(peer.now_ms)
    peer.push(first)

    assert peer.ended() == "before_connack"


def test_a_refused_subscription_is_told_and_publishing_goes_on() -> None:
    peer = Peer()
    peer.connect()
    peer.push(suback(2, 0x80))
    packet_id = peer.publish(b"on")

    assert peer.core.subscribe_refused
    assert peer.count(counts.SUBSCRIBE_REFUSED) == 1
    assert peer.pull() == [up_packet(b"on", packet_id)]
    peer.core.lost(peer.now_ms)
    peer.connect()
    assert not peer.core.subscribe_refused


PACKETS = st.sampled_from(
    [
        suback(2),
        suback(2, 0x80),
        puback(1),
        puback(3),
        puback(4),
        puback(999),
        PINGRESP,
        message(b"one"),
        message(b"zero", qos=0),
        message(b"two", qos=2),
        message(b"large" * 100),
        message(b"x" * 130),
        message(b"foreign", topic=b"other"),
        b"\x62\x02\x00\x07",
        b"\xf0\x00",
        b"\x30\xff\xff\xff\xff\x01",
    ]
)


def play(octets: bytes, edges: list[int]) -> tuple[object, ...]:
    """What a core makes of ``octets`` that come in pieces."""
    peer = Peer(inbound_max=200)
    peer.connect()
    for payload in (b"1", b"2"):
        peer.publish(payload)
    written = peer.pull()
    for start, end in itertools.pairwise(edges):
        peer.push(octets[start:end])
        written += peer.pull()
    # An end in the same piece as a message comes before its answer could be written.
    heard = written if peer.core.open else None
    return peer.messages, heard, peer.core.counts, peer.core.why, peer.core.in_flight()


@given(st.lists(PACKETS, max_size=10), st.data())
def test_however_the_stream_is_cut_it_means_the_same(
    sent: list[bytes], data: st.DataObject
) -> None:
    octets = b"".join(sent)
    cuts = data.draw(st.lists(st.integers(0, len(octets))))

    whole = play(octets, [0, len(octets)])
    assert play(octets, [0, *sorted(cuts), len(octets)]) == whole
    assert play(octets, list(range(len(octets) + 1))) == whole


@given(st.lists(st.binary(max_size=60) | PACKETS, max_size=8))
def test_no_octets_raise_anything_and_each_end_has_one_reason(sent: list[bytes]) -> None:
    peer = Peer(inbound_max=64)
    peer.core.opened(peer.now_ms)
    for octets in [ACCEPTED, *sent]:
        peer.pull()
        peer.push(octets)
    peer.core.lost(peer.now_ms)

    assert not peer.core.open
    assert sum(peer.core.counts[counts.FIRST_REASON :]) == 1


def test_ten_thousand_damaged_streams_end_with_a_reason_and_alike_on_both_interpreters() -> None:
    found = [run(interpreter, "mqtt_hostile.py") for interpreter in INTERPRETERS]
    counted = dict(line.rsplit(" ", 1) for line in found[0].splitlines())

    assert found[0] == found[1]
    assert all(
        int(counted[name]) > 0
        for name in ("bad_length", "bad_flags", "bad_type", "before_connack", "malformed")
    )
