"""The ledger: every batch as it arrived, the rulings beside it, each row chained to the last."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from edge_agent.domain.model import Entry
from edge_agent.store.driver import Tx

GENESIS = bytes(32)

# The act that says which records of a boot are missing here: {device, boot, seq, until}.
LOST = "ledger.lost"

_HEAD = struct.Struct(">QQHHQ8sBI")


class Mark(NamedTuple):
    """How far a boot is booked. ``boot`` is the store's number for it."""

    boot: int
    next_seq: int


class Row(NamedTuple):
    """What is to be booked of one batch; see schema_0001.sql."""

    boot: int
    device: str
    boot_id: bytes
    seq: int
    skip: int
    arrived_ms: int
    body: bytes
    rulings: bytes


def link(chain: bytes, number: int, row: Row) -> bytes:
    """SHA-256 over the last row's link and everything in this row; lengths make it unambiguous."""
    device = row.device.encode()
    head = _HEAD.pack(
        number,
        row.seq,
        row.skip,
        len(row.rulings) // 2,
        row.arrived_ms,
        row.boot_id,
        len(device),
        len(row.body),
    )
    return hashlib.sha256(b"".join((chain, head, device, row.body, row.rulings))).digest()


def mark(tx: Tx, device: str, boot_id: bytes) -> Mark | None:
    """Return how far a boot is booked; None if nothing of it is."""
    found = tx.execute(
        "SELECT id, next_seq FROM boot WHERE device = ? AND boot_id = ?", (device, boot_id)
    ).fetchone()
    return Mark(*found) if found else None


def new_boot(tx: Tx, device: str, boot_id: bytes) -> int:
    """Give a boot its number."""
    (boot,) = tx.execute(
        "INSERT INTO boot (device, boot_id, next_seq) VALUES (?, ?, 0) RETURNING id",
        (device, boot_id),
    ).fetchone()
    return int(boot)


def advance(tx: Tx, marks: Iterable[tuple[int, int]]) -> None:
    """Move high-water marks: next_seq and number of each boot."""
    tx.executemany("UPDATE boot SET next_seq = ? WHERE id = ?", marks)


def next_number(tx: Tx) -> int:
    """The number the next record will get."""
    return head(tx)[0]


def newest_ms(tx: Tx) -> int:
    """When the last batch arrived; UTC, milliseconds since 1970; 0 if there is none."""
    sql = "SELECT arrived_ms FROM ledger ORDER BY number DESC LIMIT 1"
    found = tx.execute(sql).fetchone()
    return int(found[0]) if found else 0


def append(tx: Tx, rows: Iterable[Row]) -> None:
    """Book ``rows``, in this order."""
    number, chain = head(tx)
    values = []
    for row in rows:
        chain = link(chain, number, row)
        n = len(row.rulings) // 2
        values.append(
            (number, row.boot, row.seq, row.skip, n, row.arrived_ms, row.body, row.rulings, chain)
        )
        number += n
    tx.executemany("INSERT INTO ledger VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)


def rulings(tx: Tx, boot: int, seq: int, until: int) -> list[tuple[int, bytes]]:
    """Return the rulings of the booked records ``seq`` … ``until - 1`` of a boot, as runs."""
    runs = []
    for at, told in tx.execute(
        "SELECT seq, rulings FROM ledger WHERE boot = ?1 AND seq < ?3 AND seq >="
        " (SELECT max(seq) FROM ledger WHERE boot = ?1 AND seq <= ?2) ORDER BY seq",
        (boot, seq, until),
    ):
        start, stop = max(seq, at), min(until, at + len(told) // 2)
        if start < stop:
            runs.append((start, told[2 * (start - at) : 2 * (stop - at)]))
    return runs


def entries(tx: Tx, first: int, last: int) -> Iterator[Entry]:
    """Yield the records ``first`` … ``last``, in order; rows are cut where they reach beyond."""
    for number, device, boot_id, seq, skip, arrived_ms, body, told in tx.execute(
        "SELECT l.number, b.device, b.boot_id, l.seq, l.skip, l.arrived_ms, l.body, l.rulings"
        " FROM ledger l JOIN boot b ON b.id = l.boot"
        " WHERE l.number <= ?2 AND l.number >="
        " (SELECT max(number) FROM ledger WHERE number <= ?1) ORDER BY l.number",
        (first, last),
    ):
        start = max(0, first - number)
        stop = min(len(told) // 2, last + 1 - number)
        if start < stop:
            cut = told[2 * start : 2 * stop]
            yield Entry(
                number + start, device, boot_id, seq + start, skip + start, arrived_ms, body, cut
            )


def head(tx: Tx) -> tuple[int, bytes]:
    """Number of the next record, and link of the last row."""
    found = tx.execute(
        "SELECT number + n, chain FROM ledger ORDER BY number DESC LIMIT 1"
    ).fetchone()
    return (found[0], found[1]) if found else (1, GENESIS)
