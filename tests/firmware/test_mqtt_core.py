"""The MQTT core does what 3.1.1 asks of a client, whatever the broker does to it."""

from __future__ import annotations

import pytest
from mqtt_peer import (
    ACCEPTED,
    ACCEPTED_SESSION,
    PINGREQ,
    PINGRESP,
    Peer,
    birth_packet,
    message,
    packet,
    puback,
    string,
    suback,
    subscribe_packet,
    up_packet,
)
from mqtt_station import run

from firmware.mqtt import counts

CONNECT = packet(
    0x10,
    # Version 3.1.1; will, will QoS 1, will retained, no clean session; 30 s.
    string(b"MQTT") + b"\x04\x2c\x00\x1e" + string(b"c9") + string(b"s/state") + string(b"off"),
)


def test_every_count_has_its_name() -> None:
    numbers = {name: getattr(counts, name.upper()) for name in counts.NAMES}

    assert list(numbers.values()) == list(range(len(counts.NAMES)))


# Connecting.


def test_nothing_but_connect_is_written_before_connack() -> None:
    peer = Peer()
    peer.core.opened(peer.now_ms)

    assert peer.pull() == [CONNECT]
    assert peer.wait(5000) == []
    assert peer.core.reserve() == -1


def test_after_connack_it_subscribes_says_who_it_is_and_then_publishes() -> None:
    peer = Peer()
    first = peer.connect()
    peer.publish(b"batch")

    assert first == [subscribe_packet(2), birth_packet(1)]
    assert peer.pull() == [up_packet(b"batch", 3)]


@pytest.mark.parametrize(
    ("connack", "name"),
    [
        (b"\x20\x02\x00\x01", "refused_version"),
        (b"\x20\x02\x00\x02", "refused_identifier"),
        (b"\x20\x02\x00\x03", "refused_unavailable"),
        (b"\x20\x02\x00\x04", "refused_credentials"),
        (b"\x20\x02\x00\x05", "refused_authorization"),
        (b"\x20\x02\x00\x06", "malformed"),
        (b"\x20\x02\x02\x00", "malformed"),
        (b"\x20\x03\x00\x00\x00", "bad_length"),
        (b"\x21\x02\x00\x00", "bad_flags"),
    ],
)
def test_a_refused_or_wrong_connack_is_named(connack: bytes, name: str) -> None:
    peer = Peer()
    peer.connect(connack)

    assert peer.ended() == name
    assert peer.sessions == []


@pytest.mark.parametrize("octets", range(4))
def test_a_connack_that_does_not_come_whole_ends_the_connection_in_time(octets: int) -> None:
    peer = Peer()
    peer.core.opened(peer.now_ms)
    peer.pull()
    peer.push(ACCEPTED[:octets])
    peer.wait(9_950)
    assert peer.core.open

    peer.wait(50)
    assert peer.ended() == "connect_timeout"
    # And the rest of it is not taken for the beginning of the next stream.
    peer.connect()
    assert peer.sessions == [False]


# Publishing.


@pytest.mark.parametrize("octets", [0, 1, 119, 120, 121, 122, 1391 - 2, 1391 - 1])
def test_a_payload_is_framed_where_it_was_written(octets: int) -> None:
    peer = Peer()
    peer.settle()
    payload = bytes(range(256)) * 6
    packet_id = peer.publish(payload[:octets])

    assert peer.pull() == [up_packet(payload[:octets], packet_id)]


def test_slots_are_bounded_and_free_again_after_puback() -> None:
    peer = Peer(slots=3)
    peer.settle()
    ids = [peer.publish(b"%d" % n) for n in range(3)]
    assert peer.core.reserve() == -1
    peer.pull()

    peer.push(puback(ids[1]))
    ids.append(peer.publish(b"3"))
    assert peer.pull() == [up_packet(b"3", ids[3])]
    assert peer.core.reserve() == -1


def test_a_slot_that_was_not_reserved_or_an_end_outside_of_it_is_refused() -> None:
    peer = Peer(packet_max=200)
    peer.settle()
    slot = peer.core.reserve()

    for wrong in (peer.core.payload_at - 1, 201):
        with pytest.raises(ValueError, match=f"slot {slot}, end {wrong}"):
            peer.core.publish(slot, wrong, 0)
    with pytest.raises(ValueError, match=f"slot {slot + 1}"):
        peer.core.publish(slot + 1, peer.core.payload_at, 0)
    assert peer.core.in_flight() == 0


def test_what_is_being_written_is_not_reused_however_early_its_puback() -> None:
    peer = Peer(slots=1)
    peer.settle()
    packet_id = peer.publish(b"one")
    peer.pull(write=False)
    peer.push(puback(packet_id) * 2)

    assert peer.core.reserve() == -1
    peer.core.written(peer.now_ms)
    assert peer.core.in_flight() == 0
    assert peer.core.reserve() == 0
    assert peer.count(counts.ACK_UNKNOWN) == 1


def test_an_early_puback_counts_even_if_the_connection_ends_before_the_writing() -> None:
    peer = Peer()
    peer.settle()
    packet_id = peer.publish(b"one")
    peer.pull(write=False)
    peer.push(puback(packet_id))
    peer.core.lost(peer.now_ms)

    assert peer.core.in_flight() == 0
    assert [one[0] for one in peer.connect(ACCEPTED_SESSION)] == [0x82, 0x33]


def test_a_puback_for_what_was_never_written_does_not_count() -> None:
    peer = Peer()
    peer.settle()
    packet_id = peer.publish(b"one")
    peer.push(puback(packet_id))

    assert peer.count(counts.ACK_UNKNOWN) == 1
    assert peer.pull() == [up_packet(b"one", packet_id)]


@pytest.mark.parametrize("segment", [1, 3, 4, 1000])
def test_pubacks_late_twice_unknown_and_glued_are_told_apart(segment: int) -> None:
    peer = Peer()
    peer.settle()
    before = peer.count(counts.ACKNOWLEDGED)
    ids = [peer.publish(b"%d" % n) for n in range(4)]
    peer.pull()
    peer.push(b"".join(puback(n) for n in (ids[2], ids[0], ids[0], 999, *ids)), segment)

    assert peer.core.in_flight() == 0
    assert peer.core.open
    assert peer.count(counts.ACKNOWLEDGED) - before == 4
    assert peer.count(counts.ACK_UNKNOWN) == 4


def test_ids_wrap_to_1_and_skip_those_in_flight() -> None:
    peer = Peer(slots=4)
    peer.settle()  # 1 is the birth's, 2 the subscription's
    peer.core.out.last_id = 2
    early = peer.publish(b"early")
    peer.pull()
    peer.core.out.last_id = 65533
    ids = []
    for _ in range(5):
        ids.append(peer.publish(b"late"))
        peer.pull()
        peer.push(puback(ids[-1]))

    assert early == 3
    assert ids == [65534, 65535, 4, 5, 6]


def test_a_lost_puback_ends_the_connection_and_only_a_new_one_repeats() -> None:
    peer = Peer()
    peer.settle()
    lost, fine = peer.publish(b"lost"), peer.publish(b"fine")
    peer.pull()
    peer.push(puback(fine))

    assert peer.wait(9_950) == []
    assert peer.core.open
    peer.wait(50)
    assert peer.ended() == "ack_overdue"
    assert up_packet(b"lost", lost, dup=True) in peer.connect(ACCEPTED_SESSION)


def test_a_lost_suback_or_puback_of_the_birth_ends_the_connection() -> None:
    for answer in (puback(1), suback(2)):
        peer = Peer()
        peer.connect()
        peer.push(answer)
        peer.wait(10_000)

        assert peer.ended() == "ack_overdue"


def test_a_broker_that_stops_reading_ends_the_connection() -> None:
    peer = Peer()
    peer.settle()
    peer.publish(b"one")
    peer.pull(write=False)
    peer.wait(9_950)
    assert peer.core.open

    peer.wait(50)
    assert peer.ended() == "stalled"
    assert peer.core.in_flight() == 1


# The next connection.


def test_in_a_session_what_was_written_is_repeated_first_in_order_with_its_id() -> None:
    peer = Peer()
    peer.settle()
    ids = [peer.publish(b"%d" % n) for n in range(4)]
    peer.pull()
    peer.push(puback(ids[1]))
    ids.append(peer.publish(b"4"))  # queued, and never written
    peer.core.lost(peer.now_ms)
    repeats = peer.connect(ACCEPTED_SESSION)
    new = peer.publish(b"5")

    assert repeats[2:] == [
        up_packet(b"0", ids[0], dup=True),
        up_packet(b"2", ids[2], dup=True),
        up_packet(b"3", ids[3], dup=True),
        up_packet(b"4", ids[4]),
    ]
    assert peer.pull() == [up_packet(b"5", new)]
    assert new not in ids


def test_without_a_session_everything_is_sent_as_new() -> None:
    peer = Peer()
    peer.settle()
    ids = [peer.publish(b"%d" % n) for n in range(3)]
    peer.pull()
    peer.core.lost(peer.now_ms)
    peer.connect(ACCEPTED_SESSION)
    peer.core.lost(peer.now_ms)
    again = peer.connect(ACCEPTED)

    fresh = [packet_id + 5 for packet_id in ids]  # behind those of the second connection
    assert not set(fresh) & set(ids)
    assert again[2:] == [up_packet(b"%d" % n, fresh[n]) for n in range(3)]
    assert peer.sessions == [False, True, False]
    assert peer.count(counts.SESSION_LOST) == 1


def test_without_a_session_the_layer_above_may_drop_everything_and_begin_anew() -> None:
    peer = Peer(slots=2)
    peer.settle()
    peer.publish(b"old")
    peer.publish(b"older")
    peer.pull()
    peer.core.lost(peer.now_ms)
    peer.core.opened(peer.now_ms)
    peer.pull()
    peer.push(ACCEPTED)
    peer.core.forget_all()
    ids = [peer.publish(b"new"), peer.publish(b"newer")]

    assert peer.pull()[2:] == [up_packet(b"new", ids[0]), up_packet(b"newer", ids[1])]


def test_the_birth_is_repeated_too_and_its_order_does_not_hold_up_the_subscription() -> None:
    peer = Peer()
    first = peer.connect()
    peer.core.lost(peer.now_ms)

    again = peer.connect(ACCEPTED_SESSION)
    assert first[1] == birth_packet(1)
    assert [one[0] for one in again] == [0x82, 0x33 | 0x08]
    assert again[1] == birth_packet(1, dup=True)


@pytest.mark.parametrize("cut", range(1, 25))
def test_a_stream_that_ends_inside_any_packet_leaves_nothing_behind(cut: int) -> None:
    peer = Peer()
    peer.settle()
    lost = peer.publish(b"lost")
    peer.pull()
    peer.push((message(b"12345678") + puback(lost))[:cut])
    peer.core.lost(peer.now_ms)
    assert peer.ended() == "peer_closed"

    again = peer.connect(ACCEPTED_SESSION)
    assert (up_packet(b"lost", lost, dup=True) in again) == (cut < 24)


# Time.


def test_it_pings_when_it_has_written_nothing_for_the_keep_alive() -> None:
    peer = Peer()
    peer.settle()
    peer.wait(20_000)
    packet_id = peer.publish(b"one")
    peer.pull()
    peer.push(puback(packet_id))

    assert peer.wait(29_950) == []
    assert peer.wait(50) == [PINGREQ]
    peer.push(PINGRESP)
    assert peer.wait(30_000) == [PINGREQ]


def test_without_pingresp_it_is_gone_within_one_and_a_half_times_the_keep_alive() -> None:
    peer = Peer()
    peer.settle()
    begun_ms = peer.now_ms
    peer.wait(60_000)

    assert peer.ended() == "ping_overdue"
    assert peer.now_ms - begun_ms <= 46_000
    # The next broker owes no answer to it.
    peer.settle()
    assert peer.wait(30_000) == [PINGREQ]


def test_closed_soon_after_connack_again_and_again_looks_like_a_second_client() -> None:
    peer = Peer()
    for times in range(1, 8):
        peer.settle()
        peer.wait(3_000)
        peer.core.lost(peer.now_ms)
        assert peer.core.same_id_twice() == (times >= 5)
    assert peer.count(counts.SAME_ID_TWICE) == 1

    peer.settle()
    peer.wait(10_000)
    assert not peer.core.same_id_twice()
    for _ in range(4):
        peer.core.lost(peer.now_ms)
        peer.settle()
    assert not peer.core.same_id_twice()


def test_a_broker_that_is_away_for_long_does_not_look_like_a_second_client() -> None:
    peer = Peer()
    peer.settle()
    peer.wait(20_000)
    for _ in range(20):
        peer.core.lost(peer.now_ms)
        peer.core.opened(peer.now_ms)

    assert not peer.core.same_id_twice()


def test_the_longest_wait_for_a_puback_is_kept() -> None:
    peer = Peer()
    peer.settle()
    for wait_ms in (100, 700, 200):
        packet_id = peer.publish(b"x")
        peer.pull()
        peer.wait(wait_ms)
        peer.push(puback(packet_id))

    assert peer.core.slowest_ms() == 700


def test_neither_a_publish_nor_its_puback_allocates_anything() -> None:
    assert run("micropython", "mqtt_allocates_nothing.py") == "publishes 0\nanswers 0\n"
