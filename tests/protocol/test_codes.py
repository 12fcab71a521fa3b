"""Codes: a label is told by its symbology and its octets, and whatever it is, never by a crash."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import codes, gs1, reasons
from protocol.codes import Classifier, Code, classify
from tests.protocol import draws
from tests.protocol.test_gs1 import REFUSED

MSFX = b"89999999000000000018"
GTIN = draws.checked(b"0899999900001")
SSCC_KEY = draws.checked(b"08999999900000001")
EAN = draws.checked(b"899999900001")

KINDS = {
    codes.MSFX20,
    codes.GS1_TRACE,
    codes.GS1_PARTIAL,
    codes.SSCC,
    codes.EAN13_ARTICLE,
    codes.GARBLED,
    codes.UNKNOWN,
}

TOLD: dict[str, tuple[bytes, bytes, int, int, int]] = {
    "20 digits": (b"C0", MSFX, codes.MSFX20, reasons.OK, 0),
    "20 digits, no symbology": (b"", MSFX, codes.MSFX20, reasons.OK, 0),
    "20 digits in a DataMatrix": (b"d1", MSFX, codes.MSFX20, reasons.OK, 0),
    "20 digits in a rectangular one": (b"d7", MSFX, codes.MSFX20, reasons.OK, 0),
    "19 digits": (b"C0", MSFX[:19], codes.GARBLED, reasons.LENGTH, 19),
    "21 digits": (b"C0", MSFX + b"0", codes.GARBLED, reasons.LENGTH, 20),
    "18 digits": (b"C0", MSFX[:18], codes.GARBLED, reasons.LENGTH, 18),
    "22 digits": (b"C0", MSFX + b"00", codes.GARBLED, reasons.LENGTH, 20),
    "17 digits": (b"C0", MSFX[:17], codes.UNKNOWN, reasons.FOREIGN, 0),
    "23 digits": (b"C0", MSFX + b"000", codes.UNKNOWN, reasons.FOREIGN, 0),
    "20 digits of another head": (b"C0", b"7" + MSFX[1:], codes.UNKNOWN, reasons.HEAD, 0),
    "an SSCC that says nothing of GS1": (b"C0", b"00" + SSCC_KEY, codes.UNKNOWN, reasons.HEAD, 0),
    "trace": (b"d2", b"01" + GTIN + b"219A", codes.GS1_TRACE, reasons.OK, 0),
    "trace, no symbology": (b"", b"01" + GTIN + b"219A", codes.GS1_TRACE, reasons.OK, 0),
    "trace behind FNC1": (b"", b"\x1d01" + GTIN + b"219A", codes.GS1_TRACE, reasons.OK, 0),
    "trace in plain DataMatrix": (b"d1", b"01" + GTIN + b"219A", codes.UNKNOWN, reasons.FOREIGN, 0),
    "GTIN alone": (b"d2", b"01" + GTIN, codes.GS1_PARTIAL, reasons.OK, 0),
    "GTIN alone, no symbology": (b"", b"01" + GTIN, codes.UNKNOWN, reasons.FOREIGN, 0),
    "GTIN, FNC1, no symbology": (b"", b"01" + GTIN + b"\x1d", codes.GS1_PARTIAL, reasons.OK, 0),
    "serial alone": (b"d2", b"219A", codes.GS1_PARTIAL, reasons.OK, 0),
    "two we do not read, beside a trace": (
        b"d2",
        b"3012\x1d01" + GTIN + b"219A\x1d377",
        codes.GS1_TRACE,
        reasons.AI_UNKNOWN,
        0,
    ),
    "SSCC": (b"C1", b"00" + SSCC_KEY, codes.SSCC, reasons.OK, 0),
    "SSCC, no symbology, more behind it": (
        b"",
        b"00" + SSCC_KEY + b"10L",
        codes.SSCC,
        reasons.OK,
        0,
    ),
    "GS1 garbled": (b"d2", b"01" + GTIN[:9], codes.GARBLED, reasons.LENGTH, 11),
    "GS1 empty": (b"d2", b"\x1d", codes.GARBLED, reasons.EMPTY, 1),
    "GS1 in doubt": (b"", b"01" + GTIN[:13] + b"x21", codes.UNKNOWN, reasons.NOT_DIGITS, 15),
    "article": (b"E0", EAN, codes.EAN13_ARTICLE, reasons.OK, 0),
    "article, no symbology": (b"", EAN, codes.EAN13_ARTICLE, reasons.OK, 0),
    "article, damaged": (b"E0", EAN[:12] + b"X", codes.GARBLED, reasons.NOT_DIGITS, 12),
    "article, wrong check digit": (b"E0", EAN[:12] + b"5", codes.GARBLED, reasons.CHECK_DIGIT, 12),
    "article, too short": (b"E0", EAN[:12], codes.GARBLED, reasons.LENGTH, 12),
    "article, too long": (b"E0", EAN + b"0", codes.GARBLED, reasons.LENGTH, 13),
    "13 digits, no article": (b"", EAN[:12] + b"5", codes.UNKNOWN, reasons.CHECK_DIGIT, 12),
    "13 digits in Code 128": (b"C0", EAN, codes.UNKNOWN, reasons.FOREIGN, 0),
    "a link": (b"Q1", b"https://example.com/8999", codes.UNKNOWN, reasons.FOREIGN, 0),
    "nothing": (b"C0", b"", codes.UNKNOWN, reasons.EMPTY, 0),
}


@pytest.mark.parametrize(("symbology", "data", "kind", "reason", "at"), TOLD.values(), ids=TOLD)
def test_a_label_is_told_by_its_symbology_and_its_octets(
    symbology: bytes, data: bytes, kind: int, reason: int, at: int
) -> None:
    code = classify(symbology, data)

    assert (code.kind, code.reason, code.at) == (kind, reason, at)


def test_every_kind_and_every_reason_is_reached() -> None:
    damaged = classify(b"C0", MSFX[:5] + b"O" + MSFX[6:])
    found = {told[3] for told in TOLD.values()} | {refused[1] for refused in REFUSED.values()}

    assert {told[2] for told in TOLD.values()} == KINDS
    assert found | {damaged.reason} == {
        reasons.OK,
        reasons.EMPTY,
        reasons.LENGTH,
        reasons.NOT_DIGITS,
        reasons.HEAD,
        reasons.CHECK_DIGIT,
        reasons.DATE,
        reasons.CHARACTER,
        reasons.AI_UNKNOWN,
        reasons.AI_REPEATED,
        reasons.FOREIGN,
    }


# Strings that are codes, that come close, and octets of every sort.
LABELS = st.one_of(
    st.tuples(st.just(b"d2"), draws.element_strings().map(lambda drawn: drawn[0])),
    st.tuples(st.just(b"d2"), draws.SERIALS.map(lambda value: b"3012\x1d21" + value)),
    st.tuples(st.just(b"C0"), draws.MSFX20.map(lambda code: code[:9] + b"O" + code[10:])),
    st.tuples(
        draws.SYMBOLOGIES | st.binary(max_size=3),
        st.one_of(
            st.binary(max_size=60),
            st.text("0123456789\x1d8A]", max_size=40).map(str.encode),
            draws.digits(12, 22),
        ),
    ),
)


@given(LABELS)
def test_whatever_the_octets_only_a_code_comes_back(label: tuple[bytes, bytes]) -> None:
    symbology, data = label

    code = classify(symbology, data)

    assert isinstance(code, Code)
    assert code.kind in KINDS
    assert 0 <= code.at <= len(data)
    if code.kind in (codes.GARBLED, codes.UNKNOWN):
        assert code.reason != reasons.OK
        assert (code.elements, code.key) == ((), b"\x7f" + data)
    else:
        assert code.reason in (reasons.OK, reasons.AI_UNKNOWN)
        assert all(ai + value in data for ai, value in code.elements)


@given(st.lists(st.tuples(LABELS, st.binary(max_size=3)), min_size=1, max_size=5))
def test_one_classifier_serves_for_ever_and_anywhere_in_a_buffer(
    labels: list[tuple[tuple[bytes, bytes], bytes]],
) -> None:
    classifier = Classifier()
    for (symbology, data), around in labels:
        number = int.from_bytes(symbology, "big") if len(symbology) == 2 else 0
        whole = classify(symbology, data)
        start = len(around)

        kind = classifier.check(number, around + data + around, start, start + len(data))

        assert (kind, classifier.reason, classifier.at) == (whole.kind, whole.reason, whole.at)


def test_one_changed_octet_makes_another_code_or_none() -> None:
    for at in range(20):
        for octet in range(256):
            changed = bytearray(MSFX)
            changed[at] = octet
            code = classify(b"C0", bytes(changed))

            if changed.isdigit() and changed[0] == ord("8"):
                expected = (codes.MSFX20, reasons.OK, 0)
            elif changed.isdigit():
                expected = (codes.UNKNOWN, reasons.HEAD, 0)
            elif at > 0:
                expected = (codes.GARBLED, reasons.NOT_DIGITS, at)
            elif octet == gs1.GS:
                expected = (codes.GS1_PARTIAL, reasons.AI_UNKNOWN, 1)
            else:
                expected = (codes.UNKNOWN, reasons.FOREIGN, 0)
            assert (code.kind, code.reason, code.at) == expected, bytes(changed)


@given(draws.digits(20, 20), st.sampled_from([b"C0", b"d1", b"Q1", b""]))
def test_twenty_digits_are_never_taken_for_gs1(data: bytes, symbology: bytes) -> None:
    kind = classify(symbology, data).kind

    assert kind == (codes.MSFX20 if data.startswith(b"8") else codes.UNKNOWN)


@given(st.lists(draws.MSFX20, min_size=2, unique=True))
def test_keys_keep_the_order_of_the_codes(found: list[bytes]) -> None:
    keys = {code: classify(b"C0", code).key for code in found}

    assert {len(key) for key in keys.values()} == {9}
    assert sorted(found) == sorted(found, key=keys.__getitem__)


@given(draws.GTINS, draws.SERIALS, draws.SERIALS)
def test_one_unit_has_one_key_however_it_is_written(gtin: bytes, one: bytes, other: bytes) -> None:
    forward = classify(b"d2", b"01" + gtin + b"21" + one)
    backward = classify(b"C1", b"\x1d21" + one + b"\x1d10LOT\x1d01" + gtin)
    neighbour = classify(b"d2", b"01" + gtin + b"21" + other)

    assert forward.key == backward.key
    assert (forward.key == neighbour.key) == (one == other)


def test_keys_of_different_schemes_never_meet() -> None:
    labels = [
        (b"C0", b"8" + b"9" * 19),
        (b"d2", b"01" + GTIN + b"219A"),
        (b"C1", b"00" + SSCC_KEY),
        (b"E0", EAN),
        (b"", b"\x10\x00"),
    ]
    keys = [classify(symbology, data).key for symbology, data in labels]

    assert [key[0] for key in keys] == [4, 0x10, 0x11, 0x7F, 0x7F]
