"""Walks the ledger and says whether it is what was once written: chain, numbers, marks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from edge_agent.store import ledger
from edge_agent.store.driver import Tx
from edge_agent.store.sqlite import View

# Rows looked at in one transaction: a long one would keep the agent from emptying its log.
_CHUNK = 2000


class Finding(NamedTuple):
    """Where the ledger first contradicts itself; ``number`` is of the record at that place."""

    number: int
    what: str


class Report(NamedTuple):
    """What was walked. ``chain`` is the last link: compare it with one kept elsewhere, because a
    ledger whose end was cut off is a whole ledger too."""

    rows: int
    records: int
    chain: bytes
    finding: Finding | None


def verify(view: View) -> Report:
    """Walk the whole ledger, up to the first finding. The agent may be running."""
    walk = _Walk()
    while True:
        with view.read() as tx:
            rows = walk.chunk(tx)
            finding = walk.step(rows)
            if finding is None and len(rows) < _CHUNK:
                finding = walk.end(tx)
        if finding is not None or len(rows) < _CHUNK:
            return Report(walk.rows, walk.number - 1, walk.chain, finding)


@dataclass
class _Walk:
    """How far the walk has come, and what the next row must look like."""

    number: int = 1
    chain: bytes = ledger.GENESIS
    rows: int = 0
    next_seq: dict[int, int] = field(default_factory=dict)

    def chunk(self, tx: Tx) -> list[Any]:
        return tx.execute(
            "SELECT l.number, l.boot, b.device, b.boot_id, l.seq, l.skip, l.arrived_ms,"
            " l.body, l.rulings, l.chain"
            " FROM ledger l LEFT JOIN boot b ON b.id = l.boot"
            " WHERE l.number >= ? ORDER BY l.number LIMIT ?",
            (self.number, _CHUNK),
        ).fetchall()

    def step(self, rows: list[Any]) -> Finding | None:
        for number, boot, device, boot_id, seq, skip, arrived_ms, body, rulings, link in rows:
            due = self.next_seq.get(boot, 0)
            if number != self.number:
                return Finding(self.number, f"it is missing; the next row begins at {number}")
            if device is None:
                return Finding(number, f"its boot {boot} is not in the store")
            if seq != due:
                return Finding(number, f"{device} is booked up to seq {due}, this row has {seq}")
            row = ledger.Row(boot, device, boot_id, seq, skip, arrived_ms, body, rulings)
            self.chain = ledger.link(self.chain, number, row)
            if self.chain != link:
                return Finding(number, "its link does not fit: it, or the row before, was changed")
            n = len(rulings) // 2
            self.number += n
            self.rows += 1
            self.next_seq[boot] = seq + n
        return None

    def end(self, tx: Tx) -> Finding | None:
        """Compare the end with everything in the store that remembers how far it once went."""
        for boot, device, mark in tx.execute("SELECT id, device, next_seq FROM boot"):
            if mark != self.next_seq.get(boot, 0):
                was, now = f"{device} was told that all below seq {mark}", "is booked"
                return Finding(self.number, f"the ledger ends here, but {was} {now}")
        for name, cursor in tx.execute("SELECT name, next_number FROM receiver"):
            if cursor > self.number:
                told = f"{name} was sent records up to {cursor - 1}"
                return Finding(self.number, f"the ledger ends here, but {told}")
        return None
