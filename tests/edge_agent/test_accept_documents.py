"""However often a cradle repeats itself, each unit is counted once in each document."""

from __future__ import annotations

from hypothesis import settings
from hypothesis.stateful import initialize, invariant

from edge_agent.domain import stations
from edge_agent.domain.documents import BY_CODES, BY_NOTHING, EXPECTED, Document
from edge_agent.domain.stations import Station
from edge_agent.store import codes, documents, kpi, ledger, packing, packs
from tests.edge_agent.test_accept import RepeatingCradles, read
from tests.edge_agent.words import PASS, code

UNITS = tuple(int(code(number)).to_bytes(9, "big") for number in range(5))
CASE = int(code(9)).to_bytes(9, "big")


class RepeatingStations(RepeatingCradles):
    """One receives what a notice announces, the other works on what its cards open."""

    labels = (
        *(code(number) for number in range(5)),
        code(9),
        b"scandock:open:SO-1",
        b"scandock:open:SO-2",
        b"scandock:open:ASN-1",
        b"scandock:close",
    )
    stations = (
        Station("cradle-1", "pick", stations.BOUND),
        Station("cradle-2", "receive", stations.AUTO),
    )

    @initialize()
    def begin(self) -> None:
        super().begin()
        with self.store.write() as tx:
            for number, kind, mode in (
                ("ASN-1", "purchase_in", BY_CODES),
                ("SO-1", "sale_out", BY_NOTHING),
                ("SO-2", "sale_out", BY_NOTHING),
            ):
                made = Document(0, number, kind, "partner", "", "", EXPECTED, mode, 0)
                documents.add(tx, made)
            notice = documents.named(tx, "ASN-1")
            documents.add_lines(tx, notice.id, [(1, "p1", 0, 4)])
            documents.expect(tx, notice.id, [(key, 1, 1, 1) for key in UNITS[:4]])
            documents.open_document(tx, 0, "test", notice)
            packing.bind(tx, 0, "test", CASE, UNITS[:2], level=2)

    @invariant()
    def each_unit_passed_once(self) -> None:
        """Each pass is a count and each count a pass: that takes the place of the plain law."""
        if not hasattr(self, "store"):
            return
        with self.store.write() as tx:
            entries = list(ledger.entries(tx, 1, 10_000))
            counted = [
                one
                for document in documents.all_documents(tx)
                for one in documents.counted_units(tx, document.id)
            ]
        passed = {
            entry.number + place: data
            for entry in entries
            for place, (_, data, ruling) in enumerate(read(entry))
            if ruling == PASS
        }
        assert {one.number: one.key for one in counted} == {
            number: int(data).to_bytes(9, "big") for number, data in passed.items()
        }
        assert len(counted) == len(passed)

    @invariant()
    def no_document_has_a_pack_and_what_is_in_it(self) -> None:
        if not hasattr(self, "store"):
            return
        with self.store.write() as tx:
            around = packs.ancestors(tx, UNITS)
            for document in documents.all_documents(tx):
                rows = documents.counted_units(tx, document.id)
                keys = {one.key for one in rows}
                assert not [key for key in keys if keys.intersection(around.get(key, ()))]
                for line in documents.lines(tx, document.id):
                    due = sum(one.quantity for one in rows if one.line == line.line)
                    assert line.counted == due

    @invariant()
    def a_units_state_is_that_of_its_last_count(self) -> None:
        if not hasattr(self, "store"):
            return
        with self.store.write() as tx:
            last: dict[bytes, tuple[int, int]] = {}
            for document in documents.all_documents(tx):
                for one in documents.counted_units(tx, document.id):
                    last[one.key] = max(last.get(one.key, (0, 0)), (one.number, document.id))
            units = codes.units(tx, [*UNITS, CASE])
        assert {key: (unit.booked, unit.document) for key, unit in units.items()} == last

    @invariant()
    def the_figures_of_the_day_are_those_of_the_ledger(self) -> None:
        if hasattr(self, "store"):
            with self.store.write() as tx:
                assert kpi.days(tx, 0, 1 << 40) == kpi.recount(tx)


TestRepeatingStations = RepeatingStations.TestCase
TestRepeatingStations.settings = settings(max_examples=40)
