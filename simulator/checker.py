"""History in, verdict out: was every scan booked, answered and forwarded, each exactly once?

A record's name is (cradle, boot, seq), but an engine does not know names. So the frames presented
to a cradle are laid beside the records of its boot, in order, and the rest is counting.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from protocol import decisions
from simulator.alignment import align
from simulator.history import Booked, Event, Forwarded, Presented, Signalled

Column: TypeAlias = Literal["lost", "duplicated", "unexpected", "unknown"]

GOOD = "GOOD"

# The patterns that answer a scan. Others are about the cradle.
PATTERNS = {
    GOOD: decisions.PASS,
    "HOLD": decisions.HOLD,
    "REJECT": decisions.REJECT,
    "AGAIN": decisions.AGAIN,
}
_NAMES = {decision: pattern for pattern, decision in PATTERNS.items()}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be, to be read by a person.

    Attributes:
        seq, number: the record's and the read's; None when there is none or it cannot be told.
        times: by how much it counts; a record booked three times is duplicated twice.
    """

    column: Column
    cradle: str
    boot: str
    seq: int | None
    number: int | None
    frame: str
    expected: str
    seen: str
    times: int = 1

    def __str__(self) -> str:
        record = "no record" if self.seq is None else f"record {self.boot}/{self.seq}"
        read = "nobody's read" if self.number is None else f"read {self.number}"
        return (
            f"{self.column}: {self.cradle}, {record}, {read} {self.frame!r}:"
            f" expected {self.expected}, saw {self.seen}"
        )


@dataclass(frozen=True, slots=True)
class Result:
    """The checker's table.

    Attributes:
        scanned: reads of which a cradle had to make a record.
        signalled, booked, forwarded: records, each counted once; reports of cradles about
            themselves not at all.
        lost: presented or signalled and never booked, or booked and never forwarded.
        duplicated: booked or forwarded more than once.
        unexpected: presented by nobody, out of order, answered wrongly or twice, or signalled GOOD
            before it was booked.
        unknown: no answer was signalled by the end.
        answer_ms: from the read to the signal, one for each record that was answered.
    """

    scanned: int
    signalled: int
    booked: int
    forwarded: int
    lost: int
    duplicated: int
    unexpected: int
    unknown: int
    findings: tuple[Finding, ...]
    answer_ms: tuple[float, ...]

    @property
    def ok(self) -> bool:
        return not self.findings


@dataclass(slots=True)
class _Boot:
    """What is known of one boot of one cradle. Lists are by seq."""

    cradle: str
    boot: str
    presented: list[Presented] = field(default_factory=list)
    booked: dict[int, list[Booked]] = field(default_factory=lambda: defaultdict(list))
    answers: dict[int, list[Signalled]] = field(default_factory=lambda: defaultdict(list))
    forwarded: dict[int, list[Forwarded]] = field(default_factory=lambda: defaultdict(list))
    findings: list[Finding] = field(default_factory=list)
    answer_ms: list[float] = field(default_factory=list)

    def find(
        self,
        column: Column,
        shown: Presented | None,
        seq: int | None,
        expected: str,
        seen: str,
        times: int = 1,
    ) -> None:
        number, frame = (shown.number, shown.frame) if shown else (None, "")
        self.findings.append(
            Finding(column, self.cradle, self.boot, seq, number, frame, expected, seen, times)
        )


def check(events: Iterable[Event]) -> Result:
    """Judge a history. Events of one cradle must stand in their order; others in any."""
    boots = _by_boot(events)
    for boot in boots:
        _judge(boot)
    findings = tuple(finding for boot in boots for finding in boot.findings)
    counts: Counter[Column] = Counter()
    for finding in findings:
        counts[finding.column] += finding.times
    return Result(
        scanned=sum(len(boot.presented) for boot in boots),
        signalled=sum(len(boot.answers) for boot in boots),
        booked=sum(len(boot.booked) for boot in boots),
        forwarded=sum(len(boot.forwarded) for boot in boots),
        lost=counts["lost"],
        duplicated=counts["duplicated"],
        unexpected=counts["unexpected"],
        unknown=counts["unknown"],
        findings=findings,
        answer_ms=tuple(each for boot in boots for each in boot.answer_ms),
    )


def _by_boot(events: Iterable[Event]) -> list[_Boot]:
    boots: dict[tuple[str, str], _Boot] = {}
    for event in events:
        if not isinstance(event, Presented | Signalled | Booked | Forwarded):
            continue
        boot = boots.setdefault((event.cradle, event.boot), _Boot(event.cradle, event.boot))
        match event:
            case Presented() if event.decision:
                boot.presented.append(event)
            case Signalled() if event.pattern in PATTERNS:
                boot.answers[event.seq].append(event)
            case Booked():
                boot.booked[event.seq].append(event)
            case Forwarded():
                boot.forwarded[event.seq].append(event)
    return list(boots.values())


def _judge(boot: _Boot) -> None:
    reports = [seq for seq, bookings in boot.booked.items() if not bookings[0].frame]
    for report in reports:
        _judge_report(boot, report)
    last = max([-1, *boot.booked, *boot.answers, *boot.forwarded])
    seqs = [seq for seq in range(last + 1) if seq not in reports]
    frames = [boot.booked[seq][0].frame if seq in boot.booked else None for seq in seqs]
    missing: list[tuple[Presented, int | None]] = []
    strays: list[int] = []
    for i, j in align([one.frame for one in boot.presented], frames):
        shown = None if i is None else boot.presented[i]
        if shown and j is not None and frames[j] in (None, shown.frame):
            _judge_record(boot, shown, seqs[j])
            continue
        if shown:
            missing.append((shown, None if j is None else seqs[j]))
        if j is not None:
            strays.append(seqs[j])
    for shown, seq in missing:
        _judge_missing(boot, shown, seq, strays)
    for stray in strays:
        _judge_stray(boot, stray)


def _judge_report(boot: _Boot, seq: int) -> None:
    """Judge what a cradle said of itself, and take it out of the way of the scans.

    Whether a host is told of it is not our business.
    """
    bookings = boot.booked.pop(seq)
    answers = boot.answers.pop(seq, [])
    boot.forwarded.pop(seq, None)
    if len(bookings) > 1:
        seen = f"{len(bookings)}"
        boot.find("duplicated", None, seq, "one booking of a report", seen, len(bookings) - 1)
    if answers:
        boot.find("unexpected", None, seq, "no signal for a report", _shown(answers))


def _judge_record(boot: _Boot, shown: Presented, seq: int) -> None:
    """Judge a record that stands where it must, or of which there is no booking."""
    bookings = boot.booked.get(seq, [])
    forwards = boot.forwarded.get(seq, [])
    if not bookings:
        seen = f"none, {_shown(boot.answers.get(seq, []))}, {len(forwards)} forwarded"
        boot.find("lost", shown, seq, "a booking", seen)
    else:
        if len(bookings) > 1:
            boot.find(
                "duplicated", shown, seq, "one booking", f"{len(bookings)}", len(bookings) - 1
            )
        if not forwards:
            boot.find("lost", shown, seq, "to be forwarded", "it was booked only")
    if len(forwards) > 1:
        keys = ", ".join(sorted(one.key for one in forwards))
        boot.find("duplicated", shown, seq, "one forward", f"keys {keys}", len(forwards) - 1)
    _judge_answer(boot, shown, seq)


def _judge_answer(boot: _Boot, shown: Presented, seq: int) -> None:
    answers = boot.answers.get(seq, [])
    due = _answer(shown.decision, shown.reason)
    if answers:
        boot.answer_ms.append(answers[0].at_ms - shown.at_ms)
    else:
        boot.find("unknown", shown, seq, f"the answer {due}", _shown(answers))
    for booked in boot.booked.get(seq, [])[:1]:
        if (booked.decision, booked.reason) != (shown.decision, shown.reason):
            seen = f"{_answer(booked.decision, booked.reason)} booked"
            boot.find("unexpected", shown, seq, due, f"{seen}, {_shown(answers)}")
            return
        early_ms = max(
            (booked.at_ms - one.at_ms for one in answers if one.pattern == GOOD), default=0
        )
        if early_ms > 0:
            seen = f"GOOD {early_ms:.1f} ms before it"
            boot.find("unexpected", shown, seq, "no signal before the booking", seen)
            return
    if answers and [PATTERNS[one.pattern] for one in answers] != [shown.decision]:
        boot.find("unexpected", shown, seq, f"one signal for {due}", _shown(answers))


def _judge_missing(boot: _Boot, shown: Presented, seq: int | None, strays: list[int]) -> None:
    """Judge a read without a record in its place; its record may be among ``strays``."""
    for stray in strays:
        if stray in boot.booked and boot.booked[stray][0].frame == shown.frame:
            strays.remove(stray)
            boot.find(
                "unexpected", shown, stray, "records in the order of the reads", "it elsewhere"
            )
            return
    boot.find("lost", shown, seq, "a booking", "none")
    if seq is None or seq not in boot.answers:
        boot.find("unknown", shown, seq, "an answer", "none")


def _judge_stray(boot: _Boot, seq: int) -> None:
    """Judge a record without a read in its place."""
    bookings = boot.booked.get(seq, [])
    if not bookings:
        forwards = len(boot.forwarded.get(seq, []))
        seen = f"{_shown(boot.answers.get(seq, []))}, {forwards} forwarded"
        boot.find("unexpected", None, seq, "nothing: nobody presented or booked it", seen)
    for booked in bookings:
        twin = next((one for one in boot.presented if one.frame == booked.frame), None)
        if twin:
            boot.find("duplicated", twin, seq, "one record for the read", "one more")
        else:
            seen = f"{booked.frame!r} booked"
            boot.find("unexpected", None, seq, "nothing: nobody presented it", seen)


def _answer(decision: int, reason: int) -> str:
    return f"{_NAMES.get(decision, str(decision))} (reason {reason})"


def _shown(answers: list[Signalled]) -> str:
    return "signalled " + ", ".join(one.pattern for one in answers) if answers else "no signal"
