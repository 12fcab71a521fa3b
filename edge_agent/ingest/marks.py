"""How far each boot is booked, kept while one transaction is open. Go-back-N, design.md 4.1: of a
boot only the next seq is booked; lower is booked already, higher is a gap, to be sent again.
"""

from __future__ import annotations

from collections.abc import Iterator

from edge_agent.domain.model import Answer
from edge_agent.domain.reading import Reading
from edge_agent.store import ledger
from edge_agent.store.driver import Tx
from protocol.wire import RECORDS_MAX


class Boot:
    """One power-up of one cradle.

    Attributes:
        number: the store's number for it; 0 until something of it is booked.
        next_seq: everything below is booked, or will be when the transaction commits.
    """

    def __init__(self, device: str, boot_id: bytes, mark: ledger.Mark | None) -> None:
        self.device = device
        self.boot_id = boot_id
        self.number, self.next_seq = mark or (0, 0)
        self.moved = False
        self._asked: list[tuple[int, int]] = []

    def take(self, batch: Reading) -> int:
        """Return how many records of ``batch``, at its end, are new; they count as booked now."""
        until = batch.first_seq + len(batch.cases)
        if batch.first_seq > self.next_seq:
            return 0
        self._asked.append((batch.first_seq, until))
        new = max(0, until - self.next_seq)
        self.next_seq += new
        self.moved = self.moved or new > 0
        return new

    def go_on_from(self, seq: int) -> None:
        """Book ``seq`` next. What is missing before it will never come (ingest.gaps)."""
        self.next_seq = seq

    def ask_last(self) -> None:
        """The cradle is to be told the rulings of its last records once more."""
        self._asked.append((max(0, self.next_seq - RECORDS_MAX), self.next_seq))

    def answer(self, tx: Tx) -> Answer:
        """What the cradle is told: read from the ledger, so that it is what was booked."""
        runs: list[tuple[int, bytes]] = []
        for seq, until in _joined(self._asked):
            for at, rulings in ledger.rulings(tx, self.number, seq, until):
                if runs and _follows(runs[-1], at, rulings):
                    runs[-1] = (runs[-1][0], runs[-1][1] + rulings)
                else:
                    runs.append((at, rulings))
        return Answer(self.device, self.boot_id, self.next_seq, runs)


class Marks:
    """The boots that a transaction has to do with."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._boots: dict[tuple[str, bytes], Boot] = {}

    def of(self, device: str, boot_id: bytes) -> Boot:
        """Return a boot, with its mark."""
        key = (device, boot_id)
        boot = self._boots.get(key)
        if boot is None:
            boot = self._boots[key] = Boot(device, boot_id, ledger.mark(self._tx, device, boot_id))
        return boot

    def write(self) -> None:
        """Give new boots their numbers, and move the marks in the store."""
        for boot in self._boots.values():
            if boot.moved and boot.number == 0:
                boot.number = ledger.new_boot(self._tx, boot.device, boot.boot_id)
        moved = [(boot.next_seq, boot.number) for boot in self._boots.values() if boot.moved]
        ledger.advance(self._tx, moved)

    def answers(self) -> list[Answer]:
        """One answer for each boot."""
        return [boot.answer(self._tx) for boot in self._boots.values()]


def _joined(ranges: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Join ranges that touch or overlap."""
    start, stop = 0, 0
    for seq, until in sorted(ranges):
        if seq > stop:
            yield start, stop
            start = seq
        stop = max(stop, until)
    yield start, stop


def _follows(run: tuple[int, bytes], at: int, rulings: bytes) -> bool:
    """Say whether ``rulings`` continue ``run`` and both together fit one message."""
    seq, before = run
    octets = len(before) + len(rulings)
    return seq + len(before) // 2 == at and octets <= 2 * RECORDS_MAX
