"""A cradle holds just what is on the agent's list, however it is cut, whatever form a code has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.connectors.device import hold_lists, hold_name
from edge_agent.domain.holds import Holds as Held
from firmware.core.holds import Holds
from protocol import codes, reasons, wire
from tests.protocol.draws import GTINS, MSFX20, SERIALS, VALUES

UNITS = st.one_of(
    MSFX20.map(lambda digits: (b"C0", digits)),
    st.tuples(GTINS, SERIALS).map(lambda pair: (b"d2", b"01" + pair[0] + b"21" + pair[1])),
    VALUES[b"00"].map(lambda digits: (b"C1", b"00" + digits)),
)


def key(label: tuple[bytes, bytes]) -> bytes:
    return codes.classify(*label).key


def told(*held: tuple[bytes, bytes], version: int = 1) -> Holds:
    """A cradle that was told of ``held``."""
    cradle = Holds()
    units = {key(label): reasons.RECALLED for label in held}
    for message in hold_lists(Held(version, units, {}, {})):
        assert cradle.take(message.version, message.full, message.names)
    return cradle


def has(cradle: Holds, label: tuple[bytes, bytes]) -> bool:
    symbology, data = label
    classifier = codes.Classifier()
    framed = bytearray(b"<<<" + data + b">>>")
    classifier.check(int.from_bytes(symbology, "big"), framed, 3, 3 + len(data))
    return cradle.has(classifier, framed, 3, 3 + len(data))


@pytest.mark.requirement("C02")
@given(st.lists(UNITS, max_size=8), st.lists(UNITS, max_size=8))
def test_it_holds_what_it_was_told_and_nothing_else(
    held: list[tuple[bytes, bytes]], free: list[tuple[bytes, bytes]]
) -> None:
    cradle = told(*held)
    keys = {key(label) for label in held}

    assert all(has(cradle, label) for label in held)
    assert [has(cradle, label) for label in free] == [key(label) in keys for label in free]


TRACE = [(b"C0", b"89999999%012d" % number) for number in range(400)]
GS1 = [(b"d2", b"0108999999000011" + b"21SERIAL-OF-20-OCTE%03d" % number) for number in range(400)]


@pytest.mark.parametrize(
    ("held", "room"),
    [
        (TRACE[:200], 200),
        (TRACE, wire.HELD_MAX),
        (GS1[:100], 100),
        (GS1, wire.HELD_OCTETS // 28),
        (GS1[:50] + TRACE, 50 + (wire.HELD_OCTETS - 50 * 28) // 10),
    ],
    ids=["200 trace codes", "400 trace codes", "100 GS1", "400 GS1", "both"],
)
def test_of_a_long_list_a_cradle_has_the_newest_that_it_has_room_for(
    held: list[tuple[bytes, bytes]], room: int
) -> None:
    cradle = told(*held)

    assert cradle.count == room
    assert [has(cradle, label) for label in held] == [at < room for at in range(len(held))]


def test_every_message_fits_into_what_a_cradle_takes_at_once() -> None:
    units = {
        b"\x10" + i.to_bytes(6, "big") + b"SERIAL-OF-20-OCTETS-": reasons.RECALLED
        for i in range(300)
    }
    messages = list(hold_lists(Held(9, units, {}, {})))

    assert len(messages) > 1
    assert [message.full for message in messages] == [True] + [False] * (len(messages) - 1)
    for message in messages:
        assert sum(2 + len(name) for name in message.names) <= 1800


def test_what_a_cradle_cannot_name_it_does_not_hold() -> None:
    classifier = codes.Classifier()
    cradle = told((b"C0", b"89999999000000000018"))
    article = bytearray(b"6999999000013")
    classifier.check(0x4530, article, 0, 13)

    assert hold_name(b"\x7fanything") == b""
    assert not cradle.has(classifier, article, 0, 13)


A = [b"\x89a"]
B = [b"\x89b"]


def test_a_new_list_takes_the_place_of_the_last_and_an_older_one_is_passed_over() -> None:
    cradle = Holds()

    assert cradle.take(7, True, A + B)
    assert not cradle.take(6, True, [])
    assert (cradle.version, cradle.count) == (7, 2)
    assert cradle.take(8, True, B)
    assert cradle.count == 1
    assert cradle.take(8, True, A)  # said once more: it may have been lost
    assert cradle.count == 1
    assert cradle.take(9, True, [])
    assert cradle.count == 0


def test_a_part_counts_only_behind_its_own_beginning() -> None:
    cradle = Holds()

    assert not cradle.take(7, False, A)
    assert cradle.take(7, True, A)
    assert not cradle.take(8, False, B)
    assert cradle.take(7, False, B)
    assert not cradle.take(7, False, A)
    assert cradle.count == 2


def test_a_list_longer_than_the_table_fills_it_and_no_more() -> None:
    cradle = Holds()
    names = [bytes((0x89, i >> 8, i & 255)) for i in range(wire.HELD_MAX)]

    assert cradle.take(1, True, names)
    assert not cradle.take(1, False, [b"\x90"])
    assert cradle.count == wire.HELD_MAX
    assert not cradle.take(2, True, [bytes((0x80 + i,)) + bytes(39) for i in range(100)])
    assert cradle.count == wire.HELD_OCTETS // 40
