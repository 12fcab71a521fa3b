"""GS1 by the word of others: the official engine's answers, and biip."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from biip import ParseError
from biip.gs1_messages import GS1Message
from hypothesis import example, given
from hypothesis import strategies as st

from protocol import codes, gs1, reasons
from protocol.codes import classify
from protocol.digital_link import Link
from tests.protocol import draws

CARRIERS = (b"d2", b"C1", b"Q3", b"e0", b"J1")

Elements = list[list[str]]


def sample(shared_data: Path, name: str) -> list[dict[str, Any]]:
    cases = json.loads((shared_data / name).read_text())["cases"]
    assert len(cases) > 80
    return list(cases)


def read(octets: bytes) -> tuple[gs1.Elements, Elements]:
    """Read an element string behind a symbology identifier; its elements as a case has them."""
    elements = gs1.Elements()
    elements.read(octets, 0, len(octets), strict=True)
    pairs = elements.pairs(octets)
    return elements, [[ai.decode("latin-1"), value.decode("latin-1")] for ai, value in pairs]


def test_every_element_string_is_read_as_the_official_engine_reads_it(shared_data: Path) -> None:
    """FNC1 before the first identifier is refused there; see ``strict`` of ``Elements.read``."""
    for case in sample(shared_data, "gs1_elements_sample.json"):
        elements, told = read(case["input"][3:].encode("latin-1"))

        assert (elements.reason == reasons.OK) == case["ok"], case
        assert told == (case["ais"] if case["ok"] else []), case
        assert case["ok"] or 0 <= elements.at <= len(case["input"]) - 3


def test_every_scan_is_read_as_the_official_engine_reads_it(shared_data: Path) -> None:
    """By symbology: element strings, the one beside an EAN, links; other data has no elements."""
    counts = {"element string": 0, "composite": 0, "link": 0, "other": 0}
    for case in sample(shared_data, "gs1_scan_sample.json"):
        octets = case["input"].encode("latin-1")
        carrier, data = octets[1:3], octets[3:]
        link = Link()
        second = gs1.composite(data, 0, len(data))
        if carrier in CARRIERS:
            counts["element string"] += 1
        elif second < len(data):
            counts["composite"] += 1
            assert gs1.has_check_digit(data, 0, second - 4), case
            data = data[second:]
        elif octets[:1] == b"]" and link.looks_like(data, 0, len(data)):
            counts["link"] += 1
            assert link.read(data, 0, len(data)) == case["ok"], case
            data = bytes(link.buf[: link.length])
        else:
            counts["other"] += 1
            assert case.get("ais", []) == [], case
            continue
        elements, told = read(data)
        assert (elements.reason == reasons.OK) == case["ok"], case
        assert told == (case["ais"] if case["ok"] else []), case
        if case["ok"]:
            assert (elements.lacking() < 0) == case["ok_with_req_rules"], case
    assert min(counts.values()) >= 2, counts


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
    reasons.CHECK_DIGIT,  # of every key
    reasons.AI_REPEATED,  # with another value
    reasons.AI_EXCLUDED,  # whatever stands together
    reasons.LENGTH,  # what is too long is cut, and the rest read as elements
    reasons.SEPARATOR,  # FNC1 twice in a row
    reasons.CHARACTER,  # blanks at the ends are taken off; letters behind digits
    reasons.AI_UNKNOWN,  # what is left over behind a cut value
    reasons.NOT_DIGITS,  # company prefixes, amounts that begin with blanks
    reasons.VALUE,  # numbers and letters that stand for nothing
    reasons.DATE,  # of harvest, and times of the day
}


def by_biip(string: bytes) -> list[tuple[bytes, bytes]] | None:
    try:
        message = GS1Message.parse(string.decode("ascii"))
    except (ParseError, ValueError, IndexError):
        return None
    return [(e.ai.ai.encode(), e.value.encode()) for e in message.element_strings]


@st.composite
def damaged(draw: st.DrawFn, strings: list[bytes]) -> bytes:
    octets = bytearray(draw(st.sampled_from(strings)))
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(octets)))
        octets[at : at + draw(st.integers(0, 1))] = draw(
            st.sampled_from([b"", b"0", b"1", b"9", b"A", b"~", b" ", b"]", b"\x1d"])
        )
    return bytes(octets)


def agree(string: bytes) -> None:
    elements = gs1.Elements()
    theirs = by_biip(string)
    if elements.read(string, 0, len(string)):
        assert list(elements.pairs(string)) == theirs
    elif theirs is not None:
        assert elements.reason in LET_PASS_BY_BIIP, string


@given(draws.element_strings().flatmap(lambda drawn: damaged([drawn[0]])))
@example(b"")
@example(b"010899999900001621A")
@example(b"219A\x1d219B")
@example(b"10" + b"A" * 20 + b"219A")
@example(b"219A\x1d\x1d10L")
@example(b"219A ")
def test_we_and_biip_agree_but_for_its_known_errors(string: bytes) -> None:
    agree(string)


@given(st.data())
def test_so_we_do_on_every_identifier(shared_data: Path, data: st.DataObject) -> None:
    cases = sample(shared_data, "gs1_elements_sample.json")
    agree(data.draw(damaged([case["input"][3:].encode("latin-1") for case in cases])))
