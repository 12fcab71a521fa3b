"""Digital Links: rewritten as element strings, or refused with reason and place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.domain.digital_link_uri import LinkError, uri
from protocol import digital_link, reasons
from protocol.digital_link import Link
from protocol.gs1 import Elements
from tests.protocol import draws

GTIN = draws.checked(b"0899999900001")
KEY = b"https://id.gs1.org/01/" + GTIN


def read(data: bytes, short_gtins: bool = True) -> list[tuple[bytes, bytes]] | None:
    """The elements of a link that is one and whose values are right."""
    link = Link(short_gtins)
    elements = Elements()
    if not (link.looks_like(data, 0, len(data)) and link.read(data, 0, len(data))):
        return None
    if not elements.read(link.buf, 0, link.length, strict=True):
        return None
    return list(elements.pairs(bytes(link.buf)))


def sample(shared_data: Path, name: str) -> list[dict[str, Any]]:
    found = json.loads((shared_data / "gs1_digital_link_sample.json").read_text())[name]
    assert len(found) > 20
    return list(found)


def test_links_are_read_as_the_official_engine_reads_them(shared_data: Path) -> None:
    for case in sample(shared_data, "cases"):
        told = read(case["input"].encode(), short_gtins=bool(case["permit_zsupp"]))
        if case["ok"]:
            expected = [(ai.encode(), value.encode()) for ai, value in case["engine_ais"]]
            assert told == expected, case
            link = Link()
            assert link.read(case["input"].encode(), 0, len(case["input"]))
            string = bytes(link.buf[: link.length]).replace(b"\x1d", b"^")
            assert b"^" + string == case["datastr"].encode(), case
        else:
            assert told is None, case


def test_escapes_are_undone_as_the_official_engine_does(shared_data: Path) -> None:
    for case in sample(shared_data, "uri_unescape"):
        escaped = case["input"].encode("latin-1")
        if not escaped:
            continue  # an empty value is no value: see the refusals
        for before, answer in ((b"/21/", case["path"]), (b"?99=", case["query"])):
            link = Link()
            data = KEY + before + escaped
            assert link.read(data, 0, len(data)), case
            value = before[1:-1] + answer.encode("latin-1")
            assert bytes(link.buf[: link.length]) == b"01" + GTIN + value, case


def test_links_are_written_as_the_official_engine_writes_them(shared_data: Path) -> None:
    for case in sample(shared_data, "generate"):
        pairs = (part.split(")") for part in case["input"].split("(")[1:])
        elements = [(ai.encode(), value.encode()) for ai, value in pairs]
        stem = (case["stem"] or "https://id.gs1.org").encode()
        # The one case with an identifier that nobody has stands there twice, refused and not.
        answers = {_written(elements, stem, False), _written(elements, stem, True)}

        assert case["uri"] in answers, case
        if "(89)" not in case["input"]:
            assert answers == {case["uri"]}, case


def _written(elements: list[tuple[bytes, bytes]], stem: bytes, unknown: bool) -> str | None:
    try:
        return uri(elements, stem, unknown).decode()
    except LinkError:
        return None


REFUSED = {
    "no address": (b"89999999000000000018", reasons.FOREIGN, 0),
    "mixed case": (b"HtTps://a/01/" + GTIN, reasons.FOREIGN, 0),
    "no path": (b"https://id.gs1.org", reasons.FOREIGN, 0),
    "no host": (b"https:///01/" + GTIN, reasons.FOREIGN, 0),
    "no key": (b"https://id.gs1.org/10/LOT", reasons.FOREIGN, 0),
    "key without a value": (b"https://id.gs1.org/01/", reasons.LENGTH, 22),
    "convenience alpha": (b"https://id.gs1.org/gtin/" + GTIN, reasons.FOREIGN, 0),
    "slash at the end": (KEY + b"/", reasons.FOREIGN, 0),
    "qualifiers out of order": (KEY + b"/21/9A/10/L", reasons.LINK, 43),
    "qualifier of another key": (KEY + b"/254/9A", reasons.LINK, 37),
    "two orders mixed": (KEY + b"/10/L/235/9A", reasons.LINK, 42),
    "attribute in the path": (KEY + b"/99/X", reasons.LINK, 37),
    "qualifier in the query": (KEY + b"?21=9A", reasons.LINK, 37),
    "no attribute": (KEY + b"?8200=http", reasons.LINK, 37),
    "key again": (KEY + b"?01=" + GTIN, reasons.AI_REPEATED, 37),
    "attribute twice": (KEY + b"?99=A&99=A", reasons.AI_REPEATED, 42),
    "unknown number": (KEY + b"?999=A", reasons.AI_UNKNOWN, 37),
    "attribute without a value": (KEY + b"?99=", reasons.LENGTH, 40),
    "expiry too short": (KEY + b"?17=26120", reasons.LENGTH, 40),
    "expiry too long": (KEY + b"?17=2612011", reasons.LENGTH, 40),
    "escaped FNC1": (KEY + b"/21/9A%1d10L", reasons.CHARACTER, 44),
    "escaped null": (KEY + b"?99=%00", reasons.CHARACTER, 42),
    "octet of no address": (KEY + b"/21/9\xc3\xa4", reasons.CHARACTER, 41),
    "space": (KEY + b"/21/9 A", reasons.CHARACTER, 41),
    "host with a sign": (b"https://a$b/01/" + GTIN, reasons.CHARACTER, 9),
    "compressed": (b"https://id.gs1.org/ARFKk4XB0CDKWcnpq", reasons.LINK_COMPRESSED, 19),
    "compressed behind a key": (KEY + b"/CAGCUCihAnkl", reasons.LINK_COMPRESSED, 37),
    "compressed, a usual set": (b"https://a/DBFKk4XB0CDKW?x=1", reasons.LINK_COMPRESSED, 10),
    "a word as long": (b"https://example.com/some-longer-words", reasons.FOREIGN, 0),
    "a page": (b"https://example.com/products/AQEABCDEFGHIJ.html", reasons.FOREIGN, 0),
    "longer than a label": (KEY + b"?99=" + b"A" * 90 + b"&98=" + b"A" * 90 + b"&97=" + b"A" * 90,
                            reasons.TOO_LONG, 0),
}  # fmt: skip


@pytest.mark.parametrize(("data", "reason", "at"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_link_is_refused_with_reason_and_place(
    data: bytes, reason: int, at: int
) -> None:
    link = Link()

    assert not link.read(b"]Q1" + data, 3, 3 + len(data))
    assert link.reason == reason
    assert link.length == 0
    if reason != reasons.TOO_LONG:
        assert link.at == 3 + at


@pytest.mark.parametrize(
    ("tail", "string"),
    [
        (b"", b""),
        (b"?", b""),
        (b"#12", b""),
        (b"/22/V/10/L/21/S", b"22V\x1d10L\x1d21S"),
        (b"/10/L?17=261201&11=260101", b"10L\x1d1726120111260101"),
        (b"?&&linkType=all&99=A%2bB&&x", b"99A+B"),
        (b"/235/T?10=L#x", b"235T\x1d10L"),
        (b"?3103=000195&3922=0299&17=201225", b"310300019539220299\x1d17201225"),
    ],
)
def test_fnc1_stands_only_where_it_is_due(tail: bytes, string: bytes) -> None:
    link = Link()
    data = KEY + tail

    assert link.read(data, 0, len(data))
    assert bytes(link.buf[: link.length]) == b"01" + GTIN + string


@pytest.mark.parametrize("digits", [8, 12, 13, 14])
def test_a_short_gtin_is_filled_up_unless_it_may_not_be(digits: int) -> None:
    gtin = draws.checked(b"899999900001234"[: digits - 1])
    data = b"https://example.com/x/01/" + gtin + b"/21/9A"

    assert read(data) == [(b"01", gtin.rjust(14, b"0")), (b"21", b"9A")]
    assert (read(data, short_gtins=False) is not None) == (digits == 14)


VALUES = draws.SERIALS
ELEMENTS = st.fixed_dictionaries(
    {b"01": draws.GTINS},
    optional=dict.fromkeys([b"22", b"10", b"21", b"99"], VALUES) | {b"17": draws.VALUES[b"17"]},
)  # fmt: skip


@given(ELEMENTS, st.sampled_from([b"https://id.gs1.org", b"http://a/b/01/c/"]))
def test_what_is_written_is_read_again(elements: dict[bytes, bytes], stem: bytes) -> None:
    told = read(uri(list(elements.items()), stem))

    # A link longer than a label is no label's; none of these is one.
    assert told is not None
    assert dict(told) == elements


@given(
    st.binary(max_size=60), st.sampled_from([b"", b"https://a/01/", KEY, KEY + b"?", KEY + b"/"])
)
def test_any_octets_are_read_or_refused_inside_their_bounds(tail: bytes, head: bytes) -> None:
    link = Link()
    data = head + tail

    if not link.read(data, 0, len(data)):
        assert link.reason != reasons.OK
        assert 0 <= link.at <= len(data)
    assert 0 <= link.length <= digital_link.BUF_SIZE
