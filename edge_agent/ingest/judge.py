"""Rules on records one after the other, by what the store and the records before know of a unit."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat

from edge_agent.domain import again, verdict
from edge_agent.domain.again import Meeting
from edge_agent.domain.comparing import Goods
from edge_agent.domain.documents import NEW
from edge_agent.domain.model import Case, Ruling
from edge_agent.domain.stations import NONE, Station
from edge_agent.ingest.cards import Cards
from edge_agent.ingest.knowledge import Knowledge, Now, Place
from protocol import decisions, reasons

_PASS = bytes((decisions.PASS, reasons.OK))
_NOWHERE = Place(None, 0, 1)
_UNPRINTED = Goods()
_PARENT_AND_CHILD = Ruling(decisions.HOLD, reasons.PARENT_AND_CHILD)


class Judge:
    """For one transaction."""

    def __init__(self, knowledge: Knowledge, cards: Cards, reread_ms: int) -> None:
        """
        Args:
            knowledge: has gathered what there is on every unit that will come.
            reread_ms: the same unit at the same cradle within this time is a re-read.
        """
        self._knowledge = knowledge
        self._cards = cards
        self._reread_ms = reread_ms

    def rule_plain(
        self, cases: list[bytes | Case], at_ms: list[int], boot: int, number: int, arrived_ms: int
    ) -> bytes:
        """Rule on the records ``number`` … of one batch from a plain station.

        Returns:
            decision and reason of each, two octets.
        """
        known, notes = self._knowledge.units, self._knowledge.notes
        told = bytearray()
        for case, read_ms in zip(cases, at_ms, strict=True):
            if not isinstance(case, bytes):
                told.extend(self._several(case, Now(number, boot, read_ms, arrived_ms)))
                self._file(case, number)
            elif case not in known and case not in notes:
                # Nine of ten: the first row of again.TABLE that can hold for it is "new".
                notes[case] = (case, number, boot, read_ms, 0, 0, 0)
                told += _PASS
            else:
                now = Now(number, boot, read_ms, arrived_ms)
                told.extend(self._met(case, now))
                self._knowledge.note(case, now, _NOWHERE)
                self._knowledge.meet(case, number, _UNPRINTED)
            number += 1
        return bytes(told)

    def rule(
        self,
        station: Station,
        cases: list[bytes | Case],
        at_ms: list[int],
        boot: int,
        number: int,
        arrived_ms: int,
    ) -> bytes:
        """Likewise, by all that is known: documents, packs, holds, what platforms said."""
        told = bytearray()
        for case, read_ms in zip(cases, at_ms, strict=True):
            now = Now(number, boot, read_ms, arrived_ms)
            whole = Case((case,), None) if isinstance(case, bytes) else case
            told.extend(self._weigh(station, whole, now))
            self._file(whole, number)
            number += 1
        return bytes(told)

    def _file(self, case: Case, number: int) -> None:
        """Whatever came of it, the record is part of the life of each unit that it names."""
        for key, printed in _labels(case):
            self._knowledge.meet(key, number, printed)

    def _several(self, case: Case, now: Now) -> Ruling:
        """Rule on a record that is no single unit, from a plain station."""
        if case.command:
            return verdict.CANNOT
        rulings = [self._met(key, now) for key in case.units]
        ruling = verdict.worst([*rulings, case.ruling] if case.ruling else rulings)
        for key in case.units:
            # A unit is known from its first PASS on: what was set aside because of its neighbour
            # in the frame must still be able to pass by itself.
            if ruling.decision == decisions.PASS or self._knowledge.unit(key):
                self._knowledge.note(key, now, _NOWHERE)
        return ruling

    def _met(self, key: bytes, now: Now) -> Ruling:
        last = self._knowledge.unit(key)
        state = last.state if last else NEW
        meeting = Meeting(last, now.boot, now.at_ms, self._reread_ms, state=state)
        return again.meaning(meeting).ruling

    def _weigh(self, station: Station, case: Case, now: Now) -> Ruling:
        if case.command:
            return self._cards.carry_out(station, case.command, now)
        knowledge = self._knowledge
        if case.units and self._cards.packing(station):
            return self._pack(station, case, now)
        known = [knowledge.facts(station, key, said, now) for key, said in _labels(case)]
        rulings = [verdict.decide(facts) for facts, _ in known]
        if station.documents != NONE and knowledge.hold_each_other(case.units):
            rulings.append(_PARENT_AND_CHILD)
        ruling = verdict.worst([*rulings, case.ruling] if case.ruling else rulings)
        for key, one, (facts, place) in zip(case.units, rulings, known, strict=False):
            if ruling.decision == decisions.PASS:
                self._take(key, now, place)
                continue
            if knowledge.unit(key):
                knowledge.note(key, now, _NOWHERE)
            if facts.several:
                knowledge.find_several(key, now)
            elif one.decision == decisions.HOLD:
                knowledge.find(key, one.reason, now, place)
        return ruling

    def _pack(self, station: Station, case: Case, now: Now) -> Ruling:
        """Rule on goods that are being packed: nothing but a hold stands against that."""
        held = [
            facts.hold
            for facts, _ in (
                self._knowledge.facts(station, key, _UNPRINTED, now) for key in case.units
            )
            if facts.hold != reasons.OK
        ]
        if held or case.ruling:
            return case.ruling or Ruling(decisions.HOLD, held[0])
        ruling = self._cards.pack(station, case.units)
        if ruling.decision == decisions.PASS:
            for key in case.units:
                self._knowledge.note(key, now, _NOWHERE)
        return ruling

    def _take(self, key: bytes, now: Now, place: Place) -> None:
        self._knowledge.note(key, now, place)
        if place.document is not None:
            self._knowledge.count(key, now, place)


def _labels(case: Case) -> Iterator[tuple[bytes, Goods]]:
    """The units of a record, each with what its label prints."""
    return zip(case.units, case.printed or repeat(_UNPRINTED), strict=False)
