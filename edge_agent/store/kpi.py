"""Figures of each day, kept up to date while records are booked, and counted again if asked."""

from __future__ import annotations

from collections.abc import Iterable

import cbor2

from edge_agent.domain import kpi
from edge_agent.domain.kpi import Rate, Reads, Row, Tally
from edge_agent.domain.model import Case, Entry
from edge_agent.domain.reading import Reader
from edge_agent.domain.reads_by_head import Heads
from edge_agent.store import ledger
from edge_agent.store.driver import Tx
from protocol import code_rules
from protocol.code_rules import Rules

_COUNTS = Reads._fields
_ADD = (
    f"INSERT INTO kpi (day, device, first, last, {', '.join(_COUNTS)})"
    f" VALUES (?, ?, ?, ?, {', '.join('?' * len(_COUNTS))})"
    " ON CONFLICT (day, device) DO UPDATE SET"
    " first = min(first, excluded.first), last = max(last, excluded.last), "
    + ", ".join(f"{name} = {name} + excluded.{name}" for name in _COUNTS)
)


def add(tx: Tx, rows: Iterable[Row]) -> None:
    """Add what a transaction booked: a row for each day and cradle."""
    tx.executemany(_ADD, ((*row[:4], *row.reads) for row in rows))


def days(tx: Tx, first: int, last: int) -> list[Row]:
    """The rows of the days ``first`` … ``last`` (domain.kpi.day_of), by day and device."""
    return [
        Row(day, device, low, high, Reads(*reads))
        for day, device, low, high, *reads in tx.execute(
            f"SELECT day, device, first, last, {', '.join(_COUNTS)} FROM kpi"
            " WHERE day BETWEEN ? AND ? ORDER BY day, device",
            (first, last),
        )
    ]


def recount(tx: Tx, rules: Rules = code_rules.DEFAULT) -> list[Row]:
    """What ``days`` must say of all days, from the ledger itself; ``rules`` as in the settings."""
    tally, reader = Tally(), Reader(rules)
    for entry in ledger.entries(tx, 1, ledger.next_number(tx) - 1):
        cases = _booked(reader, entry)
        tally.note(entry.device, entry.arrived_ms, entry.number, cases, entry.rulings)
    return tally.rows()


def uploads(
    tx: Tx, receiver: str, first: int, last: int, rules: Rules = code_rules.DEFAULT
) -> Rate:
    """Units that ``receiver`` has accepted, of those scanned on the days ``first`` … ``last``.

    What it has not is looked for rather than what it has: that is little, or somebody must look
    anyway.
    """
    rows = days(tx, first, last)
    scanned = sum(row.reads.units for row in rows)
    if not scanned:
        return Rate(0, 0)
    low, high = min(row.first for row in rows), max(row.last for row in rows)
    reader, missing = Reader(rules), 0
    for start, stop in _unaccepted(tx, receiver, low, high):
        for entry in ledger.entries(tx, start, stop):
            if first <= kpi.day_of(entry.arrived_ms) <= last:
                missing += kpi.count(_booked(reader, entry), entry.rulings).units
    return Rate(scanned - missing, scanned)


def by_head(
    tx: Tx, first: int, last: int, rules: Rules = code_rules.DEFAULT
) -> dict[tuple[str, str], Reads]:
    """The reads of the days ``first`` … ``last`` by cradle and by what their labels begin with.

    Returns:
        for (device, head): a head is what ``domain.products`` has products for, or empty where no
        label told one. Walks the ledger: seconds for a month of a busy site.
    """
    rows = days(tx, first, last)
    heads, found = Heads(rules), dict[tuple[str, str], Reads]()
    if not rows:
        return found
    low, high = min(row.first for row in rows), max(row.last for row in rows)
    for entry in ledger.entries(tx, low, high):
        if first <= kpi.day_of(entry.arrived_ms) <= last:
            for head, reads in heads.of(entry).items():
                place = (entry.device, head)
                found[place] = found.get(place, Reads()).plus(reads)
    return found


def _booked(reader: Reader, entry: Entry) -> list[bytes | Case]:
    """What the records of ``entry`` say, and no others of its batch."""
    item = cbor2.loads(entry.body)
    batch = reader.plain(item, len(entry.body)) or reader.any(item)
    return batch.cases[entry.skip : entry.skip + len(entry.rulings) // 2]


def _unaccepted(tx: Tx, receiver: str, first: int, last: int) -> list[tuple[int, int]]:
    """The ranges of records within ``first`` … ``last`` that ``receiver`` has not accepted, none of
    them twice: what no parcel holds yet, refused parcels, open ones or what is left of them, and
    single records that were refused."""
    (cursor,) = tx.execute(
        "SELECT coalesce((SELECT next_number FROM receiver WHERE name = ?), 1)", (receiver,)
    ).fetchone()
    ranges = tx.execute(
        "SELECT first, last FROM parcel WHERE receiver = ?1 AND state = 4"
        " UNION ALL SELECT first, last FROM parcel p WHERE receiver = ?1 AND state IN (1, 2, 3)"
        " AND NOT EXISTS (SELECT 1 FROM letter l WHERE l.receiver = p.receiver AND l.state = 3"
        " AND l.number BETWEEN p.first AND p.last)"
        " UNION ALL SELECT number, number FROM letter WHERE receiver = ?1",
        (receiver,),
    ).fetchall()
    found: list[tuple[int, int]] = []
    behind = first
    for low, high in sorted([*ranges, (cursor, last)]):
        start, stop = max(low, behind), min(high, last)
        if start <= stop:
            found.append((start, stop))
            behind = stop + 1
    return found
