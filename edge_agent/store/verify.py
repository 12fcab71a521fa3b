"""Walks ledger, acts and statements about packs: are they what was once written?"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from edge_agent.domain.head import Head
from edge_agent.domain.statement import iso8601
from edge_agent.store import acts, anchor, driver, ledger, sayings
from edge_agent.store.driver import Tx
from edge_agent.store.sqlite import View

# Rows looked at in one transaction: a long one would keep the agent from emptying its log.
_CHUNK = 2000

_LOST = ledger.LOST.encode()
_MISFIT = "its link does not fit: it, or the row before, was changed"


class Finding(NamedTuple):
    """Where the store first contradicts itself; ``place`` is such as "record 17" or "act 3"."""

    place: str
    what: str


class Report(NamedTuple):
    """What was walked, up to the finding. ``chain`` and ``act_chain`` are the last links."""

    rows: int
    records: int
    chain: bytes
    acts: int
    act_chain: bytes
    finding: Finding | None


def verify(view: View, heads: Sequence[Head] = ()) -> Report:
    """Walk everything, up to the first finding. The agent may be running.

    Args:
        heads: how far the store once had gone. It must extend every one of them; only this shows
            an end that was cut off with all that remembers it.
    """
    records, filed = _Ledger(), _Acts()
    try:
        finding = _walk(view, records, filed, heads)
    except driver.Error as error:
        finding = Finding(f"record {records.number}", f"the file is damaged ({error})")
    return Report(
        records.rows, records.number - 1, records.chain, filed.number - 1, filed.chain, finding
    )


def _walk(view: View, records: _Ledger, filed: _Acts, heads: Sequence[Head]) -> Finding | None:
    while True:
        with view.read() as tx:
            more = False
            for walk in (records, filed):
                rows = walk.chunk(tx)
                more = more or len(rows) == _CHUNK
                for row in rows:
                    if what := _step(walk, row):
                        return Finding(f"{walk.thing} {walk.number}", what)
            if not more:  # both ends, as they are at one time
                return _compare(tx, records, filed) or _packs(tx) or _extends(tx, heads)


def _step(walk: _Ledger | _Acts, row: Any) -> str:
    try:
        return walk.step(row)
    except struct.error:  # a number that was never one of ours
        return _MISFIT


@dataclass
class _Ledger:
    """How far the walk has come, and what the next row must look like."""

    thing = "record"
    number: int = 1
    chain: bytes = ledger.GENESIS
    rows: int = 0
    next_seq: dict[int, int] = field(default_factory=dict)
    # Records that a cradle no longer had when it met a restored store: number of the row after
    # them, and what an act must say of them.
    lost: dict[tuple[str, str, int, int], int] = field(default_factory=dict)

    def chunk(self, tx: Tx) -> list[Any]:
        return tx.execute(
            "SELECT l.number, l.boot, CAST(b.device AS BLOB), b.boot_id, l.seq, l.skip, l.n,"
            " l.arrived_ms, l.body, l.rulings, l.chain"
            " FROM ledger l LEFT JOIN boot b ON b.id = l.boot"
            " WHERE l.number >= ? ORDER BY l.number LIMIT ?",
            (self.number, _CHUNK),
        ).fetchall()

    def step(self, row: Any) -> str:
        number, boot, name, boot_id, seq, skip, n, arrived_ms, body, rulings, link = row
        due = self.next_seq.get(boot, 0)
        if number != self.number:
            return f"it is missing; the next row begins at {number}"
        if name is None:
            return f"its boot {boot} is not in the store"
        device = name.decode("utf-8", "replace")
        if seq < due:
            return f"{device} is booked up to seq {due}, this row has {seq}"
        chain = ledger.link(
            self.chain,
            number,
            ledger.Row(boot, device, boot_id, seq, skip, arrived_ms, body, rulings),
        )
        if chain != link or len(boot_id) != 8 or 2 * n != len(rulings):
            return _MISFIT
        if seq > due:
            self.lost[device, boot_id.hex(), due, seq] = number
        self.chain = chain
        self.number += n
        self.rows += 1
        self.next_seq[boot] = seq + n
        return ""


@dataclass
class _Acts:
    """The same of the acts."""

    thing = "act"
    number: int = 1
    chain: bytes = acts.GENESIS
    record: int = 0
    lost: set[tuple[str, str, int, int]] = field(default_factory=set)

    def chunk(self, tx: Tx) -> list[Any]:
        return tx.execute(
            "SELECT number, at_ms, record, CAST(who AS BLOB), CAST(what AS BLOB),"
            " CAST(body AS BLOB), chain FROM act WHERE number >= ? ORDER BY number LIMIT ?",
            (self.number, _CHUNK),
        ).fetchall()

    def step(self, row: Any) -> str:
        number, at_ms, record, who, what, body, link = row
        if number != self.number:
            return f"it is missing; the next is {number}"
        chain = acts.link(self.chain, number, at_ms, record, who, what, body)
        if chain != link:
            return _MISFIT
        if what == _LOST:
            told = msgspec.json.decode(body)
            self.lost.add((told["device"], told["boot"], told["seq"], told["until"]))
        self.chain = chain
        self.record = record
        self.number += 1
        return ""


def _compare(tx: Tx, records: _Ledger, filed: _Acts) -> Finding | None:
    """Compare the end with everything in the store that remembers how far it once went."""
    for missing, number in records.lost.items():
        if missing not in filed.lost:
            device, _, due, seq = missing
            told = f"{device} is booked up to seq {due}, this row has {seq}"
            return Finding(f"record {number}", told)
    end = f"record {records.number}"
    ends = "the ledger ends here, but"
    if filed.record >= records.number:
        return Finding(end, f"{ends} act {filed.number - 1} was filed after record {filed.record}")
    for boot, device, mark in tx.execute("SELECT id, device, next_seq FROM boot"):
        if mark != records.next_seq.get(boot, 0):
            was, now = f"{device} was told that all below seq {mark}", "is booked"
            return Finding(end, f"{ends} {was} {now}")
    for name, cursor in tx.execute("SELECT name, next_number FROM receiver"):
        if cursor > records.number:
            return Finding(end, f"{ends} {name} was sent records up to {cursor - 1}")
    return None


def _packs(tx: Tx) -> Finding | None:
    """Statements about packs stand beside the acts, which hold their digests."""
    act = sayings.first_changed(tx)
    return Finding(f"act {act}", "what it said about packs was changed") if act else None


def _extends(tx: Tx, heads: Sequence[Head]) -> Finding | None:
    for head in heads:
        if why := anchor.contradiction(tx, head):
            return Finding(f"head of {iso8601(head.at_ms)}", why)
    return None
