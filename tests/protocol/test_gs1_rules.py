"""Every rule of a value: what it takes, what not, and where it stops."""

from __future__ import annotations

import pytest

from protocol import gs1, gs1_ai, reasons

RIGHT = """
4307DE 421156ABC 423004248 7030004A 7030999A 3910978123 430918000000003600000000
43211 4330000123- 4330000123 70405ABC 7041PLP 70418 7041ZZ 724110 724180
725020000229 7251202401312359 72529 72581/9 72589/9 800100010000100190
8007GB98MIDL07009312345678 8007MT90MALT011000012345MTLCAST001SABC
80131987654Ad4X4bL5ttr2310c2K 801312345_ABCDEFGHIJKLMCP 800801020323 8008010203235959 801112
80100899-/#AZ 80301== 803012= 8030123 8110012345612345611110123
81100123456123456111101233350101 8112001234561234560123456 4300A%20B 4300%c3%A4
43242612002359 7011261231 70112612312359 7007261231 7007261231271231
00089999999000000014 8006089999990000110102 70230899AB
"""
WRONG = {
    "4307AA": (reasons.VALUE, 4),
    "4307A1": (reasons.VALUE, 5),
    "421001ABC": (reasons.VALUE, 3),
    "4230042480761566": (reasons.LENGTH, 16),
    "42300": (reasons.LENGTH, 5),
    "7030998A": (reasons.VALUE, 4),
    "3910987123": (reasons.VALUE, 4),
    "430918000000013600000000": (reasons.VALUE, 4),
    "430918000000003600000001": (reasons.VALUE, 14),
    "43212": (reasons.VALUE, 4),
    "4330000123A": (reasons.VALUE, 10),
    "70405A>;": (reasons.CHARACTER, 7),
    "704120": (reasons.VALUE, 4),
    "7041Z": (reasons.VALUE, 4),
    "7041ZZZ": (reasons.VALUE, 4),
    "724111": (reasons.VALUE, 4),
    "725019000229": (reasons.DATE, 10),
    "7250A0240230": (reasons.NOT_DIGITS, 4),
    "7251202401312460": (reasons.DATE, 12),
    "72525": (reasons.VALUE, 4),
    "72589/1": (reasons.VALUE, 4),
    "72580/9": (reasons.VALUE, 4),
    "72581/0": (reasons.VALUE, 6),
    "7258199": (reasons.VALUE, 6),
    "800100000000100190": (reasons.VALUE, 4),
    "800100010000100120": (reasons.VALUE, 16),
    "8007GB98MIDL07009312345679": (reasons.CHECK_DIGIT, 6),
    "8007XX98MIDL07009312345678": (reasons.CHECK_DIGIT, 4),
    "8007GB98": (reasons.LENGTH, 8),
    "80131987654Ad4X4bL5ttr2310cXK": (reasons.CHECK_DIGIT, 27),
    "80131987654Ad4X4bL5ttr2310c2X": (reasons.CHECK_DIGIT, 28),
    "80132": (reasons.LENGTH, 5),
    "80080102032360": (reasons.DATE, 12),
    "8008010003235959": (reasons.DATE, 6),
    "801101": (reasons.VALUE, 4),
    "8010089": (reasons.LENGTH, 7),
    "800408A9": (reasons.NOT_DIGITS, 6),
    "80301=": (reasons.CHARACTER, 5),
    "8030123=": (reasons.CHARACTER, 7),
    "811001234561234561111012": (reasons.LENGTH, 24),
    "8110712345612345611110123": (reasons.VALUE, 4),
    "81100123456123456011110123": (reasons.VALUE, 17),
    "811001234561234561111012335006064500607": (reasons.VALUE, 33),
    "8112201234561234560123456": (reasons.VALUE, 4),
    "811200123456123456012345": (reasons.LENGTH, 24),
    "4300A%2GB": (reasons.VALUE, 5),
    "4300AB%2": (reasons.VALUE, 6),
    "43242612312460": (reasons.DATE, 10),
    "4326261200": (reasons.DATE, 8),
    "70072612312712": (reasons.LENGTH, 14),
    "8006089999990000110201": (reasons.VALUE, 20),
    "8006089999990000110001": (reasons.VALUE, 18),
    "8006089999990000120102": (reasons.CHECK_DIGIT, 17),
}


@pytest.mark.parametrize("string", RIGHT.split())
def test_a_right_value_is_taken(string: str) -> None:
    elements = gs1.Elements()

    assert elements.read(string.encode(), 0, len(string)), (elements.reason, elements.at)
    assert elements.count == 1


@pytest.mark.parametrize(("string", "reason", "at"), [(k, *v) for k, v in WRONG.items()])
def test_a_wrong_value_is_refused_where_it_is_wrong(string: str, reason: int, at: int) -> None:
    elements = gs1.Elements()

    assert not elements.read(string.encode(), 0, len(string))
    assert (elements.reason, elements.at) == (reason, at)


def test_every_rule_of_the_table_has_its_check_and_words() -> None:
    assert len(gs1_ai.CHECKS) == len(gs1_ai.TEXT) == len(gs1_ai.REASONS)
    assert all(callable(check) for check in gs1_ai.CHECKS)
