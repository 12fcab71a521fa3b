"""Every kind of finding, from an imported file and scans at a station."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from edge_agent.domain import stations
from edge_agent.domain.documents import Document
from edge_agent.domain.findings import KINDS
from edge_agent.domain.holds import UNIT
from edge_agent.domain.interchange import csv_form
from edge_agent.domain.interchange.gathering import gather
from edge_agent.domain.model import Platform
from edge_agent.domain.stations import Station
from edge_agent.store import bills, closing, documents, findings, holds, lots, packing, platform
from edge_agent.store.driver import Tx
from edge_agent.store.sqlite import Store
from protocol import reasons
from protocol.codes import Classifier
from tests.edge_agent.test_station import NOW_MS, Line, key
from tests.edge_agent.words import accepting, code

DESK = Station("desk", "receive", stations.BOUND)
ALL = frozenset((stations.ACTIVE, stations.REFLUX, stations.OWNER))
GATE = Station("gate", "receive", stations.BOUND, checks=ALL)


def imported(tx: Tx, text: str, number: str = "ASN-1") -> Document:
    """Take a file with these rows: lot, expiry, code (its number), level, parent, quantity."""
    lines = ["number,type,partner,product,lot,expiry,code,level,parent,quantity"]
    for row in text.split():
        lot, expiry, unit, level, parent, quantity = (row.split(",") + [""] * 5)[:6]
        unit, parent = (code(int(one)).decode() if one else "" for one in (unit, parent))
        cells = (number, "purchase_in", "上药", "p1", lot, expiry, unit, level, parent, quantity)
        lines.append(",".join(cells))
    told = gather(csv_form.read(io.BytesIO("\n".join(lines).encode())), Classifier())
    assert told.refusals == []
    taken = bills.take(tx, NOW_MS, "test", told.bills[0], {})
    for station in (DESK, GATE):
        documents.bind_station(tx, NOW_MS, "test", station.device, number)
    return documents.document(tx, taken.id)


def known_case(tx: Tx, product: str, lot: str, expiry: str = "") -> None:
    """Unit 10 is known as a case of two, of this lot."""
    number = lots.lot_id(tx, product, lot, "", expiry)
    packing.bind(tx, NOW_MS, "test", key(10), [key(11), key(12)], level=2, lot=number)


def told_by_platform(tx: Tx, **told: object) -> None:
    right: dict[str, object] = {"active": True, "cancelled": False, "reflux": 1, "owner": ""}
    platform.learn(tx, [Platform(key(1), checked_ms=NOW_MS, source="test", **(right | told))])  # type: ignore[arg-type]


def held(reason: int) -> Callable[[Tx], object]:
    return lambda tx: holds.place(tx, NOW_MS, "test", UNIT, key(1), reason, words="test")


# Kind: what is known before, the rows of the file, the station, and what is scanned there.
SCANS: dict[str, tuple[Callable[[Tx], object], str, str, tuple[int, ...]]] = {
    "not_in_document": (lambda tx: None, "L1,,1,1", "desk", (9,)),
    "surplus": (lambda tx: known_case(tx, "p1", "L1"), "L1,,,,,1", "desk", (10,)),
    "product_differs": (lambda tx: known_case(tx, "p2", "L1"), "L1,,10", "desk", (10,)),
    "lot_differs": (lambda tx: known_case(tx, "p1", "L2"), "L1,,10", "desk", (10,)),
    "expiry_differs": (
        lambda tx: known_case(tx, "p1", "L1", "2030-01-01"),
        "L1,2031-01-01,10",
        "desk",
        (10,),
    ),
    "wrong_level": (lambda tx: known_case(tx, "p1", "L1"), "L1,,10,1", "desk", (10,)),
    "upstream_missing": (lambda tx: None, ",,,,,", "desk", (1,)),
    "not_activated": (lambda tx: told_by_platform(tx, active=False), "L1,,1,1", "gate", (1,)),
    "cancelled": (lambda tx: told_by_platform(tx, cancelled=True), "L1,,1,1", "gate", (1,)),
    "reflux_suspect": (held(reasons.REFLUX_SUSPECT), "L1,,1,1", "desk", (1,)),
    "reflux_unknown": (
        lambda tx: told_by_platform(tx, reflux=None),
        "L1,,1,1",
        "gate",
        (1,),
    ),
    "recalled": (held(reasons.RECALLED), "L1,,1,1", "desk", (1,)),
    "sealed": (held(reasons.SEALED), "L1,,1,1", "desk", (1,)),
    "expired": (lambda tx: known_case(tx, "p1", "L1", "2020-01-01"), "L1,,10", "desk", (10,)),
    "parent_and_child": (lambda tx: None, "L1,,10,2 L1,,11,1,10", "desk", (10, 11)),
}
# Those that need no scan: the file, the end, a person, or a station that cannot choose.
OTHERWISE = {"pack_conflict", "missing", "uncoded", "several_documents", "no_person"}


@pytest.fixture
def line(store: Store) -> Line:
    line = Line(store)
    line.accept = accepting(DESK, GATE)
    return line


def prepared(line: Line, before: Callable[[Tx], object], rows: str) -> Document:
    line.do(before)
    line.accept.holds = line.do(holds.held)
    return line.do(lambda tx: imported(tx, rows))


@pytest.mark.parametrize("kind", SCANS)
def test_a_scan_opens_its_finding_and_the_document_stays_open(line: Line, kind: str) -> None:
    before, rows, station, scans = SCANS[kind]
    asn = prepared(line, before, rows)

    rulings = line.reads(station, *(code(number) for number in scans))

    assert rulings[-1][1] == KINDS[kind].reason
    opened = line.do(lambda tx: findings.open_of(tx, asn.id))
    by_scan = [(one.kind, one.key) for one in opened if one.key]
    assert by_scan == [(kind, key(scans[-1]))]
    still_open = line.do(lambda tx: closing.close(tx, NOW_MS, "test", asn))
    assert kind in [one.kind for one in still_open]


@pytest.mark.parametrize("kind", SCANS)
def test_once_it_is_taken_the_same_scan_opens_none(line: Line, kind: str) -> None:
    """A person who says that the goods are right is believed; of what never may be taken, never."""
    before, rows, station, scans = SCANS[kind]
    asn = prepared(line, before, rows)
    line.reads(station, *(code(number) for number in scans))
    (one,) = [one for one in line.do(lambda tx: findings.open_of(tx, asn.id)) if one.key]
    how = "corrected" if "corrected" in KINDS[kind].settled_by else KINDS[kind].settled_by[0]
    line.do(lambda tx: findings.settle(tx, NOW_MS, one.id, "looked", how, "wang", ""))

    line.reads(station, code(scans[-1]))

    again = [one.kind for one in line.do(lambda tx: findings.open_of(tx, asn.id)) if one.key]
    assert again == ([] if how in ("corrected", "verified") else [kind])


def test_a_unit_of_another_document_and_of_another_owner(line: Line) -> None:
    line.do(lambda tx: imported(tx, "L1,,1,1 L1,,2,1", "ASN-1"))
    line.reads("desk", code(1))
    asn = line.do(lambda tx: imported(tx, "L1,,1,1 L1,,3,1", "ASN-2"))
    line.do(
        lambda tx: platform.learn(
            tx, [Platform(key(3), True, False, 1, "somebody else", NOW_MS, "test")]
        )
    )
    line.accept = accepting(DESK, GATE._replace(owner="us"))

    line.reads("gate", code(1), code(3))

    opened = line.do(lambda tx: findings.open_of(tx, asn.id))
    assert [(one.kind, one.key) for one in opened] == [
        ("other_document", key(1)),
        ("wrong_owner", key(3)),
    ]


def test_every_kind_is_shown_by_something() -> None:
    assert SCANS.keys() | OTHERWISE | {"other_document", "wrong_owner"} == KINDS.keys()
