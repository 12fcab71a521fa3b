"""GS1 element strings: any order, every check, and the place of the first octet that is wrong."""

from __future__ import annotations

from calendar import monthrange

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import gs1, gs1_ai, reasons
from tests.protocol import draws

GTIN = draws.checked(b"0899999900001")
GDTI = draws.checked(b"089999990001")

Elements = list[tuple[bytes, bytes]]

REFUSED: dict[str, tuple[bytes, int, int]] = {
    "empty": (b"", reasons.EMPTY, 0),
    "FNC1 alone": (b"\x1d", reasons.EMPTY, 1),
    "half an identifier": (b"219A\x1d1", reasons.AI_UNKNOWN, 5),
    "an identifier of letters": (b"219A\x1dAB", reasons.AI_UNKNOWN, 5),
    "FNC1 twice": (b"219A\x1d\x1d10L", reasons.SEPARATOR, 5),
    "FNC1 twice at the end": (b"219A\x1d\x1d", reasons.SEPARATOR, 5),
    "FNC1 twice behind a date": (b"17261201\x1d\x1d10L", reasons.SEPARATOR, 9),
    "FNC1 twice before": (b"\x1d\x1d10L", reasons.SEPARATOR, 1),
    "GTIN cut": (b"01" + GTIN[:13], reasons.LENGTH, 15),
    "GTIN with a letter": (b"01" + GTIN[:5] + b"O" + GTIN[6:], reasons.NOT_DIGITS, 7),
    "GTIN with FNC1 inside": (b"01" + GTIN[:5] + b"\x1d" + GTIN[6:], reasons.LENGTH, 7),
    "GTIN with a wrong check digit": (b"01" + GTIN[:12] + b"99", reasons.CHECK_DIGIT, 15),
    "lot without a value": (b"10", reasons.LENGTH, 2),
    "lot without a value, FNC1": (b"10\x1d219A", reasons.LENGTH, 2),
    "serial of 21": (b"21" + b"9" * 21, reasons.LENGTH, 22),
    "serial with a blank": (b"219 A", reasons.CHARACTER, 3),
    "serial beyond ASCII": (b"219\xe4", reasons.CHARACTER, 3),
    "serial twice": (b"219A\x1d219B", reasons.AI_REPEATED, 5),
    "month 13": (b"17261301", reasons.DATE, 4),
    "month 0": (b"11260001", reasons.DATE, 4),
    "30 February": (b"17280230", reasons.DATE, 6),
    "29 February of no leap year": (b"17270229", reasons.DATE, 6),
    "expiry cut": (b"1728022", reasons.LENGTH, 7),
    "a weight, cut": (b"31030012", reasons.LENGTH, 8),
    "an identifier of three digits, cut": (b"24", reasons.AI_UNKNOWN, 0),
    "an identifier of four digits with a letter": (b"80O3", reasons.AI_UNKNOWN, 0),
    "an identifier nobody has": (b"9A", reasons.AI_UNKNOWN, 0),
    "an identifier not assigned": (b"89A", reasons.AI_UNKNOWN, 0),
    "check digit in the middle": (b"25308999999000123A", reasons.CHECK_DIGIT, 15),
    "optional part too short": (b"70072612012612", reasons.LENGTH, 14),
    "part with a letter": (b"7003261201A830", reasons.NOT_DIGITS, 10),
    "24 o'clock": (b"70032612012400", reasons.DATE, 10),
    "no such country": (b"422001", reasons.VALUE, 3),
    "two that exclude each other": (b"01" + GTIN + b"3712", reasons.AI_EXCLUDED, 16),
    "excluded by the other": (b"3712\x1d01" + GTIN, reasons.AI_EXCLUDED, 5),
    "weights of two precisions": (b"31031234563102123456", reasons.AI_EXCLUDED, 10),
    "signed, without a serial": (b"253" + GDTI + b"\x1d8030AB", reasons.LENGTH, 16),
    "set 64 with padding inside": (b"8030A=B", reasons.CHARACTER, 5),
    "set 39 in lower case": (b"80100899a", reasons.CHARACTER, 8),
    "model number with a wrong pair": (b"80131987654Ad4X4bL5ttr2310cXK", reasons.CHECK_DIGIT, 27),
    "65 elements": (b"\x1d".join([b"99XY"] * 65), reasons.LENGTH, 322),
}


@pytest.mark.parametrize(("data", "reason", "at"), REFUSED.values(), ids=REFUSED)
def test_a_damaged_string_is_refused_with_reason_and_place(
    data: bytes, reason: int, at: int
) -> None:
    elements = gs1.Elements()

    assert not elements.read(data, 0, len(data))
    assert (elements.reason, elements.at, elements.count) == (reason, at, 0)


def read(string: bytes, strict: bool = False) -> Elements | None:
    elements = gs1.Elements()
    return list(elements.pairs(string)) if elements.read(string, 0, len(string), strict) else None


@given(draws.element_strings())
def test_elements_come_out_in_the_order_they_stand(drawn: tuple[bytes, Elements]) -> None:
    string, elements = drawn

    assert read(string) == elements


@given(draws.element_strings())
def test_fnc1_may_lead_only_where_nothing_else_said_gs1(drawn: tuple[bytes, Elements]) -> None:
    string = drawn[0].lstrip(b"\x1d")

    assert read(string, strict=True) == drawn[1]
    assert read(b"\x1d" + string) == drawn[1]
    assert read(b"\x1d" + string, strict=True) is None


@given(draws.element_strings(), st.integers(0, 9), st.integers(0, 9))
def test_a_buffer_is_read_between_its_bounds(
    drawn: tuple[bytes, Elements], before: int, behind: int
) -> None:
    string, elements = drawn
    buffer = bytearray(b"9" * before + string + b"\x1d" * behind)
    found = gs1.Elements()

    assert found.read(buffer, before, before + len(string))
    assert [(bytes(ai), bytes(value)) for ai, value in found.pairs(buffer)] == elements
    for index, (ai, _) in enumerate(elements):
        assert (found.ai(index), found.ai_length(index)) == (int(ai), len(ai))
        assert found.ai_text(index, buffer) == ai
        assert found.find(int(ai)) == index


@given(draws.element_strings(), st.data())
def test_saying_the_same_twice_is_no_contradiction(
    drawn: tuple[bytes, Elements], data: st.DataObject
) -> None:
    string, elements = drawn
    again = data.draw(st.sampled_from(elements))

    assert read(string.rstrip(b"\x1d") + b"\x1d" + b"".join(again)) == [*elements, again]


@pytest.mark.parametrize("key", [b"01" + GTIN, b"00" + draws.checked(b"08999999900000001")])
def test_the_check_digit_finds_every_single_wrong_digit(key: bytes) -> None:
    elements = gs1.Elements()
    for at in range(2, len(key)):
        for digit in range(0x30, 0x3A):
            if digit == key[at]:
                continue
            assert not elements.read(key[:at] + bytes([digit]) + key[at + 1 :], 0, len(key))
            assert (elements.reason, elements.at) == (reasons.CHECK_DIGIT, len(key) - 1)


@pytest.mark.parametrize("year", [0, 23, 28, 99])
def test_a_date_is_a_day_of_the_calendar_or_a_month_as_a_whole(year: int) -> None:
    for month in range(100):
        days = monthrange(2000 + year, month)[1] if 1 <= month <= 12 else -1
        for day in range(100):
            assert (read(b"17%02d%02d%02d" % (year, month, day)) is not None) == (day <= days)


def test_a_serial_takes_the_82_characters_and_no_other() -> None:
    taken = [octet for octet in range(256) if read(b"01" + GTIN + b"219" + bytes([octet]) + b"A")]

    assert bytes(taken) == draws.SET82
    assert len(taken) == 82


@pytest.mark.parametrize(
    ("string", "index"),
    [
        (b"01" + GTIN + b"219A", -1),
        (b"219A", 0),
        (b"10L\x1d01" + GTIN, -1),
        (b"02" + GTIN + b"3712", 1),
        (b"02" + GTIN + b"3712\x1d00089999999000000014", -1),
        (b"02" + GTIN, 0),
        (b"3103123456" + b"01" + GTIN, -1),
        (b"39225\x1d01" + GTIN, 0),
        (b"39225\x1d01" + GTIN + b"3103123456", -1),
        (b"8030AB\x1d01" + GTIN, 0),
        (b"8030AB\x1d01" + GTIN + b"219A", -1),
        (b"99ANY", -1),
    ],
)
def test_what_lacks_a_companion_is_read_and_named(string: bytes, index: int) -> None:
    elements = gs1.Elements()

    assert elements.read(string, 0, len(string))
    assert elements.lacking() == index


def test_more_octets_than_a_label_has_are_read_as_well() -> None:
    string = b"\x1d".join([b"91" + b"9" * 90] * 9)

    assert read(string) == [(b"91", b"9" * 90)] * 9


@pytest.mark.parametrize(
    ("data", "at"),
    [
        (b"0001234000057|]e099COMPOSITE\x1d98XYZ", 17),
        (b"2112345678900|]e1", 17),
        (b"2112345678900|e0", 16),
        (b"2112345678900", 13),
        (b"|]e", 3),
    ],
)
def test_the_other_part_of_a_composite_is_found(data: bytes, at: int) -> None:
    assert gs1.composite(data, 0, len(data)) == at


def test_this_table_is_the_whole_one() -> None:
    assert gs1_ai.WHOLE
