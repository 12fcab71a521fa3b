"""All ways of goods: each step is scanned under its document, and says who and where to."""

from __future__ import annotations

import itertools

import pytest

from edge_agent.domain import states, stations
from edge_agent.domain.documents import BY_CODES, BY_NOTHING, EXPECTED, TYPES, Document
from edge_agent.domain.stations import Station
from edge_agent.store import documents, ledger, packs
from edge_agent.store.sqlite import Store
from protocol import decisions, reasons
from tests.edge_agent.words import PASS, accepting, arrival, code, octets, scan, told, up

NOW_MS = 1_700_000_000_000
UNIT = int(code(1)).to_bytes(9, "big")
DESK = Station("desk", "pick", stations.BOUND)
DONE = (decisions.PASS, reasons.COMMAND_DONE)
TAKEN = (decisions.HOLD, reasons.OTHER_DOCUMENT)

# A way of one unit, step by step, and the state that it ends in.
WAYS: dict[str, tuple[tuple[str, ...], int]] = {
    "sold": (("purchase_in", "sale_out"), states.SHIPPED),
    "from production": (("production_in", "sale_out"), states.SHIPPED),
    "sold and taken back": (("purchase_in", "sale_out", "sales_return_in"), states.ACCEPTED),
    "back to the supplier, and here again": (
        ("purchase_in", "purchase_return_out", "purchase_in", "sale_out"),
        states.SHIPPED,
    ),
    "between shops or hospitals": (
        ("purchase_in", "transfer_out", "transfer_in", "retail_sale"),
        states.DISPENSED,
    ),
    "to a ward and back": (("purchase_in", "ward_supply", "ward_return_in"), states.ACCEPTED),
    "to a patient and back": (
        ("purchase_in", "dispensing", "consumer_return_in"),
        states.ACCEPTED,
    ),
    "written off": (("purchase_in", "scrapping"), states.SCRAPPED),
    "written off and destroyed": (("purchase_in", "scrapping", "destruction"), states.SCRAPPED),
}


class Desk:
    """One station at which documents are opened and scanned."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._accept = accepting(DESK)
        self._seq = itertools.count()
        self._numbers = itertools.count(1)

    def scan(self, kind: str) -> tuple[int, int]:
        """Open a new document that expects the unit, scan the unit, and return its ruling."""
        number = f"D-{next(self._numbers)}"
        with self._store.write() as tx:
            announced = TYPES[kind].direction == "in"
            made = documents.add(
                tx,
                Document(
                    0,
                    number,
                    kind,
                    f"partner of {number}",
                    "",
                    "li",
                    EXPECTED,
                    BY_CODES if announced else BY_NOTHING,
                    NOW_MS,
                    "",
                    "visit 9",
                    "",
                ),
            )
            documents.add_lines(tx, made, [(1, "P1", 0, 1)])
            if announced:
                documents.expect(tx, made, [(UNIT, 1, 1, 1)])
        found = []
        for data in (b"scandock:open:" + number.encode(), code(1)):
            seq = next(self._seq)
            with self._store.write() as tx:
                payload = octets(scan(seq, data, at_ms=seq * 60_000))
                found.append(told(self._accept(tx, [arrival(payload, up("desk"), NOW_MS)]))[seq])
        assert found[0] == DONE
        return found[1]


@pytest.mark.requirement("T01", "I17", "O06", "O08", "O09", "O10", "O22")
@pytest.mark.parametrize(("steps", "end"), WAYS.values(), ids=WAYS)
def test_each_step_is_counted_and_cannot_be_repeated(
    store: Store, steps: tuple[str, ...], end: int
) -> None:
    desk = Desk(store)
    for kind in steps:
        assert desk.scan(kind) == PASS, kind
        if kind not in ("destruction", "scrapping"):
            assert desk.scan(kind) == TAKEN, f"{kind} twice"

    with store.write() as tx:
        unit = packs.where(tx, UNIT)
    assert unit is not None
    assert unit.state == end


@pytest.mark.requirement("T02", "C17")
def test_each_step_says_whose_goods_went_where_by_whom_and_at_which_device(store: Store) -> None:
    desk = Desk(store)
    for kind in ("purchase_in", "sale_out"):
        desk.scan(kind)

    with store.write() as tx:
        story = [
            (document.type, document.partner, document.operator, entry.device)
            for document in sorted(documents.all_documents(tx))
            for number in documents.counted(tx, document.id, [UNIT]).values()
            for entry in ledger.entries(tx, number, number)
        ]

    assert story == [
        ("purchase_in", "partner of D-1", "li", "desk"),
        ("sale_out", "partner of D-2", "li", "desk"),
    ]
