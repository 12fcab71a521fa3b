"""Books what is new of some messages, inside an open transaction: decide, note, file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from edge_agent.domain.model import Answer, Case
from edge_agent.domain.reading import Reading
from edge_agent.ingest.decode import Message
from edge_agent.ingest.judge import Judge
from edge_agent.ingest.marks import Boot, Marks
from edge_agent.store import codes, ledger
from edge_agent.store.driver import Tx


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
    """A batch of which the records from ``skip`` on are not booked yet."""

    boot: Boot
    batch: Reading
    skip: int
    arrival: Arrival

    def records(self) -> tuple[list[bytes | Case], list[int]]:
        """What the new records say, and when they were read."""
        return self.batch.cases[self.skip :], self.batch.at_ms[self.skip :]


class Accept:
    """Decides, books, and says what each cradle is to be told once all is on disk.

    A cradle is told the rulings of everything it just sent, also of what was booked long ago: an
    answer may have been lost, and each scan gets its signal. When it announces itself, which also
    reaches us whenever the agent or the broker starts, it is told the rulings of its last 256
    records for the same reason. It passes over what it knows.
    """

    def __init__(self, reread_ms: int) -> None:
        """
        Args:
            reread_ms: the same unit at the same cradle within this time is a re-read.
        """
        self._reread_ms = reread_ms

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
                if count := boot.take(body):
                    news.append(_New(boot, body, len(body.cases) - count, arrival))
            elif body.online:
                boot.ask_last()
        marks.write()
        ledger.append(tx, self._judge(tx, news))
        return marks.answers()

    def _judge(self, tx: Tx, news: list[_New]) -> list[ledger.Row]:
        """Rule on every new record, and note the units that passed or were met again."""
        judge = Judge(codes.sightings(tx, _units(news)), self._reread_ms)
        number = ledger.next_number(tx)
        rows = []
        for new in news:
            rulings = judge.rule(*new.records(), new.boot.number, number)
            number += len(rulings) // 2
            rows.append(_row(new, rulings))
        codes.remember(tx, judge.notes())
        return rows


def _units(news: list[_New]) -> set[bytes]:
    """The keys of all units that new records name."""
    keys = set()
    for new in news:
        for case in new.records()[0]:
            if isinstance(case, bytes):
                keys.add(case)
            else:
                keys.update(case.units)
    return keys


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
