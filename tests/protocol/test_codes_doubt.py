"""What can be two things is said to be so, with both readings; what cannot be is left alone."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import codes, reasons
from protocol.code_settings import read
from protocol.codes import Classifier, Code, classify
from tests.protocol import draws

GTIN = draws.checked(b"0899999900001")
DATE = b"17281231"
HEAD = b"01" + GTIN

Elements = list[tuple[bytes, bytes]]

# Strings whose FNC1 was lost: how they read as they stand, and as they were meant, beside the GTIN.
LOST: dict[str, tuple[bytes, Elements, Elements]] = {
    "serial, expiry": (
        b"219A0001" + DATE,
        [(b"21", b"9A000117281231")],
        [(b"21", b"9A0001"), (b"17", b"281231")],
    ),
    "serial, lot, expiry": (
        b"219A10LOT" + DATE,
        [(b"21", b"9A10LOT17281231")],
        [(b"21", b"9A"), (b"10", b"LOT"), (b"17", b"281231")],
    ),
    "expiry, lot, serial": (
        DATE + b"10LOT219A0001",
        [(b"17", b"281231"), (b"10", b"LOT219A0001")],
        [(b"17", b"281231"), (b"10", b"LOT"), (b"21", b"9A0001")],
    ),
    "expiry, serial, lot": (
        DATE + b"219A000110LOT",
        [(b"17", b"281231"), (b"21", b"9A000110LOT")],
        [(b"17", b"281231"), (b"21", b"9A0001"), (b"10", b"LOT")],
    ),
    "serial, made, expiry": (
        b"21911260101" + DATE,
        [(b"21", b"91126010117281231")],
        [(b"21", b"9"), (b"11", b"260101"), (b"17", b"281231")],
    ),
}


def in_two_ways(code: Code) -> list[Elements]:
    return [list(reading.elements[1:]) for reading in code.readings]


@pytest.mark.parametrize(("string", "first", "second"), LOST.values(), ids=LOST)
def test_a_lost_fnc1_leaves_two_readings(string: bytes, first: Elements, second: Elements) -> None:
    code = classify(b"d2", HEAD + string)

    assert (code.kind, code.reason) == (codes.AMBIGUOUS, reasons.TWO_READINGS)
    assert in_two_ways(code) == [first, second]
    assert list(code.elements[1:]) == first
    assert {reading.reason for reading in code.readings} == {reasons.OK}
    assert len({reading.key for reading in code.readings}) == 2


SURE: dict[str, bytes] = {
    "an identifier in a serial number": HEAD + b"219A10LOT",
    "in one of digits, beside a date": HEAD + DATE + b"21900001100001",
    "no date of the calendar": HEAD + b"219A0001" + b"17281331",
    "the serial would be too short": HEAD + DATE + b"10LOT219A00",
    "the lot is there": HEAD + b"10LOT\x1d21900010LOT",
    "behind FNC1": HEAD + b"10LOT\x1d21900" + DATE,
    "before FNC1": HEAD + b"219A0001" + DATE + b"\x1d",
    "no GTIN": b"219A0001" + DATE,
    "of a shipping unit": b"00" + draws.checked(b"08999999900000001") + b"10LOT" + DATE,
    "what only looks like digits": HEAD + DATE + b"10L0A21;9A0001"[:9] + b";9",
}


@pytest.mark.parametrize("string", SURE.values(), ids=SURE)
def test_what_has_one_reading_is_left_alone(string: bytes) -> None:
    code = classify(b"d2", string)

    assert code.kind in (codes.GS1_TRACE, codes.GS1_PARTIAL, codes.SSCC)
    assert code.readings == ()


@given(draws.element_strings(), st.booleans())
def test_one_fnc1_clears_a_string(drawn: tuple[bytes, Elements], leads: bool) -> None:
    string = drawn[0].strip(b"\x1d")
    string = b"\x1d" + string if leads else string + b"\x1d"

    assert classify(b"d2", string).kind != codes.AMBIGUOUS


def strings(order: list[bytes], count: int) -> list[bytes]:
    """Strings of the trade, with every FNC1 that is due, from given dice."""
    rng = random.Random(20_261_122)
    alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
    found = []
    for _ in range(count):
        month, day = rng.randrange(1, 13), rng.randrange(29)
        values = {
            b"01": GTIN.decode(),
            b"10": "".join(rng.choices(alphabet, k=rng.randrange(4, 11))),
            b"17": f"{rng.randrange(25, 32)}{month:02}{day:02}",
            b"21": "".join(
                rng.choices(rng.choice((alphabet, "0123456789")), k=rng.randrange(8, 21))
            ),
        }
        parts = [ai + values[ai].encode() + (b"\x1d" * (ai in b"1021")) for ai in order]
        found.append(b"".join(parts).removesuffix(b"\x1d"))
    return found


@pytest.mark.parametrize(
    "order",
    [
        [b"01", b"17", b"10", b"21"],
        [b"01", b"21", b"17", b"10"],
        [b"01", b"21", b"10", b"17"],
        [b"01", b"10", b"17", b"21"],
    ],
    ids=str,
)
def test_no_string_that_lost_fnc1_names_a_wrong_unit(order: list[bytes]) -> None:
    for string in strings(order, 1000):
        assert classify(b"d2", string).kind == codes.GS1_TRACE

        lost = classify(b"d2", string.replace(b"\x1d", b""))

        # Refused as too long, in doubt, or without a serial number: never a unit.
        assert lost.kind in (codes.GARBLED, codes.AMBIGUOUS, codes.GS1_PARTIAL)


@pytest.mark.parametrize(
    "order",
    [[b"01", b"21"], [b"01", b"17", b"21"], [b"01", b"17", b"10"], [b"01", b"10"]],
    ids=str,
)
def test_strings_that_need_no_fnc1_are_hardly_ever_in_doubt(order: list[bytes]) -> None:
    doubtful = [
        string for string in strings(order, 2000) if classify(b"d2", string).kind == codes.AMBIGUOUS
    ]

    assert len(doubtful) <= 10


def test_known_serial_lengths_decide() -> None:
    classifier = Classifier(read({"serial_lengths": {"0899999": 8, GTIN.decode(): 6}}))

    def kind(string: bytes) -> tuple[int, int]:
        code = classifier.code(b"d2", string)
        return code.kind, code.reason

    assert kind(HEAD + b"219A0001") == (codes.GS1_TRACE, reasons.OK)
    assert kind(HEAD + b"219A000110LOT") == (codes.AMBIGUOUS, reasons.TWO_READINGS)
    assert kind(HEAD + b"219A0001X10LOT") == (codes.GARBLED, reasons.PATTERN)
    assert kind(HEAD + b"219A000\x1d10LOT") == (codes.GARBLED, reasons.PATTERN)
    other = b"01" + draws.checked(b"0899999900002")
    assert kind(other + b"21" + DATE) == (codes.GS1_TRACE, reasons.OK)
    assert kind(b"01" + draws.checked(b"0699999900002") + b"219") == (codes.GS1_TRACE, reasons.OK)


def test_engines_that_send_fnc1_leave_no_doubt() -> None:
    classifier = Classifier(read({"fnc1_sent": True}))

    assert classifier.code(b"d2", HEAD + b"219A0001" + DATE).kind == codes.GS1_TRACE


GIAI = b"80049999000000000018"


@pytest.mark.parametrize("symbology", [b"", b"C0", b"d1", b"Q1", b"h0"])
def test_a_plain_trace_code_is_never_in_doubt(symbology: bytes) -> None:
    assert classify(symbology, GIAI).kind == codes.MSFX20


def test_bare_digits_are_in_doubt_only_where_the_settings_say_so() -> None:
    classifier = Classifier(read({"bare_msfx": False}))

    code = classifier.code(b"", GIAI)

    assert (code.kind, code.reason) == (codes.AMBIGUOUS, reasons.TWO_READINGS)
    assert [reading.kind for reading in code.readings] == [codes.MSFX20, codes.GS1_PARTIAL]
    assert code.readings[0].key == classify(b"C0", GIAI).key
    assert classifier.code(b"C0", GIAI).kind == codes.MSFX20
    assert classifier.code(b"", b"89999999000000000018").kind == codes.MSFX20


def test_a_maker_s_number_that_is_an_article_number_as_well_is_in_doubt_without_symbology() -> None:
    article = draws.checked(b"899999900001")
    classifier = Classifier(read({"makers": [{"scheme": "acme", "lengths": [13], "head": "89"}]}))

    code = classifier.code(b"", article)

    assert [reading.kind for reading in code.readings] == [
        codes.NUMERIC_OTHER,
        codes.EAN13_ARTICLE,
    ]
    assert classifier.code(b"C0", article).kind == codes.NUMERIC_OTHER
    assert classifier.code(b"E0", article).kind == codes.EAN13_ARTICLE
