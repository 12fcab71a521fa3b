"""GS1 element strings: any order, every check, and the place of the first octet that is wrong."""

from __future__ import annotations

from calendar import monthrange

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import codes, gs1, gs1_ai, reasons
from protocol.codes import classify
from tests.protocol import draws

GTIN = draws.checked(b"0899999900001")

Elements = list[tuple[bytes, bytes]]

REFUSED: dict[str, tuple[bytes, int, int]] = {
    "empty": (b"", reasons.EMPTY, 0),
    "FNC1 alone": (b"\x1d", reasons.EMPTY, 1),
    "half an identifier": (b"219A\x1d1", reasons.AI_UNKNOWN, 5),
    "an identifier of letters": (b"219A\x1dAB", reasons.AI_UNKNOWN, 5),
    "FNC1 twice": (b"219A\x1d\x1d10L", reasons.AI_UNKNOWN, 5),
    "GTIN cut": (b"01" + GTIN[:13], reasons.LENGTH, 15),
    "GTIN with a letter": (b"01" + GTIN[:5] + b"O" + GTIN[6:], reasons.NOT_DIGITS, 7),
    "GTIN with FNC1 inside": (b"01" + GTIN[:5] + b"\x1d" + GTIN[6:], reasons.NOT_DIGITS, 7),
    "GTIN with a wrong check digit": (b"01" + GTIN[:12] + b"99", reasons.CHECK_DIGIT, 15),
    "lot without a value": (b"10", reasons.LENGTH, 2),
    "lot without a value, FNC1": (b"10\x1d219A", reasons.LENGTH, 2),
    "serial of 21": (b"21" + b"9" * 21, reasons.LENGTH, 22),
    "serial with a blank": (b"219 A", reasons.CHARACTER, 3),
    "serial beyond ASCII": (b"219\xe4", reasons.CHARACTER, 3),
    "serial twice": (b"219A\x1d219B", reasons.AI_REPEATED, 5),
    "month 13": (b"17261301", reasons.DATE, 2),
    "month 0": (b"11260001", reasons.DATE, 2),
    "30 February": (b"17280230", reasons.DATE, 2),
    "expiry cut": (b"1728022", reasons.LENGTH, 7),
    "another identifier, cut": (b"31030012", reasons.LENGTH, 8),
}


@pytest.mark.parametrize(("data", "reason", "at"), REFUSED.values(), ids=REFUSED)
def test_a_damaged_string_is_refused_with_reason_and_place(
    data: bytes, reason: int, at: int
) -> None:
    elements = gs1.Elements()

    assert not elements.read(data, 0, len(data))
    assert (elements.reason, elements.at, elements.count) == (reason, at, 0)


@given(draws.element_strings())
def test_elements_come_out_in_the_order_they_stand(drawn: tuple[bytes, Elements]) -> None:
    string, elements = drawn

    code = classify(b"d2", string)

    assert list(code.elements) == elements
    assert code.reason == reasons.OK


@given(draws.element_strings())
def test_the_kind_says_which_identifiers_are_there(drawn: tuple[bytes, Elements]) -> None:
    string, elements = drawn
    ais = {ai for ai, _ in elements}

    kind = classify(b"Q3", string).kind

    if {b"01", b"21"} <= ais:
        assert kind == codes.GS1_TRACE
    else:
        assert kind == (codes.SSCC if b"00" in ais else codes.GS1_PARTIAL)


@given(draws.element_strings(), st.data())
def test_saying_the_same_twice_is_no_contradiction(
    drawn: tuple[bytes, Elements], data: st.DataObject
) -> None:
    string, elements = drawn
    again = b"".join(data.draw(st.sampled_from(elements)))

    code = classify(b"d2", string.rstrip(b"\x1d") + b"\x1d" + again)

    assert list(code.elements) == elements


@pytest.mark.parametrize("key", [b"01" + GTIN, b"00" + draws.checked(b"08999999900000001")])
def test_the_check_digit_finds_every_single_wrong_digit(key: bytes) -> None:
    for at in range(2, len(key)):
        for digit in range(0x30, 0x3A):
            if digit == key[at]:
                continue
            code = classify(b"C1", key[:at] + bytes([digit]) + key[at + 1 :])
            assert (code.kind, code.reason) == (codes.GARBLED, reasons.CHECK_DIGIT)


@pytest.mark.parametrize("year", [0, 23, 28, 99])
def test_a_date_is_a_day_of_the_calendar_or_a_month_as_a_whole(year: int) -> None:
    for month in range(100):
        days = monthrange(2000 + year, month)[1] if 1 <= month <= 12 else -1
        for day in range(100):
            code = classify(b"d2", b"17%02d%02d%02d" % (year, month, day))

            assert (code.reason == reasons.OK) == (day <= days)


def test_a_serial_takes_the_82_characters_and_no_other() -> None:
    labels = {octet: b"01" + GTIN + b"219" + bytes([octet]) + b"A" for octet in range(256)}
    taken = [octet for octet in labels if classify(b"d2", labels[octet]).kind == codes.GS1_TRACE]

    assert bytes(taken) == draws.SET82
    assert len(taken) == 82


@given(draws.element_strings(), st.integers(0, 99), draws.SERIALS)
def test_an_identifier_we_do_not_read_is_passed_over(
    drawn: tuple[bytes, Elements], ai: int, value: bytes
) -> None:
    string, elements = drawn
    if gs1_ai.row(ai) >= 0:
        return
    fixed = gs1_ai.predefined(ai)
    foreign = b"%02d" % ai + (value.ljust(20, b"0")[: fixed - 2] if fixed else value)
    string = string.lstrip(b"\x1d").rstrip(b"\x1d") + b"\x1d"

    before = classify(b"d2", foreign + (b"" if fixed else b"\x1d") + string)
    after = classify(b"d2", string + foreign)

    assert list(before.elements) == list(after.elements) == elements
    assert (before.reason, before.at) == (reasons.AI_UNKNOWN, 0)
    assert (after.reason, after.at) == (reasons.AI_UNKNOWN, len(string))
