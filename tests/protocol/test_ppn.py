"""German medicines: PPN and GTIN in ISO/IEC 15434 envelopes, PZN in Code 39, NTIN in GS1."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import codes, reasons
from protocol.codes import classify
from tests.protocol import draws

FIELDS = {b"9N": "ppn", b"1T": "batch", b"S": "serial", b"8P": "gtin"}
ENVELOPE = b"[)>\x1e06\x1d%b\x1e\x04"


def test_every_vector_is_read_or_refused(shared_data: Path) -> None:
    cases = json.loads((shared_data / "ppn_sample.json").read_text())["cases"]
    for case in cases:
        label = case["input"].encode()
        symbology, data = (label[1:3], label[3:]) if label[0:1] == b"]" else (b"", label)
        code = classify(symbology, data)

        if not case["ok"]:
            assert code.kind == codes.GARBLED, case
            continue
        unit = "ppn" in case and "serial" in case
        assert code.kind == (codes.PPN if unit else codes.PPN_PARTIAL), case
        for name, field in FIELDS.items():
            assert dict(code.elements).get(name) == (
                case[field].encode() if field in case else None
            ), case
        if "pzn" in case:
            assert dict(code.elements)[b"9N"][2:10] == case["pzn"].encode()
            assert classify(b"A0", b"-" + case["pzn"].encode()).kind == codes.PZN_ARTICLE
        if "exp" in case:
            expiry = dict(code.elements)[b"D"].decode()
            assert f"20{expiry[:2]}-{expiry[2:4]}" == case["exp"]
    assert len(cases) > 20


def pzn(body: bytes) -> bytes | None:
    """Append the check digit, by the words of the specification; None where none is issued."""
    total = sum(int(chr(digit)) * place for place, digit in enumerate(body, start=1)) % 11
    return None if total == 10 else body + b"%d" % total


def ppn(body: bytes) -> bytes:
    return body + b"%02d" % (sum(octet * (i + 2) for i, octet in enumerate(body)) % 97)


PZN8 = draws.digits(7, 7).map(pzn).filter(bool).map(lambda found: found or b"")


@given(PZN8, st.integers(0, 7), st.integers(1, 9))
def test_one_changed_digit_of_a_pzn_is_found(number: bytes, at: int, by: int) -> None:
    digit = (number[at] - 0x30 + by) % 10 + 0x30
    changed = number[:at] + bytes([digit]) + number[at + 1 :]

    assert classify(b"A0", b"-" + number).kind == codes.PZN_ARTICLE
    assert classify(b"A0", b"-" + changed).kind == codes.GARBLED
    if number[:1] == b"0":
        assert classify(b"A1", b"-" + number[1:]).kind == codes.PZN_ARTICLE


@given(PZN8, draws.SERIALS)
def test_a_ppn_holds_a_pzn(number: bytes, serial: bytes) -> None:
    whole = ppn(b"11" + number)
    other = ppn(b"11" + number[:-1] + bytes([(number[-1] - 0x30 + 1) % 10 + 0x30]))

    code = classify(b"d1", ENVELOPE % (b"S" + serial + b"\x1d9N" + whole))
    assert (code.kind, code.elements) == (codes.PPN, ((b"S", serial), (b"9N", whole)))
    refused = classify(b"d1", ENVELOPE % (b"9N" + other))
    assert (refused.kind, refused.reason) == (codes.GARBLED, reasons.CHECK_DIGIT)


def test_the_number_of_another_agency_is_not_looked_into() -> None:
    code = classify(b"d1", ENVELOPE % (b"9N" + ppn(b"15ABC-9")))

    assert code.kind == codes.PPN_PARTIAL


def test_an_ntin_is_a_gtin_wherever_it_stands() -> None:
    ntin = draws.checked(b"0415003752864")
    in_gs1 = classify(b"d2", b"01" + ntin + b"219A")
    in_envelope = classify(b"d1", ENVELOPE % (b"8P" + ntin + b"\x1dS9A"))

    assert (in_gs1.kind, in_envelope.kind) == (codes.GS1_TRACE, codes.PPN)
    assert in_gs1.key == in_envelope.key


WHOLE = b"9N" + ppn(b"1103752864")

REFUSED: dict[str, tuple[bytes, int, int]] = {
    "PPN too short": (b"9N110", reasons.LENGTH, 12),
    "PPN too long": (b"9N" + b"1" * 23, reasons.LENGTH, 31),
    "serial too long": (b"S" + b"9" * 21, reasons.LENGTH, 28),
    "serial empty": (b"S\x1d" + WHOLE, reasons.LENGTH, 8),
    "lot with a blank": (b"1TA B", reasons.CHARACTER, 10),
    "expiry in month 13": (b"D281300", reasons.DATE, 10),
    "expiry of letters": (b"D28O100", reasons.NOT_DIGITS, 10),
    "expiry of five digits": (b"D28010", reasons.LENGTH, 13),
    "made on a day that is none": (b"16D20250230", reasons.DATE, 16),
    "GTIN of thirteen digits": (b"8P0899999900001", reasons.LENGTH, 22),
    "GTIN with a wrong check digit": (b"8P08999999000010", reasons.CHECK_DIGIT, 22),
    "GTIN with a letter": (b"8P0899999900O011", reasons.NOT_DIGITS, 19),
    "two serial numbers": (b"S9\x1dS8", reasons.AI_REPEATED, 10),
    "nothing between two GS": (b"S9\x1d\x1d" + WHOLE, reasons.SEPARATOR, 10),
    "nothing behind the last GS": (b"S9\x1d", reasons.SEPARATOR, 10),
    "no identifier": (b"s9", reasons.VALUE, 7),
    "a second format": (b"S9\x1e05\x1d10L", reasons.ENVELOPE, 9),
}


@pytest.mark.parametrize(("fields", "reason", "at"), REFUSED.values(), ids=REFUSED)
def test_a_broken_field_is_refused_with_a_place(fields: bytes, reason: int, at: int) -> None:
    code = classify(b"d1", ENVELOPE % fields)

    assert (code.kind, code.reason, code.at) == (codes.GARBLED, reason, at)


def test_fields_that_we_do_not_know_are_passed_over() -> None:
    fields = WHOLE + b"\x1d33Lhttps://example.org\x1dS9A\x1d16D20250228\x1dD280200\x1d33L+"

    code = classify(b"d1", ENVELOPE % fields)

    assert (code.kind, code.reason) == (codes.PPN, reasons.OK)
    assert code.elements[1] == (b"33L", b"https://example.org")
    assert len(code.elements) == 6
