"""GS1 by the word of others: the official engine's answers, the dictionary, and biip."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from biip import ParseError
from biip.gs1_messages import GS1Message
from hypothesis import assume, example, given
from hypothesis import strategies as st

from protocol import codes, gs1, gs1_ai, reasons
from protocol.codes import Code, classify
from tests.protocol import draws

OUR_AIS = {"00", "01", "10", "11", "17", "21"}
CARRIERS = ("]d2", "]C1", "]Q3", "]e0", "]J1")

Elements = list[list[str]]


def read(case: dict[str, Any]) -> tuple[Code, Elements]:
    """Classify the input of a case; the elements as the case would write them."""
    octets = case["input"].encode("latin-1")
    code = classify(octets[1:3], octets[3:])
    return code, [[ai.decode(), value.decode()] for ai, value in code.elements]


def cases(shared_data: Path, name: str) -> list[dict[str, Any]]:
    """The element strings of a sample; links and composite symbols are read elsewhere."""
    found = json.loads((shared_data / name).read_text())["cases"]
    return [c for c in found if c["input"].startswith(CARRIERS) and "|]e0" not in c["input"]]


@pytest.mark.parametrize("sample", ["gs1_scan_sample.json", "gs1_elements_sample.json"])
def test_what_the_official_engine_reads_we_read_the_same(shared_data: Path, sample: str) -> None:
    """Other identifiers than our six are passed over, and said to be there."""
    read_cases = [case for case in cases(shared_data, sample) if case["ok"]]
    for case in read_cases:
        code, elements = read(case)
        ours = [element for element in case["ais"] if element[0] in OUR_AIS]

        assert elements == ours, case
        assert (code.reason == reasons.OK) == (len(ours) == len(case["ais"])), case
    assert len(read_cases) > 30


def test_what_the_official_engine_refuses_of_our_six_we_refuse(shared_data: Path) -> None:
    refused = [
        case
        for case in cases(shared_data, "gs1_elements_sample.json")
        if not case["ok"] and set(case["ai"].split("+")) <= OUR_AIS
    ]
    for case in refused:
        code, _ = read(case)
        if case["how"] == "leading GS":
            # Some engines send the FNC1 that opens the symbol as well; the engine of GS1 does not
            # expect it behind a symbology identifier. Nothing is guessed by reading on.
            assert code.reason == reasons.OK, case
        else:
            assert code.kind == codes.GARBLED, case
    assert len(refused) > 60


def test_our_table_is_the_dictionarys(shared_data: Path) -> None:
    """Source: GS1 Barcode Syntax Dictionary, release 2026-01-27."""
    dictionary = json.loads((shared_data / "gs1_syntax_dictionary.json").read_text())["ais"]
    fixed: dict[int, int] = {}
    for entry in dictionary:
        ai, parts = entry["ai"], entry["components"]
        if entry["fixed_length_no_fnc1"]:
            fixed[int(ai[:2])] = len(ai) + sum(part["max"] for part in parts)
        if ai not in OUR_AIS:
            continue
        (part,) = parts
        row = gs1_ai.row(int(ai))
        marks = gs1_ai.marks(row)
        assert (gs1_ai.shortest(row), gs1_ai.longest(row)) == (part["min"], part["max"])
        assert bool(marks & gs1_ai.DIGITS) == (part["type"] == "N")
        assert bool(marks & gs1_ai.CHECKED) == ("csum" in part["linters"])
        assert bool(marks & gs1_ai.DATED) == ("yymmd0" in part["linters"])

    assert {ai for ai in range(100) if gs1_ai.row(ai) >= 0} == {int(ai) for ai in OUR_AIS}
    # Reserved identifiers of these families are fixed as well, and not in the dictionary.
    assert {head: gs1_ai.predefined(head) for head in fixed} == fixed


def test_the_carriers_of_gs1_are_those_of_the_list(shared_data: Path) -> None:
    """Source: ISO/IEC 15424 identifiers, collected with their routes."""
    routes = {
        row["aim"]: row["gateway_route"].removeprefix("as ")
        for row in json.loads((shared_data / "aim_ids.json").read_text())["rows"]
    }
    single = [aim for aim in routes if len(aim) == 3 and aim[2].isalnum()]
    for aim in single:
        route = routes.get(routes[aim], routes[aim])  # "as ]d2"
        code = classify(aim[1:].encode(), b"01" + draws.checked(b"0899999900001") + b"219A")

        assert (code.kind == codes.GS1_TRACE) == route.startswith("GS1"), aim
    assert len(single) > 40


# What biip 5.2 lets pass though it is wrong, by the reason for which we refuse it.
LET_PASS_BY_BIIP = {
    reasons.EMPTY,  # no element at all
    reasons.CHECK_DIGIT,  # of 00 and 01
    reasons.AI_REPEATED,  # with another value
    reasons.LENGTH,  # a lot or serial of 21 is cut at 20, and the rest read as elements
    reasons.AI_UNKNOWN,  # FNC1 twice in a row
    reasons.CHARACTER,  # blanks at the ends are taken off
}


def by_biip(string: bytes) -> list[tuple[bytes, bytes]] | None:
    try:
        message = GS1Message.parse(string.decode("ascii"))
    except ParseError:
        return None
    return [(e.ai.ai.encode(), e.value.encode()) for e in message.element_strings]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    string, _ = draw(draws.element_strings())
    octets = bytearray(string)
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(octets)))
        octets[at : at + draw(st.integers(0, 1))] = draw(
            st.sampled_from([b"", b"0", b"1", b"9", b"A", b"~", b" ", b"]", b"\x1d"])
        )
    return bytes(octets)


@given(damaged())
@example(b"")
@example(b"010899999900001621A")
@example(b"219A\x1d219B")
@example(b"10" + b"A" * 20 + b"219A")
@example(b"219A\x1d\x1d10L")
@example(b"219A ")
def test_we_and_biip_agree_but_for_its_known_errors(string: bytes) -> None:
    elements = gs1.Elements()
    accepted = elements.read(string, 0, len(string))
    # biip knows all identifiers, we six; a repeat with the same value it lists twice.
    assume(elements.passed_over < 0)
    theirs = by_biip(string)
    if accepted:
        assert theirs is not None
        ours = [
            (b"%02d" % elements.ai(i), string[elements.start(i) : elements.stop(i)])
            for i in range(elements.count)
        ]
        assert ours == list(dict.fromkeys(theirs))
    elif theirs is not None:
        assert elements.reason in LET_PASS_BY_BIIP
