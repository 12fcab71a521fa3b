"""Codes: a label is told by its symbology and its octets, and whatever it is, never by a crash."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import codes, gs1, reasons
from protocol.code_settings import read
from protocol.codes import Classifier, Code, classify
from tests.protocol import draws
from tests.protocol.test_gs1 import REFUSED

MSFX = b"89999999000000000018"
GTIN = draws.checked(b"0899999900001")
SSCC_KEY = draws.checked(b"08999999900000001")
EAN = draws.checked(b"899999900001")
MA = b"MA.156.M0.100761.21234561"
LINK = b"https://example.cn/trace?c="
PPN = b"[)>\x1e06\x1d9N110375286414\x1dS9A\x1e\x04"
ENVELOPE05 = b"[)>\x1e05\x1d01" + GTIN + b"219A\x1e\x04"
_NO_TRACE, _TWO, _FOREIGN = reasons.NO_TRACE_CODE, reasons.TWO_READINGS, reasons.FOREIGN

KINDS = {value for name, value in vars(codes).items() if name.isupper() and name[0] != "_"}

MAKER = read({"makers": [{"scheme": "acme", "lengths": [14], "head": "77"}]})

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
    "one that GS1 has not given, behind a trace": (
        b"d2",
        b"01" + GTIN + b"219A\x1d891",
        codes.GARBLED,
        reasons.AI_UNKNOWN,
        21,
    ),
    "any order, FNC1, no symbology": (
        b"",
        b"219A\x1d01" + GTIN,
        codes.GS1_TRACE,
        reasons.OK,
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
    "GS1 empty": (b"", b"\x1d", codes.GARBLED, reasons.EMPTY, 1),
    "FNC1 said twice": (b"d2", b"\x1d01" + GTIN + b"219A", codes.GARBLED, reasons.SEPARATOR, 0),
    "FNC1 said once": (b"", b"\x1d01" + GTIN + b"219A\x1d", codes.GS1_TRACE, reasons.OK, 0),
    "GS1 in doubt": (b"", b"01" + GTIN[:13] + b"x21", codes.UNKNOWN, reasons.NOT_DIGITS, 15),
    "article": (b"E0", EAN, codes.EAN13_ARTICLE, reasons.OK, 0),
    "article, no symbology": (b"", EAN, codes.EAN13_ARTICLE, reasons.OK, 0),
    "article, damaged": (b"E0", EAN[:12] + b"X", codes.GARBLED, reasons.NOT_DIGITS, 12),
    "article, wrong check digit": (b"E0", EAN[:12] + b"5", codes.GARBLED, reasons.CHECK_DIGIT, 12),
    "article, too short": (b"E0", EAN[:12], codes.GARBLED, reasons.LENGTH, 12),
    "article, too long": (b"E0", EAN + b"0", codes.GARBLED, reasons.LENGTH, 13),
    "13 digits, no article": (b"", EAN[:12] + b"5", codes.UNKNOWN, reasons.CHECK_DIGIT, 12),
    "13 digits in Code 128": (b"C0", EAN, codes.UNKNOWN, reasons.FOREIGN, 0),
    "an article number with an add-on": (b"E3", EAN + b"12", codes.EAN13_ARTICLE, reasons.OK, 0),
    "an add-on alone": (b"E1", b"12", codes.UNKNOWN, reasons.FOREIGN, 0),
    "EAN-8": (b"E4", draws.checked(b"8999999"), codes.EAN13_ARTICLE, reasons.OK, 0),
    "UPC-A of twelve digits": (b"E0", draws.checked(b"08999999001"), codes.EAN13_ARTICLE, 0, 0),
    "ITF-14 of a case": (b"I1", GTIN, codes.EAN13_ARTICLE, reasons.OK, 0),
    "ITF-14, wrong check digit": (b"I1", GTIN[:13] + b"0", codes.GARBLED, reasons.CHECK_DIGIT, 13),
    "composite": (b"E0", EAN + b"|]e010LOT", codes.EAN13_ARTICLE, reasons.OK, 0),
    "composite, damaged": (b"E0", EAN + b"|]e001" + GTIN[:9], codes.GARBLED, reasons.LENGTH, 28),
    "20 nines": (b"C0", b"9" * 20, codes.SENTINEL, reasons.OK, 0),
    "20 zeros": (b"", b"0" * 20, codes.SENTINEL, reasons.OK, 0),
    "19 nines": (b"C0", b"9" * 19, codes.UNKNOWN, reasons.FOREIGN, 0),
    "a leaflet": (b"Q1", b"https://example.com/8999", codes.URL_UNRESOLVED, _NO_TRACE, 24),
    "a trace code in a link": (b"Q1", LINK + MSFX + b"&x=1", codes.URL_TRACE, reasons.OK, 0),
    "two in a link": (b"Q1", LINK + MSFX + b"/" + MSFX, codes.URL_UNRESOLVED, _NO_TRACE, 68),
    "21 digits in a link": (b"Q1", LINK + MSFX + b"0", codes.URL_UNRESOLVED, _NO_TRACE, 48),
    "of another head in a link": (b"Q1", LINK + b"7" * 20, codes.URL_UNRESOLVED, _NO_TRACE, 47),
    "Digital Link": (b"d1", b"https://a.example/01/" + GTIN + b"/21/9A", codes.GS1_TRACE, 0, 0),
    "Digital Link of a product": (b"", b"HTTP://a/01/" + GTIN[1:], codes.GS1_PARTIAL, 0, 0),
    "Digital Link, wrong check digit": (
        b"Q1",
        b"https://a/01/" + GTIN[:13] + b"0/21/9A",
        codes.URL_UNRESOLVED,
        reasons.CHECK_DIGIT,
        0,
    ),
    "Digital Link, compressed": (
        b"Q1",
        b"https://id.gs1.org/AQnYUc1gmiN_1A",
        codes.URL_UNRESOLVED,
        reasons.LINK_COMPRESSED,
        19,
    ),
    "MA": (b"Q1", MA + b".S9x1.L220117.C3", codes.MA, reasons.OK, 0),
    "MA of a product": (b"Q1", MA, codes.UNKNOWN, reasons.AI_REQUIRED, len(MA)),
    "MA, two serial numbers": (b"d1", MA + b".S9.S8", codes.GARBLED, reasons.VALUE, 29),
    "MA, unknown part": (b"d1", MA + b".S9.X8", codes.GARBLED, reasons.VALUE, 29),
    "MA, cut off": (b"d1", MA[:10], codes.GARBLED, reasons.VALUE, 10),
    "MA, empty part": (b"d1", MA + b"..S9", codes.GARBLED, reasons.VALUE, 26),
    "not MA": (b"d1", b"MA.CHINE.M0.9", codes.UNKNOWN, reasons.FOREIGN, 0),
    "PZN": (b"A0", b"-03752864", codes.PZN_ARTICLE, reasons.OK, 0),
    "PZN of seven digits, no symbology": (b"", b"-3752864", codes.PZN_ARTICLE, reasons.OK, 0),
    "PZN, wrong check digit": (b"A0", b"-03752865", codes.GARBLED, reasons.CHECK_DIGIT, 8),
    "no PZN in doubt": (b"", b"-03752865", codes.UNKNOWN, reasons.CHECK_DIGIT, 8),
    "a PZN in another symbology": (b"C0", b"-03752864", codes.UNKNOWN, reasons.FOREIGN, 0),
    "command": (b"C0", b"scandock:open:PO-9", codes.COMMAND, reasons.OK, 0),
    "no command": (b"C0", b"scandock:opens", codes.COMMAND, reasons.VALUE, 13),
    "lost FNC1": (b"d2", b"01" + GTIN + b"219A17281231", codes.AMBIGUOUS, _TWO, 20),
    "GBK": (b"h0", "追溯码".encode("gbk"), codes.UNKNOWN, reasons.FOREIGN, 0),
    "UTF-8": (b"Q1", "追溯码".encode(), codes.UNKNOWN, reasons.FOREIGN, 0),
    "far too long": (b"Q1", b"1" * 5000, codes.UNKNOWN, reasons.TOO_LONG, 4096),
    "an envelope of another format": (
        b"d1",
        b"[)>\x1e12\x1dS9\x1e\x04",
        codes.UNKNOWN,
        _FOREIGN,
        4,
    ),
    "envelope of a unit": (b"d1", PPN, codes.PPN, reasons.OK, 0),
    "envelope without a serial": (b"d1", PPN[:21] + b"\x1e\x04", codes.PPN_PARTIAL, 0, 0),
    "envelope, cut off": (b"d1", PPN[:-1], codes.GARBLED, reasons.ENVELOPE, len(PPN) - 1),
    "GS1 in an envelope": (b"d1", ENVELOPE05, codes.GS1_TRACE, reasons.OK, 0),
    "GS1 in an envelope, damaged": (
        b"d1",
        ENVELOPE05.replace(b"0899", b"0889"),
        codes.GARBLED,
        reasons.CHECK_DIGIT,
        22,
    ),
    "nothing": (b"C0", b"", codes.UNKNOWN, reasons.EMPTY, 0),
}


@pytest.mark.parametrize(("symbology", "data", "kind", "reason", "at"), TOLD.values(), ids=TOLD)
def test_a_label_is_told_by_its_symbology_and_its_octets(
    symbology: bytes, data: bytes, kind: int, reason: int, at: int
) -> None:
    code = classify(symbology, data)

    assert (code.kind, code.reason, code.at) == (kind, reason, at)


def test_an_engine_that_says_fnc1_twice_is_heard_if_the_settings_say_so() -> None:
    string = b"01" + GTIN + b"219A\x1d10L"
    lenient = Classifier(read({"fnc1_leads": True}))

    assert lenient.code(b"d2", b"\x1d" + string).key == classify(b"d2", string).key


def test_every_kind_and_every_reason_is_reached() -> None:
    damaged = classify(b"C0", MSFX[:5] + b"O" + MSFX[6:])
    ruled = Classifier(MAKER).code(b"C0", b"77999999000001")
    found = {told[3] for told in TOLD.values()} | {refused[1] for refused in REFUSED.values()}

    assert {told[2] for told in TOLD.values()} | {ruled.kind} == KINDS
    assert found | {damaged.reason} >= {
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
        reasons.VALUE,
        reasons.ENVELOPE,
        reasons.LINK_COMPRESSED,
        reasons.NO_TRACE_CODE,
        reasons.TWO_READINGS,
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
    if code.kind in (codes.GARBLED, codes.UNKNOWN, codes.URL_UNRESOLVED, codes.AMBIGUOUS):
        assert code.reason != reasons.OK
    if codes.names_a_unit(code.kind):
        assert code.reason == reasons.OK
    else:
        assert code.key == b"\x7f" + data
    assert (len(code.readings) == 2) == (code.kind == codes.AMBIGUOUS)
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
                expected = (codes.GS1_PARTIAL, reasons.OK, 0)  # 99: of the company
            else:
                expected = (codes.UNKNOWN, reasons.FOREIGN, 0)
            assert (code.kind, code.reason, code.at) == expected, bytes(changed)


@given(draws.digits(20, 20), st.sampled_from([b"C0", b"d1", b"Q1", b""]))
def test_twenty_digits_are_never_taken_for_gs1(data: bytes, symbology: bytes) -> None:
    kind = classify(symbology, data).kind
    otherwise = codes.SENTINEL if data in (b"0" * 20, b"9" * 20) else codes.UNKNOWN

    assert kind == (codes.MSFX20 if data.startswith(b"8") else otherwise)


@given(st.lists(draws.MSFX20, min_size=2, unique=True))
def test_keys_keep_the_order_of_the_codes(found: list[bytes]) -> None:
    keys = {code: classify(b"C0", code).key for code in found}

    assert {len(key) for key in keys.values()} == {9}
    assert sorted(found) == sorted(found, key=keys.__getitem__)
