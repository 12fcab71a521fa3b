"""The figures the notices ask for: what is counted of reads, and which part of which whole.

The notices name the rates and give no formula; these are ours:

* read rate: 1 - (no-reads + bad reads) / reads, by cradle and by product
* scan rate: smallest packs scanned / smallest packs moved, by kind of document
* upload rate: units whose record the receiver has accepted / units scanned, by receiver
* collection rate: sale lines with all their codes / sale lines that need codes

What is exempt, and stock registered without codes, is in no part and no whole. What was moved is
known from documents alone; without them there is a number of scans and no scan rate.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from edge_agent.domain.model import Case
from protocol import decisions, reasons

_DAY_MS = 86_400_000
_EPOCH = date(1970, 1, 1)
# The whole country lives by one time, without summer time; a day is a day there.
_CHINA_MS = 8 * 3_600_000

# Not a look at goods, whatever came of it.
_NO_GOODS = frozenset(
    (
        reasons.CRADLE_FAULT,
        reasons.UNKNOWN_RECORD,
        reasons.COMMAND_DONE,
        reasons.COMMAND_REFUSED,
    )
)
# Something was read, and no trace code came of it. An article number alone counts too: the trace
# code on the same pack was missed.
_BAD = frozenset(
    (reasons.UNTERMINATED, reasons.TOO_LONG, reasons.ARTICLE_NUMBER, reasons.NO_SERIAL)
) | frozenset(range(reasons.EMPTY, reasons.REREAD))

_DECISIONS = (decisions.PASS, decisions.AGAIN, decisions.HOLD, decisions.REJECT)
_GOOD = bytes((decisions.PASS, reasons.OK)) * 256


class Reads(NamedTuple):
    """What became of some records.

    Attributes:
        reads: looks at goods: all records but a cradle's reports and operators' commands.
        no_reads: of these, nothing was read.
        bad_reads: of these, something was read and no trace code.
        passed, again, held, rejected: the reads by decision; they sum up to ``reads``.
        units: named by the records that passed; a record may name several.
    """

    reads: int = 0
    no_reads: int = 0
    bad_reads: int = 0
    passed: int = 0
    again: int = 0
    held: int = 0
    rejected: int = 0
    units: int = 0

    def plus(self, other: Reads) -> Reads:
        """Sum of both."""
        return Reads(*map(sum, zip(self, other, strict=True)))

    def rate(self) -> Rate:
        """The read rate."""
        return Rate(self.reads - self.no_reads - self.bad_reads, self.reads)


class Rate(NamedTuple):
    """A part of a whole."""

    part: int
    whole: int

    def percent(self) -> float | None:
        """None of nothing."""
        return 100 * self.part / self.whole if self.whole else None

    def reaches(self, target: int | None) -> bool | None:
        """Say whether the rate reaches so many percent; None if there is nothing to say."""
        if target is None or not self.whole:
            return None
        return 100 * self.part >= target * self.whole


class Row(NamedTuple):
    """The reads of one cradle, booked on one day, as records ``first`` … ``last`` and others."""

    day: int
    device: str
    first: int
    last: int
    reads: Reads


class Tally:
    """Counts what one transaction books."""

    def __init__(self) -> None:
        self._rows: dict[tuple[int, str], Row] = {}

    def note(
        self,
        device: str,
        arrived_ms: int,
        number: int,
        cases: Sequence[bytes | Case],
        rulings: bytes,
    ) -> None:
        """Take the records ``number`` … of one batch.

        Args:
            arrived_ms: UTC, milliseconds since 1970; says the day.
            rulings: decision and reason of each, two octets.
        """
        day = day_of(arrived_ms)
        last = number + len(rulings) // 2 - 1
        reads = count(cases, rulings)
        if before := self._rows.get((day, device)):
            number, reads = min(number, before.first), reads.plus(before.reads)
            last = max(last, before.last)
        self._rows[day, device] = Row(day, device, number, last, reads)

    def rows(self) -> list[Row]:
        """One for each day and device, in their order."""
        return [self._rows[key] for key in sorted(self._rows)]


def count(cases: Sequence[bytes | Case], rulings: bytes) -> Reads:
    """Count records by their rulings, and the units they name."""
    n = len(rulings) // 2
    more = [case for case in cases if type(case) is not bytes]
    if not more and rulings == _GOOD[: 2 * n]:  # nearly always
        return Reads(n, 0, 0, n, 0, 0, 0, n)
    found = Counter(zip(rulings[::2], rulings[1::2], strict=True))
    by_decision = dict.fromkeys(_DECISIONS, 0)
    no_reads = bad = 0
    for (decision, reason), times in found.items():
        if reason in _NO_GOODS:
            continue
        by_decision[decision] += times
        no_reads += times if reason == reasons.NO_READ else 0
        bad += times if reason in _BAD else 0
    passed = by_decision[decisions.PASS]
    several = 0
    if more:
        several = sum(
            len(case.units) - 1
            for case, decision in zip(cases, rulings[::2], strict=True)
            if isinstance(case, Case) and not case.command and decision == decisions.PASS
        )
    return Reads(
        sum(by_decision.values()),
        no_reads,
        bad,
        passed,
        by_decision[decisions.AGAIN],
        by_decision[decisions.HOLD],
        by_decision[decisions.REJECT],
        passed + several,
    )


def total(all_reads: Iterable[Reads]) -> Reads:
    """Sum of all."""
    found = Reads()
    for reads in all_reads:
        found = found.plus(reads)
    return found


def day_of(at_ms: int) -> int:
    """The day in China at ``at_ms`` UTC: days since 1 January 1970."""
    return (at_ms + _CHINA_MS) // _DAY_MS


def date_of(day: int) -> date:
    """The date of a day."""
    return _EPOCH + timedelta(days=day)


def date_at(at_ms: int) -> date:
    """The date in China at ``at_ms`` UTC."""
    return date_of(day_of(at_ms))


def number_of(on: date) -> int:
    """The day of a date."""
    return (on - _EPOCH).days


def begins_ms(day: int) -> int:
    """When a day begins in China; UTC, milliseconds since 1970."""
    return day * _DAY_MS - _CHINA_MS


class Movement(NamedTuple):
    """One line of a document, as far as it counts for a rate.

    Attributes:
        duty: scan-in or scan-out; or collect, if a person gets it.
        due: smallest packs that the document says.
        scanned: smallest packs counted for it.
        classes: of its product (domain.obligations.Class).
        exempt: nobody need scan it.
        no_code: of ``due``, how many are from the register of stock without codes.
    """

    duty: str
    due: int
    scanned: int
    classes: frozenset[str]
    exempt: bool = False
    no_code: int = 0

    def needed(self) -> int:
        """Smallest packs whose codes must be scanned."""
        return 0 if self.exempt else max(self.due - self.no_code, 0)


def scan_rate(movements: Iterable[Movement]) -> Rate:
    """Scanned of what had to be; a surplus on one line makes up for nothing on another."""
    part = whole = 0
    for one in movements:
        whole += one.needed()
        part += min(one.scanned, one.needed())
    return Rate(part, whole)


def collection_rate(movements: Iterable[Movement]) -> Rate:
    """Sale lines with all their codes, of those that need codes."""
    sold = [one for one in movements if one.duty == "collect" and one.needed()]
    return Rate(sum(one.scanned >= one.needed() for one in sold), len(sold))
