"""The figures of a period: from documents, with the targets of the rules, per class of goods."""

from __future__ import annotations

from datetime import date

import pytest

from edge_agent.domain import kpi, obligations
from edge_agent.domain.documents import (
    BY_LINES,
    CANCELLED,
    CLOSED,
    EXPECTED,
    OPEN,
    TYPES,
    Document,
)
from edge_agent.domain.kpi import Reads, Row
from edge_agent.domain.nocode import Stock
from edge_agent.domain.obligations import Obligation, Profile
from edge_agent.store import classes, documents, figures, nocode
from edge_agent.store import kpi as rows
from edge_agent.store.sqlite import Store

DAY = kpi.number_of(date(2026, 3, 1))
NOON = kpi.begins_ms(DAY) + 43_200_000
HOSPITAL = Profile("tianjin", "hospital", frozenset({"designated"}))


def bound(profile: Profile = HOSPITAL) -> list[Obligation]:
    return list(obligations.in_force(profile, kpi.date_of(DAY), obligations.shipped()))


def file(
    store: Store,
    number: str,
    kind: str,
    *lines: tuple[str, int, int],
    state: int = CLOSED,
    at_ms: int = NOON,
) -> None:
    """A document whose lines say product, quantity and how much was counted."""
    with store.write() as tx:
        made = documents.add(
            tx, Document(0, number, kind, "7", "", "", state, BY_LINES, at_ms, "", "", "")
        )
        documents.add_lines(
            tx, made, [(i, product, 0, quantity) for i, (product, quantity, _) in enumerate(lines)]
        )
        documents.count(
            tx,
            [
                documents.Counted(made, f"{number}/{i}".encode(), 1, i, counted)
                for i, (_, _, counted) in enumerate(lines)
                if counted
            ],
        )


def found(store: Store, profile: Profile = HOSPITAL) -> dict[tuple[str, str], figures.Figure]:
    with store.write() as tx:
        told = figures.figures(tx, DAY, DAY, bound(profile), [])
    return {(one.name, one.of): one for one in told}


@pytest.mark.requirement("T17", "T22", "C14", "C24")
def test_each_kind_of_movement_has_its_rate(store: Store) -> None:
    file(store, "R-1", "purchase_in", ("P1", 100, 99))
    file(store, "R-2", "transfer_out", ("P1", 10, 10), ("P2", 10, 5))
    file(store, "S-1", "dispensing", ("P1", 2, 2), ("P2", 3, 2), ("P3", 1, 1))

    told = found(store)

    assert {name: one[2:] for (name, _), one in told.items()} == {
        "scan-in": (99, 100, 99.0, None, None),
        "scan-out": (15, 20, 75.0, None, None),
        "scan-collect": (5, 6, 500 / 6, 100, False),
        "collect": (2, 3, 200 / 3, 100, False),
    }


@pytest.mark.requirement("T17")
def test_exempt_and_registered_goods_are_in_no_part_and_no_whole(store: Store) -> None:
    with store.write() as tx:
        classes.classify(tx, 1, "li", "P2", ["tcm-pieces"])
        old = Stock(0, "P3", "L", date(2027, 1, 1), date(2025, 1, 1), "zone", 9, 0, 0)
        nocode.check(tx, 1, "li", nocode.add(tx, 1, "li", old), "")
        nocode.take(tx, 1, "li", "P3", 4, "S-1", 2, date(2026, 3, 1))
    file(store, "S-1", "dispensing", ("P1", 2, 2), ("P2", 3, 0), ("P3", 4, 0))

    told = found(store)

    assert told["collect", ""][2:4] == (1, 1)
    assert told["scan-collect", ""][2:4] == (2, 2)
    assert told["collect", ""].reached is True


@pytest.mark.requirement("T18", "T25")
def test_special_drugs_have_figures_of_their_own(store: Store) -> None:
    with store.write() as tx:
        classes.classify(tx, 1, "li", "P1", ["narcotic"])
        classes.classify(tx, 1, "li", "P2", ["vaccine"])
    file(store, "R-1", "purchase_in", ("P1", 10, 9), ("P2", 10, 10), ("P3", 10, 0))

    told = found(store)

    assert told["scan-in", "narcotic"][2:] == (9, 10, 90.0, 100, False)
    assert told["scan-in", "vaccine"][2:] == (10, 10, 100.0, None, None)
    assert told["scan-in", ""][2:4] == (19, 30)
    assert ("scan-in", "psychotropic") not in told


@pytest.mark.requirement("T15")
def test_the_target_is_that_of_the_province(store: Store) -> None:
    file(store, "S-1", "dispensing", *[("P1", 1, 1)] * 19, ("P1", 1, 0))
    shanxi = Profile("shanxi", "hospital", frozenset({"township"}))
    later = kpi.number_of(date(2026, 6, 30))
    with store.write() as tx:
        rules = list(obligations.in_force(shanxi, kpi.date_of(later), obligations.shipped()))
        told = {one.name: one for one in figures.figures(tx, DAY, DAY, rules, [])}

    assert told["collect"][2:] == (19, 20, 95.0, 95, True)
    assert found(store, shanxi)["collect", ""].target is None  # in March


@pytest.mark.requirement("T23")
@pytest.mark.parametrize(
    ("kind", "state", "counts"),
    [
        ("purchase_in", CLOSED, True),
        ("purchase_in", OPEN, True),
        ("purchase_in", EXPECTED, False),  # announced, not there yet
        ("purchase_in", CANCELLED, False),
        ("dispensing", EXPECTED, True),  # the host has sold it, and nobody scanned
        ("dispensing", CANCELLED, False),
        ("sale_out", EXPECTED, True),
        ("stock_take", CLOSED, False),  # nothing moves
    ],
)
def test_what_counts_as_moved(store: Store, kind: str, state: int, counts: bool) -> None:
    file(store, "D-1", kind, ("P1", 5, 0), state=state)

    assert bool(found(store)) == counts
    if counts:
        assert all(one.part == 0 for one in found(store).values())


def test_only_the_days_asked_for_count(store: Store) -> None:
    for at_ms in (kpi.begins_ms(DAY) - 1, kpi.begins_ms(DAY), kpi.begins_ms(DAY + 1)):
        file(store, f"R-{at_ms}", "purchase_in", ("P1", 1, 1), at_ms=at_ms)

    assert found(store)["scan-in", ""].whole == 1


def test_without_documents_there_is_no_scan_rate(store: Store) -> None:
    with store.write() as tx:
        rows.add(tx, [Row(DAY, "cradle-1", 1, 4, Reads(4, 1, 0, 3, 0, 0, 1, 3))])

    assert {key: one[2:4] for key, one in found(store).items()} == {("read", "cradle-1"): (3, 4)}


def test_every_type_of_document_is_for_one_duty() -> None:
    duties = {name: figures.duty_of(name) for name in TYPES}

    assert duties["stock_take"] is None
    assert {name for name, duty in duties.items() if duty == "collect"} == {
        "retail_sale",
        "internet_order",
        "vaccination",
        "dispensing",
    }
    assert duties["consumer_return_in"] == "scan-in"
    assert duties["ward_supply"] == "scan-out"
