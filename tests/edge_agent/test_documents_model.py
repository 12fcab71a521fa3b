"""Whatever is imported, scanned, closed and settled in whatever order, a document tells the truth.

Against a model that knows nothing of trees but which smallest packs each pack holds.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from edge_agent.domain.documents import CLOSED, OPEN, DocumentError
from edge_agent.domain.findings import KINDS
from edge_agent.domain.interchange.bill import Bill, BillCode, BillLine
from edge_agent.store import bills, closing, documents, findings, packs
from edge_agent.store.documents import Counted
from edge_agent.store.driver import Tx
from edge_agent.store.sqlite import Store
from protocol.codes import classify
from tests.edge_agent.words import code

NOW = 1_795_332_605_000
KEYS = [classify(b"", code(n)).key for n in range(40)]

# Two pallets of two cases of three, and three single packs: what each holds, smallest packs only.
_SMALL = KEYS[:15]
_CASES = dict(zip(KEYS[15:19], (_SMALL[at : at + 3] for at in (0, 3, 6, 9)), strict=True))
_PALLETS = dict(zip(KEYS[19:21], (_SMALL[:6], _SMALL[6:12]), strict=True))
HOLDS = {key: frozenset((key,)) for key in _SMALL} | {
    key: frozenset(held) for key, held in (_CASES | _PALLETS).items()
}
PARENTS = {one: case for case, held in _CASES.items() for one in held} | {
    case: pallet for pallet, held in _PALLETS.items() for case in _CASES if HOLDS[case] <= set(held)
}


class Receiving(RuleBasedStateMachine):
    """One document, its goods, and a person who settles what was wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.store = Store(self.folder / "s.db", lambda: bytes(16))
        self.number = 0
        self.roots: set[bytes] = set()
        self.due: frozenset[bytes] = frozenset()
        self.there: set[bytes] = set()  # smallest packs that were counted
        self.open: set[tuple[str, bytes]] = set()
        self.closed = False

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder)

    @initialize(drawn=st.lists(st.sampled_from(sorted(HOLDS)), unique=True, min_size=1, max_size=5))
    def take(self, drawn: list[bytes]) -> None:
        for key in drawn:
            if not any(HOLDS[key] & HOLDS[other] for other in self.roots):
                self.roots.add(key)
        self.due = frozenset[bytes]().union(*(HOLDS[key] for key in self.roots))
        line = (BillLine(1, "P1", "L1", "", "", 0),)
        codes = [BillCode(key, 1, 0, 0, b"") for key in self.roots]
        trees = [BillCode(key, 1, 0, 0, PARENTS.get(key, b"")) for key in HOLDS]
        head = ("purchase_in", NOW, "上药", "", "", "", "", "")
        with self.store.write() as tx:
            bills.take(tx, NOW, "test", Bill("known", *head, line, tuple(trees)), {})
            taken = bills.take(tx, NOW, "test", Bill("N", *head, line, tuple(codes)), {})
            documents.open_document(tx, NOW, "test", taken)

    @precondition(lambda self: not self.closed)
    @rule(key=st.sampled_from(sorted(HOLDS)))
    def scan(self, key: bytes) -> None:
        with self.store.write() as tx:
            kind = _scan(tx, key)
        if HOLDS[key] & self.there:
            # The very same unit again is no finding; a pack with its child is one.
            assert kind in ("again", "parent_and_child")
        elif HOLDS[key] <= self.due:
            assert kind == ""
            self.there |= HOLDS[key]
        else:
            assert kind == "not_in_document"
        if kind in KINDS:
            self.open.add((kind, key))

    @precondition(lambda self: not self.closed)
    @rule()
    def close(self) -> None:
        with self.store.write() as tx:
            found = closing.close(tx, NOW, "test", documents.named(tx, "N"))
        told = {(one.kind, one.key) for one in found}
        missing = {("missing", key) for key in self.roots if not HOLDS[key] <= self.there}
        # What a person settled as short stays settled, as long as no more has come since.
        assert {one for one in told if one[0] == "missing"} <= missing
        assert {one for one in told if one[0] != "missing"} == {
            one for one in self.open if one[0] != "missing"
        }
        for one in found:
            if one.kind == "missing":
                here = len(HOLDS[one.key] & self.there)
                assert one.detail == f"line 1: {here} of {len(HOLDS[one.key])}"
        self.open = told
        self.closed = not told

    @precondition(lambda self: self.closed)
    @rule()
    def close_again(self) -> None:
        with pytest.raises(DocumentError, match="is closed"), self.store.write() as tx:
            closing.close(tx, NOW, "test", documents.named(tx, "N"))

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def settle(self, data: st.DataObject) -> None:
        kind, key = data.draw(st.sampled_from(sorted(self.open)))
        disposition = data.draw(st.sampled_from(["short"] if kind == "missing" else ["removed"]))
        with self.store.write() as tx:
            of = documents.named(tx, "N").id
            (one,) = [one for one in findings.open_of(tx, of) if (one.kind, one.key) == (kind, key)]
            findings.settle(tx, NOW, one.id, "somebody looked", disposition, "wang", "")
        self.open.discard((kind, key))

    @invariant()
    def the_document_tells_the_truth(self) -> None:
        with self.store.write() as tx:
            found = documents.named(tx, "N")
            report = closing.report(tx, found)
            still_open = {(one.kind, one.key) for one in findings.open_of(tx, found.id)}
        assert report.counted == len(self.there)
        assert report.missing == len(self.due - self.there)
        assert report.counted + report.missing == len(self.due) == report.lines[0].quantity
        assert report.lines[0].counted == len(self.there)
        assert still_open == self.open
        assert found.state == (CLOSED if self.closed else OPEN)
        assert not (self.closed and still_open)


def _scan(tx: Tx, key: bytes) -> str:
    """Count a unit as the ingest path does, or return what stands against it."""
    document = documents.bind_station(tx, NOW, "test", "dock", "N")
    around = packs.ancestors(tx, [key]).get(key, ())
    counted = documents.counted(tx, document.id, (key, *around))
    if key in counted:
        return "again"
    kind = ""
    if counted or documents.touched(tx, document.id, [key]):
        kind = "parent_and_child"
    quantity = len(HOLDS[key])
    inside = documents.expectations(tx, packs.descendants(tx, key)).values()
    if not documents.expectations(tx, (key, *around)):
        due = sum(one.quantity for some in inside for one in some)
        kind = kind or ("" if due == quantity else "not_in_document")
    if kind:
        findings.open_finding(tx, NOW, kind, document.id, key, "")
        return kind
    documents.count(tx, [Counted(document.id, key, 1, 1, quantity)])
    documents.touch(tx, [(document.id, one) for one in around])
    return ""


TestReceiving = Receiving.TestCase
TestReceiving.settings = settings(max_examples=25, stateful_step_count=20)
