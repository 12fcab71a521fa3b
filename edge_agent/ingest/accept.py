"""Books what is new of some messages, inside an open transaction: decide, note, file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from edge_agent.domain.holds import NOTHING_HELD, Holds
from edge_agent.domain.kpi import Tally
from edge_agent.domain.model import Answer, Case
from edge_agent.domain.reading import Reading
from edge_agent.domain.stations import Station, Stations
from edge_agent.ingest.cards import Cards
from edge_agent.ingest.decode import Message
from edge_agent.ingest.gaps import Gaps
from edge_agent.ingest.judge import Judge
from edge_agent.ingest.knowledge import Knowledge
from edge_agent.ingest.marks import Boot, Marks
from edge_agent.store import kpi, ledger
from edge_agent.store.driver import Tx
from protocol import code_rules

_ALL_PLAIN = Stations()


class Arrival(NamedTuple):
    """One message from a device.

    Attributes:
        payload: its octets.
        arrived_ms: UTC, milliseconds since 1970.
    """

    message: Message
    payload: bytes
    arrived_ms: int


class _New(NamedTuple):
    """A batch of which the records from ``skip`` on, ``cases``, are not booked yet. ``plain``: to
    rule on them takes nothing but the last read of each unit."""

    boot: Boot
    station: Station
    plain: bool
    batch: Reading
    skip: int
    arrival: Arrival
    cases: list[bytes | Case]


class Accept:
    """Decides, books, and says what each cradle is to be told once all is on disk.

    A cradle is told the rulings of everything it just sent, also of what was booked long ago: an
    answer may have been lost, and each scan gets its signal. When it announces itself, which also
    reaches us whenever the agent or the broker starts, it is told the rulings of its last 256
    records for the same reason. It passes over what it knows.
    """

    def __init__(
        self,
        reread_ms: int,
        stations: Stations = _ALL_PLAIN,
        prefix: bytes = code_rules.DEFAULT.command_prefix,
        holds: Holds = NOTHING_HELD,
    ) -> None:
        """
        Args:
            reread_ms: the same unit at the same cradle within this time is a re-read.
            prefix: of command barcodes.
            holds: what may not move; exchanged by the writer when that changes.
        """
        self._reread_ms = reread_ms
        self._stations = stations
        self._prefix = prefix
        self.holds = holds
        self._gaps = Gaps()

    def __call__(self, tx: Tx, arrivals: Sequence[Arrival]) -> list[Answer]:
        """Book what is new of ``arrivals``, in their order.

        Returns:
            one answer for each boot, to be given after the commit and not before.
        """
        marks = Marks(tx)
        news: list[_New] = []
        for arrival in arrivals:
            device, body = arrival.message
            boot = marks.of(device, body.boot_id)
            if isinstance(body, Reading):
                self._gaps.look(tx, boot, body.first_seq, arrival.arrived_ms)
                if count := boot.take(body):
                    news.append(self._new(boot, body, len(body.cases) - count, arrival))
            elif body.online:
                boot.ask_last()
        marks.write()
        if news:
            ledger.append(tx, self._judge(tx, news))
        return marks.answers()

    def _judge(self, tx: Tx, news: list[_New]) -> list[ledger.Row]:
        """Rule on every new record, and write what that changes."""
        knowledge = Knowledge(tx, self.holds, self._reread_ms)
        judge = Judge(knowledge, Cards(tx, knowledge, self._prefix), self._reread_ms)
        knowledge.gather(*_units(news))
        number = ledger.next_number(tx)
        tally = Tally()
        rows = []
        for new in news:
            at_ms = new.batch.at_ms[new.skip :]
            when = (new.boot.number, number, new.arrival.arrived_ms)
            if new.plain:
                rulings = judge.rule_plain(new.cases, at_ms, *when)
            else:
                rulings = judge.rule(new.station, new.cases, at_ms, *when)
            tally.note(new.boot.device, new.arrival.arrived_ms, number, new.cases, rulings)
            number += len(new.cases)
            rows.append(_row(new, rulings))
        knowledge.write()
        kpi.add(tx, tally.rows())
        return rows

    def _new(self, boot: Boot, batch: Reading, skip: int, arrival: Arrival) -> _New:
        station = self._stations.of(boot.device)
        held = self.holds
        plain = station.is_plain and not (held.units or held.lots or held.products)
        return _New(boot, station, plain, batch, skip, arrival, batch.cases[skip:])


def _units(news: list[_New]) -> tuple[set[bytes], dict[Station, set[bytes]]]:
    """The keys of all units that new records name: at plain stations, and at each other."""
    plain: set[bytes] = set()
    wanted: dict[Station, set[bytes]] = {}
    for new in news:
        keys = plain if new.plain else wanted.setdefault(new.station, set())
        alone = [case for case in new.cases if isinstance(case, bytes)]
        keys.update(alone)
        if len(alone) < len(new.cases):
            for case in new.cases:
                if isinstance(case, Case):
                    keys.update(case.units)
    return plain, wanted


def _row(new: _New, rulings: bytes) -> ledger.Row:
    boot, arrival = new.boot, new.arrival
    return ledger.Row(
        boot.number,
        boot.device,
        boot.boot_id,
        new.batch.first_seq + new.skip,
        new.skip,
        arrival.arrived_ms,
        arrival.payload,
        rulings,
    )
