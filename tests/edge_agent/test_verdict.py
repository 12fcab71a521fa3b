"""One unit, all that is known of it, one ruling: every rule has its cell, the first one wins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.cli.verdicts import verdicts
from edge_agent.domain import again, findings, reflux, states, stations, verdict
from edge_agent.domain.again import Meeting
from edge_agent.domain.comparing import Goods
from edge_agent.domain.documents import TYPES
from edge_agent.domain.model import Fact, Platform, Ruling, Unit
from edge_agent.domain.stations import Station, Stations
from edge_agent.domain.verdict import Facts
from edge_agent.domain.wording import NEXT
from protocol import codes, decisions, reasons

PAGE = Path(__file__).parents[2] / "docs" / "verdicts.md"

FIRST = Meeting(None, 7, 0, 5000)
IN_STOCK = Meeting(Unit(b"a", 1, 6, 0), 7, 0, 5000, document=3, state=1, takes=states.HERE)
SHIPPED = IN_STOCK._replace(state=states.SHIPPED)
DUE = Goods("p1", "LOT1", "2030-01-31", 1)
PASS = (decisions.PASS, reasons.OK)


def said(**known: Any) -> Platform:
    none: dict[str, Any] = dict.fromkeys(("active", "cancelled", "reflux", "owner"))
    return Platform(b"a", checked_ms=1, source="test", **none | known)


def held(reason: int) -> tuple[int, int]:
    return (decisions.HOLD, reason)


CELLS: dict[str, tuple[Facts, tuple[int, int]]] = {
    "new": (Facts(FIRST), PASS),
    "in stock, sold": (Facts(IN_STOCK, goods=DUE, due=DUE, left=1), PASS),
    "recalled": (Facts(FIRST, hold=reasons.RECALLED), held(reasons.RECALLED)),
    "recalled, and scanned a moment ago": (
        Facts(Meeting(Unit(b"a", 1, 7, 0), 7, 0, 5000, state=0), hold=reasons.RECALLED),
        held(reasons.RECALLED),
    ),
    "recalled, and sent back by a recall": (
        Facts(IN_STOCK, hold=reasons.RECALLED, despite=TYPES["recall_out"].despite),
        PASS,
    ),
    "sealed": (Facts(FIRST, hold=reasons.SEALED), held(reasons.SEALED)),
    "sealed, in a recall": (
        Facts(IN_STOCK, hold=reasons.SEALED, despite=TYPES["recall_out"].despite),
        held(reasons.SEALED),
    ),
    "held for reflux": (Facts(FIRST, hold=reasons.REFLUX_SUSPECT), held(reasons.REFLUX_SUSPECT)),
    "held as cancelled": (Facts(FIRST, hold=reasons.CANCELLED), held(reasons.CANCELLED)),
    "replaced": (Facts(IN_STOCK._replace(state=states.REPLACED)), held(reasons.CANCELLED)),
    "cancelled by the platform": (
        Facts(FIRST, platform=said(cancelled=True)),
        held(reasons.CANCELLED),
    ),
    "counted": (
        Facts(IN_STOCK._replace(counted=True)),
        (decisions.AGAIN, reasons.SAME_DOCUMENT),
    ),
    "counted, not as printed": (
        Facts(IN_STOCK._replace(counted=True), expected=False),
        (decisions.AGAIN, reasons.SAME_DOCUMENT),
    ),
    "its case is counted": (
        Facts(IN_STOCK._replace(covered=True)),
        held(reasons.PARENT_AND_CHILD),
    ),
    "no document": (Facts(FIRST, documents=stations.BOUND), held(reasons.NO_DOCUMENT)),
    "several documents": (
        Facts(FIRST, documents=stations.AUTO, several=True),
        held(reasons.NO_DOCUMENT),
    ),
    "no supplier's word": (Facts(FIRST, documents=stations.AUTO), held(reasons.UPSTREAM_MISSING)),
    "received for nothing": (Facts(IN_STOCK, upstream=False), held(reasons.UPSTREAM_MISSING)),
    "not in the document": (Facts(IN_STOCK, expected=False), held(reasons.NOT_IN_DOCUMENT)),
    "sold already": (Facts(SHIPPED), held(reasons.OTHER_DOCUMENT)),
    "seen before": (
        Facts(Meeting(Unit(b"a", 1, 6, 0), 7, 0, 5000, state=0)),
        held(reasons.SEEN_BEFORE),
    ),
    "pack conflict": (Facts(IN_STOCK, conflict=True), held(reasons.PACK_CONFLICT)),
    "level": (
        Facts(IN_STOCK, goods=DUE._replace(level=2), due=DUE),
        held(reasons.WRONG_LEVEL),
    ),
    "product": (
        Facts(IN_STOCK, goods=DUE._replace(product="p2"), due=DUE),
        held(reasons.PRODUCT_DIFFERS),
    ),
    "lot": (Facts(IN_STOCK, goods=DUE._replace(lot="X"), due=DUE), held(reasons.LOT_DIFFERS)),
    "lot, settled": (
        Facts(
            IN_STOCK,
            goods=DUE._replace(lot="X"),
            due=DUE,
            settled=frozenset({"lot_differs"}),
        ),
        PASS,
    ),
    "expiry": (
        Facts(IN_STOCK, goods=DUE._replace(expiry="2031-01-31"), due=DUE),
        held(reasons.EXPIRY_DIFFERS),
    ),
    "what is not printed differs from nothing": (Facts(IN_STOCK, goods=Goods(), due=DUE), PASS),
    "of unknown content": (
        Facts(IN_STOCK, goods=DUE, due=DUE, left=9, filled=False),
        held(reasons.UPSTREAM_MISSING),
    ),
    "of unknown content, and expected by its code": (
        Facts(IN_STOCK, goods=DUE, due=DUE, filled=False),
        PASS,
    ),
    "expired yesterday": (Facts(IN_STOCK, goods=DUE, today="2030-02-01"), held(reasons.EXPIRED)),
    "its last day": (Facts(IN_STOCK, goods=DUE, today="2030-01-31"), PASS),
    "expired, and written off": (
        Facts(IN_STOCK, goods=DUE, today="2030-02-01", despite=TYPES["scrapping"].despite),
        PASS,
    ),
    "surplus": (Facts(IN_STOCK, quantity=10, left=9), held(reasons.SURPLUS)),
    "just enough": (Facts(IN_STOCK, quantity=10, left=10), PASS),
    "another owner": (
        Facts(IN_STOCK, owner="us", platform=said(owner="them")),
        held(reasons.WRONG_OWNER),
    ),
    "our own": (Facts(IN_STOCK, owner="us", platform=said(owner="us")), PASS),
    "owner must be known": (
        Facts(IN_STOCK, owner="us", checks=frozenset({stations.OWNER})),
        held(reasons.WRONG_OWNER),
    ),
    "not activated": (Facts(FIRST, platform=said(active=False)), held(reasons.NOT_ACTIVATED)),
    "nobody asked, nobody must": (Facts(FIRST, platform=said()), PASS),
    "activation must be known": (
        Facts(FIRST, checks=frozenset({stations.ACTIVE}), platform=said()),
        held(reasons.NOT_ACTIVATED),
    ),
    "activated": (
        Facts(FIRST, checks=frozenset({stations.ACTIVE}), platform=said(active=True)),
        PASS,
    ),
    "reflux suspect": (
        Facts(FIRST, platform=said(reflux=reflux.SUSPECT)),
        held(reasons.REFLUX_SUSPECT),
    ),
    "reflux must be known": (
        Facts(FIRST, checks=frozenset({stations.REFLUX})),
        held(reasons.REFLUX_UNKNOWN),
    ),
    "unknown is not clean": (
        Facts(FIRST, checks=frozenset({stations.REFLUX}), platform=said(reflux=reflux.UNKNOWN)),
        held(reasons.REFLUX_UNKNOWN),
    ),
    "clean": (
        Facts(FIRST, checks=frozenset({stations.REFLUX}), platform=said(reflux=reflux.CLEAN)),
        PASS,
    ),
}


@pytest.mark.requirement("I07", "I11")
@pytest.mark.parametrize(("facts", "ruling"), CELLS.values(), ids=CELLS)
def test_what_a_unit_gets(facts: Facts, ruling: tuple[int, int]) -> None:
    assert verdict.decide(facts) == ruling


def test_every_rule_is_the_first_that_holds_in_some_cell() -> None:
    first = {
        next(number for number, rule in enumerate(verdict.TABLE) if rule.holds(facts))
        for facts, _ in CELLS.values()
    }
    assert first == set(range(len(verdict.TABLE)))


@pytest.mark.requirement("C28")
def test_all_that_speaks_against_goods_has_a_next_step_in_both_languages() -> None:
    rulings = [rule.ruling for rule in verdict.TABLE] + [row.ruling for row in again.TABLE]
    given_by_labels = {reason for reason, _ in verdict.NO_UNIT.values() if reason is not None}
    spoken = given_by_labels | {
        ruling.reason for ruling in rulings if ruling and ruling.decision == decisions.HOLD
    }
    for reason in spoken:
        chinese, english = verdict.next_step(reason)
        assert english.isascii()
        assert english
        assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese)


def test_a_next_step_is_said_once() -> None:
    assert not [reason for reason in NEXT if findings.of_reason(reason)]


@given(st.sampled_from(sorted(CELLS)), st.sampled_from(list(findings.KINDS)))
def test_what_a_person_settled_never_makes_a_second_count(cell: str, kind: str) -> None:
    facts, _ = CELLS[cell]
    ruling = verdict.decide(facts._replace(settled=frozenset({kind})))
    if facts.meeting.counted or facts.meeting.covered:
        assert ruling.decision != decisions.PASS


UNIT = Fact(codes.MSFX20, b"a", reasons.OK)
OTHER = Fact(codes.SSCC, b"b", reasons.OK)
CARD = Fact(codes.COMMAND, b"\x7fscandock:close", reasons.OK)
STAND_IN = Fact(codes.SENTINEL, b"\x7f99999999999999999999", reasons.OK)


def test_a_command_card_is_read_alone_or_not_at_all() -> None:
    assert verdict.case([CARD]).command == b"scandock:close"
    assert verdict.case([CARD, UNIT]).ruling == verdict.CANNOT
    assert verdict.case([CARD, CARD]).ruling == verdict.CANNOT


def test_a_placeholder_names_no_unit_and_passes() -> None:
    assert verdict.case([STAND_IN]).ruling == (decisions.PASS, reasons.PLACEHOLDER)
    assert verdict.case([STAND_IN, UNIT]).units == (b"a",)


def test_what_a_cradle_held_by_its_own_list_is_held_and_named() -> None:
    case = verdict.case([UNIT._replace(reason=reasons.RECALLED)])

    assert case == ((b"a",), Ruling(decisions.HOLD, reasons.RECALLED), (), b"")


def test_lot_and_expiry_are_read_from_the_label() -> None:
    elements = ((b"01", b"08999999000011"), (b"10", b"LOT9"), (b"17", b"270200"), (b"21", b"9A1"))
    case = verdict.case([Fact(codes.GS1_TRACE, b"a", reasons.OK, elements), OTHER])

    assert case.units == (b"a", b"b")
    assert case.printed == (Goods("", "LOT9", "2027-02-28"), Goods())


def test_a_cradle_without_a_row_is_a_plain_station() -> None:
    asking = Station("till", checks=frozenset({stations.REFLUX}))
    rows = Stations([Station("dock", documents=stations.BOUND), asking])

    assert rows.of("anything").is_plain
    assert not rows.of("dock").is_plain
    assert not rows.of("till").is_plain


def test_the_page_is_what_the_rules_say(tmp_path: Path) -> None:
    other = tmp_path / "verdicts.md"
    other.write_text("something else", "utf-8")

    assert CliRunner().invoke(verdicts, ["--check", str(PAGE)]).exit_code == 0, (
        "run `scandock verdicts > docs/verdicts.md`"
    )
    assert CliRunner().invoke(verdicts, ["--check", str(other)]).exit_code == 1
