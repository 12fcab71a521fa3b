"""What the store knows of the units of one transaction, and what the records before have added.

Everything is asked for once, for all records together, and only if a station of the group needs
it. From then on it is kept here, so that the second record of a group sees what the first did; at
the end it is written. Trees of packs are never spread out: what a pack says counts for all that is
in it, by looking upwards.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from edge_agent.domain import comparing, kpi
from edge_agent.domain.again import Meeting
from edge_agent.domain.comparing import Goods, Line
from edge_agent.domain.documents import BY_CODES, BY_LINES, BY_NOTHING, IN, NEW, TYPES, Document
from edge_agent.domain.findings import of_reason
from edge_agent.domain.holds import Holds
from edge_agent.domain.model import Platform, Unit
from edge_agent.domain.packs import Pack
from edge_agent.domain.products import Entry
from edge_agent.domain.states import SEEN
from edge_agent.domain.stations import BOUND, NONE, Station
from edge_agent.domain.verdict import Facts
from edge_agent.ingest.traces import Traces
from edge_agent.store import (
    codes,
    documents,
    findings,
    lots,
    mentions,
    packs,
    platform,
    products,
)
from edge_agent.store.codes import Note
from edge_agent.store.documents import Counted, Expectation
from edge_agent.store.driver import Tx
from edge_agent.store.lots import Lot

_ABOVE_SMALLEST = 2
_DIFFERENT = 2
_NO_LOT = Lot(0, "", "", "", "")


class Now(NamedTuple):
    """One reading.

    Attributes:
        number: of the record.
        boot, at_ms: as ``domain.model.Unit``.
        arrived_ms: UTC, milliseconds since 1970.
    """

    number: int
    boot: int
    at_ms: int
    arrived_ms: int


class Place(NamedTuple):
    """Where a unit is counted if it passes; no document: nowhere. Smallest packs."""

    document: Document | None
    line: int
    quantity: int


class Knowledge:
    """For one transaction.

    Attributes:
        units: what the store knows of units.
        notes: what the records of this transaction have changed of that; to be written.
    """

    def __init__(self, tx: Tx, holds: Holds, reread_ms: int) -> None:
        self.units: dict[bytes, Unit] = {}
        self.notes: dict[bytes, Note] = {}
        self._traces = Traces()
        self._tx = tx
        self._holds = holds
        self._reread_ms = reread_ms
        self._plain: set[bytes] = set()
        self._wanted: Mapping[Station, set[bytes]] = {}
        self._near: set[bytes] = set()
        self._forget()

    def _forget(self) -> None:
        self._around: dict[bytes, tuple[bytes, ...]] = {}
        self._packs: Mapping[bytes, Pack] = {}
        self._disputed: set[bytes] = set()
        self._lots: dict[int, Lot] = {}
        self._papers: dict[bytes, set[int]] = {}
        self._held_lots: list[Lot] = []
        self._products: dict[bytes, Entry] = {}
        self._said: dict[bytes, Platform] = {}
        self._documents: dict[int, Document] = {}
        self._expected: dict[bytes, list[Expectation]] = {}
        self._bound: dict[str, Document | None] = {}
        self._lines: dict[int, list[Line]] = {}
        self._counted: dict[int, set[bytes]] = {}
        self._touched: dict[int, set[bytes]] = {}
        self._settled: dict[int, dict[bytes, set[str]]] = {}
        self._counts: list[Counted] = []
        self._touches: list[tuple[int, bytes]] = []

    def gather(self, plain: set[bytes], wanted: Mapping[Station, set[bytes]]) -> None:
        """Ask for all that ruling on these units takes.

        Args:
            plain: units that are met at plain stations, while nothing is held.
            wanted: all others, by station.
        """
        tx = self._tx
        self._plain, self._wanted = plain, wanted
        if not wanted:
            self.units = codes.units(tx, plain)
            return
        keys = set[bytes]().union(*wanted.values())
        self._around = packs.ancestors(tx, keys)
        self._near = near = keys.union(*self._around.values())
        self.units = codes.units(tx, plain | near)
        self._packs = packs.packs(tx, near)
        self._disputed = packs.disputed(tx, near)
        self._products = products.entries(tx, keys)
        self._said = platform.facts(tx, keys)
        if any(station.documents != NONE for station in wanted):
            self._documents = {one.id: one for one in documents.open_documents(tx)}
            self._expected = documents.expectations(tx, near)
        ids = {pack.lot for pack in self._packs.values()}
        ids.update(one.lot for some in self._expected.values() for one in some)
        self._lots = lots.lots(tx, ids - {0})
        if self._holds.lots:
            self._papers = mentions.lots_of(tx, near)
            self._held_lots = list(lots.lots(tx, self._holds.lots).values())

    def renew(self) -> None:
        """Write what was counted, and ask for everything anew: somebody opened or closed a
        document, or packed something."""
        self.write_counts()
        self._forget()
        self.gather(self._plain, self._wanted)

    def write(self) -> None:
        """Write what the records of this transaction have changed."""
        codes.write(self._tx, self.notes.values())
        self._traces.write(self._tx)
        self.write_counts()

    def write_counts(self) -> None:
        """Write what was counted so far."""
        if self._counts:
            documents.count(self._tx, self._counts)
            documents.touch(self._tx, self._touches)
            self._counts, self._touches = [], []

    def unit(self, key: bytes) -> Unit | None:
        """What is known of a unit by now."""
        note = self.notes.get(key)
        return Unit(*note) if note else self.units.get(key)

    def meet(self, key: bytes, number: int, printed: Goods) -> None:
        """The record ``number`` speaks of a unit, whatever came of it; and its label of a lot."""
        note = self.notes.get(key)
        is_first = note is not None and note[1] == number
        self._traces.meet(key, number, printed, is_first=is_first)

    def hold_each_other(self, keys: Sequence[bytes]) -> bool:
        """Say whether one of ``keys`` is in another one of them."""
        return any(not set(keys).isdisjoint(self._around.get(key, ())) for key in keys)

    def facts(self, station: Station, key: bytes, printed: Goods, now: Now) -> tuple[Facts, Place]:
        """Put together what is known of a unit that is read at ``station``, and where it would be
        counted."""
        chosen, several = self._document(station, key)
        goods, lot = self._goods(key, printed)
        near = (key, *self._around.get(key, ()))
        hold = self._holds.on(near, self._said_lots(near, lot, goods), goods.product)
        meeting = self._meeting(key, chosen, now)
        place = Place(chosen, 0, self._quantity(key))
        if station.is_plain:
            # Here because something is held somewhere: that must not bring more rules with it.
            return Facts(meeting, hold=hold), place
        facts = Facts(
            meeting,
            documents=station.documents,
            checks=station.checks,
            owner=(chosen.owner if chosen else "") or station.owner,
            hold=hold,
            despite=TYPES[chosen.type].despite if chosen else frozenset(),
            several=several,
            upstream=chosen is None or chosen.mode != BY_NOTHING or not _has_source(chosen),
            conflict=not self._disputed.isdisjoint(near),
            goods=goods,
            quantity=place.quantity,
            filled=self._is_filled(key, goods),
            settled=frozenset(self._taken(chosen.id).get(key, ())) if chosen else frozenset(),
            platform=self._said.get(key),
            today=kpi.date_at(now.arrived_ms).isoformat() if chosen else "",
        )
        if chosen is not None and chosen.mode == BY_CODES:
            return self._by_code(facts, place, key)
        if chosen is not None and chosen.mode == BY_LINES:
            return self._by_line(facts, place)
        return facts, place

    def note(self, key: bytes, now: Now, place: Place) -> None:
        """A unit passed, or was met again: who read it last, and where it is counted."""
        last = self.unit(key)
        state, document, booked = last[4:] if last else (SEEN, 0, 0)
        number = last.number if last else now.number
        if place.document is not None:
            gives = TYPES[place.document.type].gives
            if gives is not None:
                state, document, booked = gives, place.document.id, now.number
        self.notes[key] = (key, number, now.boot, now.at_ms, state, document, booked)

    def count(self, key: bytes, now: Now, place: Place) -> None:
        """Count a unit in its document."""
        document = place.document
        assert document is not None
        around = self._around.get(key, ())
        self._counts.append(Counted(document.id, key, now.number, place.line, place.quantity))
        self._touches += [(document.id, one) for one in around]
        self._counted_in(document.id).add(key)
        self._touched_in(document.id).update(around)
        self._lines[document.id] = [
            line._replace(counted=line.counted + place.quantity)
            if line.line == place.line
            else line
            for line in self._lines_of(document.id)
        ]

    def find(self, key: bytes, reason: int, now: Now, place: Place) -> None:
        """Open the finding that a held unit makes, if its reason makes one."""
        if place.document is not None and (kind := of_reason(reason)):
            detail = f"record {now.number}"
            document = place.document.id
            findings.open_finding(
                self._tx, now.arrived_ms, kind, document, key, detail, line=place.line
            )

    def find_several(self, key: bytes, now: Now) -> None:
        """Open the finding that nobody can tell which document is meant."""
        detail = f"record {now.number}"
        findings.open_finding(self._tx, now.arrived_ms, "several_documents", 0, key, detail)

    def _meeting(self, key: bytes, chosen: Document | None, now: Now) -> Meeting:
        last = self.unit(key)
        if chosen is None:
            state = last.state if last else NEW
            return Meeting(last, now.boot, now.at_ms, self._reread_ms, state=state)
        counted = self._counted_in(chosen.id)
        around = self._around.get(key, ())
        return Meeting(
            last,
            now.boot,
            now.at_ms,
            self._reread_ms,
            document=chosen.id,
            counted=key in counted,
            covered=key in self._touched_in(chosen.id) or not counted.isdisjoint(around),
            state=self._state_of_all(key, TYPES[chosen.type].needs),
            takes=TYPES[chosen.type].needs,
        )

    def _state_of_all(self, key: bytes, takes: Collection[int]) -> int:
        """The state of a unit by itself and the packs around it; or, if that would do, one of
        something inside it that went elsewhere since, and would not."""
        state = self._state((key, *self._around.get(key, ())))
        if key not in self._packs or state not in takes:
            return state
        inside = packs.descendants(self._tx, key)
        stored = codes.units(self._tx, inside)
        whole = max(
            (unit.booked for unit in map(self.unit, (key, *self._around.get(key, ()))) if unit),
            default=0,
        )
        for one in inside:
            note = self.notes.get(one)
            unit = Unit(*note) if note else stored.get(one)
            if unit is not None and unit.booked > whole and unit.state not in takes:
                return unit.state
        return state

    def _state(self, keys: Iterable[bytes]) -> int:
        """The state that was booked last for any of ``keys``: what leaves takes all in it along."""
        known = [unit for unit in map(self.unit, keys) if unit]
        if not known:
            return NEW
        return max(known, key=lambda unit: unit.booked or unit.number).state

    def _document(self, station: Station, key: bytes) -> tuple[Document | None, bool]:
        """The document that a scan here belongs to; and whether there are several, so none."""
        if station.documents == NONE:
            return None, False
        if station.device not in self._bound:
            self._bound[station.device] = documents.bound(self._tx, station.device)
        chosen = self._bound[station.device]
        if chosen is not None or station.documents == BOUND:
            return chosen, False
        near = (key, *self._around.get(key, ()))
        ids = {one.document for near_key in near for one in self._expected.get(near_key, ())}
        if not ids and key in self._packs:
            ids = {one.document for some in self._inside(key).values() for one in some}
        meant = [self._documents[one] for one in ids if station.takes(self._documents[one].type)]
        return (meant[0], False) if len(meant) == 1 else (None, len(meant) > 1)

    def _inside(self, key: bytes) -> dict[bytes, list[Expectation]]:
        """What open documents expect of all that is in a pack."""
        return documents.expectations(self._tx, packs.descendants(self._tx, key))

    def _goods(self, key: bytes, printed: Goods) -> tuple[Goods, int]:
        """What a unit is, its label before its pack, and the id of its lot; 0 if nobody knows."""
        near = (key, *self._around.get(key, ()))
        said = [pack.lot for pack in map(self._packs.get, near) if pack and pack.lot]
        number = said[0] if said else 0
        lot = self._lots.get(number, _NO_LOT)
        entry = self._products.get(key)
        own = self._packs.get(key)
        level = (own.level if own else 0) or (entry.level if entry else None) or 0
        product = entry.product.id if entry else lot.product
        goods = Goods(product, printed.lot or lot.lot, printed.expiry or lot.expiry, level)
        return goods, number

    def _said_lots(self, near: Sequence[bytes], lot: int, goods: Goods) -> set[int]:
        """The ids of all lots that pack, documents or label say it is of; of those of the label
        only such as are held."""
        said = {lot}.union(*(self._papers.get(key, ()) for key in near))
        for held in self._held_lots:
            products = {held.product, goods.product} - {""}
            if held.lot == goods.lot and len(products) < _DIFFERENT:
                said.add(held.id)
        return said

    def _quantity(self, key: bytes) -> int:
        """Smallest packs in a unit, as far as is known; 1 if it is one itself."""
        pack = self._packs.get(key)
        if pack is None or not pack.n:
            return 1
        if pack.level == _ABOVE_SMALLEST:
            return pack.n
        inside = packs.descendants(self._tx, key)
        return len(inside) - sum(one.n > 0 for one in packs.packs(self._tx, inside).values())

    def _is_filled(self, key: bytes, goods: Goods) -> bool:
        """Say whether it is a smallest pack as far as anybody knows, or one whose content is
        known."""
        pack = self._packs.get(key)
        return goods.level < _ABOVE_SMALLEST or (pack is not None and pack.n > 0)

    def _by_code(self, facts: Facts, place: Place, key: bytes) -> tuple[Facts, Place]:
        """Compare with what expects this code, or a pack around it, or all that is in it."""
        assert place.document is not None
        document = place.document.id
        for near in (key, *self._around.get(key, ())):
            for one in self._expected.get(near, ()):
                if one.document == document:
                    lot = self._lots.get(one.lot, _NO_LOT)
                    level = one.level if near == key else 0
                    due = Goods(lot.product, lot.lot, lot.expiry, level)
                    quantity = one.quantity if near == key and one.quantity else place.quantity
                    place = place._replace(line=one.line, quantity=quantity)
                    return facts._replace(due=due, quantity=quantity), place
        if key in self._packs:
            inside = self._inside(key)
            meant = [one for some in inside.values() for one in some if one.document == document]
            if meant and sum(one.quantity for one in meant) >= place.quantity:
                return facts, place._replace(line=meant[0].line)
        return facts._replace(expected=False), place

    def _by_line(self, facts: Facts, place: Place) -> tuple[Facts, Place]:
        """Compare with the line of its product and lot."""
        assert place.document is not None
        lines = self._lines_of(place.document.id)
        number, _ = comparing.place(lines, facts.goods, place.quantity)
        line = next((one for one in lines if one.line == number), None)
        if line is None:
            return facts._replace(expected=False), place
        due = Goods(line.product, line.lot, line.expiry)
        left = line.quantity - line.counted
        return facts._replace(due=due, left=left), place._replace(line=number)

    def _counted_in(self, document: int) -> set[bytes]:
        if document not in self._counted:
            self._counted[document] = set(documents.counted(self._tx, document, self._near))
        return self._counted[document]

    def _touched_in(self, document: int) -> set[bytes]:
        if document not in self._touched:
            self._touched[document] = documents.touched(self._tx, document, self._near)
        return self._touched[document]

    def _lines_of(self, document: int) -> list[Line]:
        if document not in self._lines:
            self._lines[document] = documents.lines(self._tx, document)
        return self._lines[document]

    def _taken(self, document: int) -> dict[bytes, set[str]]:
        if document not in self._settled:
            self._settled[document] = findings.taken(self._tx, document, self._near)
        return self._settled[document]


def _has_source(document: Document) -> bool:
    """Say whether somebody sent the goods of a document, and should have announced them."""
    of = TYPES[document.type]
    return of.direction == IN and of.partner
