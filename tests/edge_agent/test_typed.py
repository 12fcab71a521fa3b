"""What a person typed names the same unit as what a scanner sent, or is refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.domain.escapes import escaped, unescaped
from edge_agent.domain.typed import TypedError, octets
from protocol import codes, gs1

MSFX = "89999999000000000018"
GTIN = "08999999000011"
SCANNED = codes.classify(b"d2", f"01{GTIN}219A-1(x\x1d1728123110LOT9".encode())


def key(text: str) -> tuple[int, bytes]:
    code = codes.classify(*octets(text))
    return code.kind, code.key


@pytest.mark.parametrize(
    "text",
    [
        MSFX,
        "8999999 9000000000018",
        "8999999-9000000000018",
        "8999 9999 0000 0000 0018",
        "8999999\u20139000000000018",
        "\ufeff8999999\u200b9000000000018\r\n",
        "８９９９９９９　９００００００００００１８",
        "药品标识码：8999999 序列号：9000000000018",
        "药品标识码:8999999，序列号:9000000 000018",
        "序列号：9000000000018 药品标识码：8999999",
        "标识码 8999999 序列号 9000000000018",
        "药品追溯码：8999 9999 0000 0000 0018",
        "追溯码 89999999000000000018",
        "]C089999999000000000018",
    ],
)
def test_twenty_digits_are_one_unit_however_they_are_typed(text: str) -> None:
    assert key(text) == (codes.MSFX20, int(MSFX).to_bytes(9, "big"))


@pytest.mark.parametrize(
    "text",
    [
        rf"(01){GTIN}(21)9A-1\(x(17)281231(10)LOT9",
        rf"(01) {GTIN} (21) 9A-1\(x (17) 281231 (10) LOT9",
        rf"（01）{GTIN}（21）9A-1\(x（10）LOT9（17）281231",
        rf"(21)9A-1\(x(01){GTIN}",
        f"01{GTIN}219A-1(x{{GS}}1728123110LOT9",
        f"{{GS}}01{GTIN}219A-1(x{{GS}}1728123110LOT9",
        rf"01{GTIN}219A-1(x\x1d1728123110LOT9",
        f"01{GTIN}219A-1(x\x1d1728123110LOT9",
        f"]d201{GTIN}219A-1(x{{GS}}1728123110LOT9",
    ],
)
def test_a_gs1_code_is_one_unit_however_it_is_typed(text: str) -> None:
    assert key(text) == (codes.GS1_TRACE, SCANNED.key)


def test_an_article_number_stays_one() -> None:
    assert octets("6 999999 000013") == (b"", b"6999999000013")
    assert codes.classify(*octets("6-999999-000013")).kind == codes.EAN13_ARTICLE


def test_what_brackets_say_is_not_in_doubt() -> None:
    # Without brackets and FNC1 this serial could end before 17 and a date.
    code = codes.classify(*octets(f"(01){GTIN}(21)9A1234517281231"))

    assert code.kind == codes.GS1_TRACE
    assert code.elements == ((b"01", GTIN.encode()), (b"21", b"9A1234517281231"))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "nothing was typed"),
        (" \u3000 ", "nothing was typed"),
        ("hello", '"hello" is no code'),
        ("8999999900000000001O", "is no code"),
        ("89999-99", "7 digits: the hyphens may belong to the code"),
        ("8999999.9000000000018", "is no code"),
        (f"(01){GTIN}(21)", r'"\(21\)" is no \(application identifier\) and value'),
        ("(x)1", r'"\(x\)1" is no'),
        ("(01)8999999000011(21)9", r"\(01\)8999999000011 has 13 characters, not 14"),
        ("(0108)999999000011", r"\(0108\) is no application identifier"),
        ("(310)001", r"\(310\) is no application identifier"),
        ("(09)1", r"\(09\) is no application identifier"),
        (f"(01){GTIN}(21)中", "is no"),
        ("药品标识码：8999999", "药品标识码 without 序列号"),
        ("序列号：9000000000018", "序列号 without 药品标识码"),
        ("药品标识码：899999 序列号：9000000000018", "has 6 digits and 序列号 13, not 7 and 13"),
        ("序列号：1 序列号：2", "序列号 stands twice"),
        (
            "药品标识码：8999999 序列号：9000000000018 批号：9",
            '"批号:9" after 药品标识码 is not understood',
        ),
        ("https://a.example/01/1 2", "is no code"),
        (f"01{GTIN}219A 1", "has a space inside"),
    ],
)
def test_what_cannot_be_read_in_one_way_is_refused(text: str, what: str) -> None:
    with pytest.raises(TypedError, match=what) as caught:
        octets(text)
    assert caught.value.hint


GS1_VALUES = st.text(
    st.sampled_from("0123456789AZaz!\"%&'()*+,-./:;<=>?_"), min_size=1, max_size=20
)


@given(GS1_VALUES, GS1_VALUES)
@settings(max_examples=100, deadline=None)
def test_bracketed_text_says_what_its_elements_say(serial: str, lot: str) -> None:
    text = f"(01){GTIN}(21)" + serial.replace("(", r"\(") + "(10)" + lot.replace("(", r"\(")
    code = codes.classify(*octets(text))

    scanned = codes.classify(b"d2", f"01{GTIN}21{serial}\x1d10{lot}".encode())
    assert (code.kind, code.key, code.elements) == (scanned.kind, scanned.key, scanned.elements)


AIS = st.sampled_from(
    ["09", "10", "11", "17", "21", "240", "251", "310", "3103", "37", "422", "7003", "91", "0110"]
)


@given(st.lists(st.tuples(AIS, st.one_of(GS1_VALUES, st.just("281231"))), max_size=4))
@settings(max_examples=200, deadline=None)
def test_no_element_begins_anywhere_but_at_its_bracket(elements: list[tuple[str, str]]) -> None:
    text = f"(01){GTIN}" + "".join(f"({ai})" + v.replace("(", r"\(") for ai, v in elements)
    try:
        code = codes.classify(*octets(text))
    except TypedError:
        return
    if code.elements:
        said = [(ai.encode(), value.encode()) for ai, value in [("01", GTIN), *elements]]
        assert list(code.elements) == said


@given(st.binary(max_size=60))
def test_octets_survive_as_a_line_of_text(data: bytes) -> None:
    text = escaped(data)

    assert text.isascii()
    assert text.isprintable()
    assert unescaped(text.encode()) == data


@given(st.text(max_size=40))
@settings(deadline=None)
def test_whatever_is_typed_is_read_or_refused(text: str) -> None:
    try:
        read = octets(text)
    except TypedError:
        return
    assert read.data


def test_scanner_data_is_never_mended() -> None:
    spaced = MSFX[:7].encode() + b" " + MSFX[7:].encode()

    assert codes.classify(b"C0", spaced).kind == codes.GARBLED
    assert unescaped(b"8999999 9000000000018 {GS}") == b"8999999 9000000000018 " + bytes([gs1.GS])
