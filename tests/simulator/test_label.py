"""A label drawn as a real symbol comes back as what it says, or not at all."""

from __future__ import annotations

import random

import pytest

from protocol import codes, reasons
from simulator.label import scan
from simulator.world import Damage, Form, Label, goods

GTIN = "08999999000011"
GS1_TEXT = f"(01){GTIN}(21)9A00001234567(17)271231(10)LOT9"
LABELS = {
    "]C0": Label(Form.CODE128, "89999999000000000018", codes.MSFX20),
    "]d1": Label(Form.DATA_MATRIX, "89999999000000000018", codes.MSFX20),
    "]Q1": Label(Form.QR, "89999999000000000018", codes.MSFX20),
    "]C1": Label(Form.GS1_128, "(00)989999999000000017", codes.SSCC),
    "]d2": Label(Form.GS1_DATA_MATRIX, GS1_TEXT, codes.GS1_TRACE),
    "]Q3": Label(Form.GS1_QR, GS1_TEXT, codes.GS1_TRACE),
    "]E0": Label(Form.EAN13, "6999999000013", codes.EAN13_ARTICLE),
    "]A0": Label(Form.CODE39, "SHELF-1234", codes.UNKNOWN),
}


def classified(octets: bytes | None) -> codes.Code:
    assert octets is not None
    assert octets[:1] == b"]"
    return codes.classify(octets[1:3], octets[3:])


def test_there_is_a_label_of_every_form() -> None:
    assert {label.form for label in LABELS.values()} == set(Form)


@pytest.mark.parametrize("identifier", LABELS)
def test_each_form_is_told_by_its_symbology_identifier(identifier: str) -> None:
    octets = scan(LABELS[identifier])

    assert octets is not None
    assert octets[:3].decode() == identifier


@pytest.mark.parametrize("label", LABELS.values(), ids=lambda label: label.form.value)
def test_what_is_read_is_of_the_kind_that_was_printed(label: Label) -> None:
    assert classified(scan(label)).kind == label.kind


def test_a_short_gs1_text_is_printed_as_a_rectangle_and_still_names_a_unit() -> None:
    text = f"(01){GTIN}(21)9A1(17)271231(10)LOT9"
    octets = scan(Label(Form.GS1_DATA_MATRIX, text, codes.GS1_TRACE))

    assert octets is not None
    assert octets[:3] == b"]d8"
    assert classified(octets).kind == codes.GS1_TRACE


def test_fnc1_ends_a_value_of_variable_length() -> None:
    assert scan(LABELS["]d2"]) == f"]d201{GTIN}219A00001234567\x1d1727123110LOT9".encode()


def test_every_label_of_a_delivery_reads_as_what_it_says() -> None:
    pallets = goods(random.Random(5), 300)
    labels = [pallet.label for pallet in pallets]
    labels += [case.label for pallet in pallets for case in pallet.cases]
    labels += [p.label for pallet in pallets for case in pallet.cases for p in case.packs]
    for label in labels:
        code = classified(scan(label))

        assert (code.kind, code.reason) == (label.kind, reasons.OK), label
        if code.elements:
            said = "".join(f"({ai.decode()}){value.decode()}" for ai, value in code.elements)
            assert said == label.text
        else:
            assert code.key == int(label.text).to_bytes(9, "big")


@pytest.mark.parametrize("label", LABELS.values(), ids=lambda label: label.form.value)
def test_a_smudged_symbol_is_not_read(label: Label) -> None:
    assert scan(label, Damage.SMUDGED) is None


@pytest.mark.parametrize(
    ("identifier", "damage", "reason", "at"),
    [
        ("]C0", Damage.LETTER, reasons.NOT_DIGITS, 9),
        ("]Q1", Damage.SHORT, reasons.LENGTH, 19),
        ("]d1", Damage.LONG, reasons.LENGTH, 20),
        ("]d2", Damage.GTIN, reasons.CHECK_DIGIT, 15),
    ],
)
def test_a_misread_code_is_garbled(identifier: str, damage: Damage, reason: int, at: int) -> None:
    code = classified(scan(LABELS[identifier], damage))

    assert (code.kind, code.reason, code.at) == (codes.GARBLED, reason, at)
