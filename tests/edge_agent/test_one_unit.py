"""A unit has one key, in whatever symbol it is drawn, in a link, and typed by hand.

Every symbol is drawn and read by zxing-cpp.
"""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.domain import typed
from edge_agent.domain.escapes import escaped
from edge_agent.domain.rendering import Rendering
from protocol import codes, reasons
from protocol.codes import Code
from simulator import label
from simulator.world import Form, check_digit

GS1_FORMS = (Form.GS1_128, Form.GS1_DATA_MATRIX, Form.GS1_QR)
PLAIN_FORMS = (Form.CODE128, Form.DATA_MATRIX, Form.QR)

# GS1's character set 82.
CHARACTERS = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
VALUES = st.text(st.sampled_from(CHARACTERS), min_size=1, max_size=20)
SERIALS = VALUES.map(lambda text: "9" + text[:19])
# Drawing and reading a symbol takes some milliseconds.
MODEST = settings(max_examples=25, deadline=None)


def read(form: Form, text: str) -> Code:
    octets = label.read(label.drawn(form, text).to_image(3))
    assert octets is not None, text
    return codes.classify(octets[1:3], octets[3:])


def by_hand(text: str) -> Code:
    return codes.classify(*typed.octets(text))


def checked(digits: str) -> str:
    return digits + check_digit(digits)


def in_brackets(*elements: tuple[str, str]) -> str:
    return "".join(f"({ai})" + value.replace("(", r"\(") for ai, value in elements)


@MODEST
@given(st.integers(0, 10**12 - 1))
def test_twenty_digits(number: int) -> None:
    digits = f"89999999{number:012}"
    key = int(digits).to_bytes(9, "big")
    several = [read(form, digits) for form in PLAIN_FORMS]
    several += [by_hand(digits), by_hand(f"药品标识码：{digits[:7]} 序列号：{digits[7:]}")]

    assert {(code.kind, code.key, code.reason) for code in several} == {
        (codes.MSFX20, key, reasons.OK)
    }
    link = read(Form.QR, f"https://trace.example/c?code={digits}")
    assert (link.kind, link.key) == (codes.URL_TRACE, key)


@MODEST
@given(st.integers(0, 99_999), SERIALS, VALUES)
def test_a_gtin_and_a_serial(item: int, serial: str, lot: str) -> None:
    gtin = checked(f"08999999{item:05}")
    brackets = in_brackets(("01", gtin), ("21", serial), ("17", "281231"), ("10", lot))
    link = f"https://id.example/01/{gtin}/10/{quote(lot, safe='')}/21/{quote(serial, safe='')}"
    link += "?17=281231"
    several = [read(form, brackets) for form in GS1_FORMS if form is not Form.GS1_128]
    several += [read(Form.QR, link), read(Form.DATA_MATRIX, link)]
    # A line of bars has no room for the lot as well.
    several.append(read(Form.GS1_128, in_brackets(("01", gtin), ("21", serial), ("17", "281231"))))
    several += [by_hand(brackets), by_hand(link)]
    several.append(by_hand(escaped(b"\x1d01%b21%b\x1d" % (gtin.encode(), serial.encode()))))

    assert {(code.kind, code.key, code.reason) for code in several} == {
        (codes.GS1_TRACE, several[0].key, reasons.OK)
    }
    assert all(dict(code.elements)[b"21"] == serial.encode() for code in several)


@MODEST
@given(st.integers(0, 10**8 - 1))
def test_a_logistic_unit(number: int) -> None:
    sscc = checked(f"98999999{number:08}9")
    several = [read(form, f"(00){sscc}") for form in GS1_FORMS]
    several += [by_hand(f"(00) {sscc}")]
    several.append(read(Form.QR, f"https://id.example/00/{sscc}"))

    assert {(code.kind, code.key) for code in several} == {(codes.SSCC, several[0].key)}


@MODEST
@given(st.integers(0, 99_999))
def test_an_article_number_names_no_unit_in_any_form(item: int) -> None:
    article = checked(f"8999999{item:05}")

    for code in (
        read(Form.EAN13, article),
        by_hand(article),
        by_hand(f"{article[:7]} {article[7:]}"),
    ):
        assert code.kind == codes.EAN13_ARTICLE
        assert not codes.names_a_unit(code.kind)


@MODEST
@given(SERIALS)
def test_a_medicine_from_abroad(serial: str) -> None:
    capitals = "".join(char for char in serial.upper() if char.isalnum())
    envelope = "[)>{RS}06{GS}9N111234567842{GS}S" + capitals + "{RS}{EOT}"
    drawn = codes.classify(*typed.octets(envelope))

    octets = label.read(
        label.drawn(Form.DATA_MATRIX, typed.octets(envelope).data.decode()).to_image(3)
    )
    assert octets is not None
    code = codes.classify(octets[1:3], octets[3:])
    assert (code.kind, code.key) == (codes.PPN, drawn.key)


@pytest.mark.parametrize("template", ["ai-brackets", "ai-gs", "digital-link"])
@MODEST
@given(SERIALS, VALUES)
def test_what_is_sent_to_a_platform_comes_back_as_the_same_unit(
    template: str, serial: str, lot: str
) -> None:
    gtin = checked("0899999900001")
    code = read(Form.GS1_QR, in_brackets(("01", gtin), ("10", lot), ("21", serial)))
    sent = Rendering(template).text(code, b"")

    assert by_hand(sent).key == code.key
