"""A clean history is clean; one fault planted in it is found, and counted in its own column."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from protocol import decisions, reasons
from simulator.checker import PATTERNS, Column, Result, check
from simulator.history import Booked, Event, Forwarded, Presented, Signalled, Struck

PATTERN_OF = {decision: pattern for pattern, decision in PATTERNS.items()}
COLUMNS: tuple[Column, ...] = ("lost", "duplicated", "unexpected", "unknown")


@dataclass
class Clean:
    """A history without a fault, kind by kind, to be spoilt by a test."""

    presented: list[Presented]
    signalled: list[Signalled]
    booked: list[Booked]
    forwarded: list[Forwarded]
    reports: list[Booked | Forwarded]

    def check(self) -> Result:
        events: list[Event] = [Struck(0.0, "kill", "agent")]
        events += [*self.presented, *self.signalled, *self.booked, *self.reports, *self.forwarded]
        return check(events)


# The reads of one boot: the frame, the right decision, whether the label stays in the beam so that
# its repeat is suppressed, whether the cradle reports about itself before.
_ROWS = st.lists(
    st.tuples(
        st.sampled_from(["NOREAD", "]C0a", "]C0b"]),
        st.sampled_from(sorted(PATTERN_OF)),
        st.booleans(),
        st.integers(0, 9).map(lambda drawn: drawn == 0),
    ),
    min_size=1,
    max_size=15,
)


@st.composite
def clean(draw: st.DrawFn, distinct: bool = False) -> Clean:
    """Draw the history of some boots.

    Args:
        distinct: whether all frames differ. Otherwise many are the same.
    """
    history = Clean([], [], [], [], [])
    at_ms = 1_000.0
    for boot, rows in enumerate(draw(st.lists(_ROWS, min_size=1, max_size=2))):
        name = (f"cradle-{boot % 2}", f"{boot:016x}")
        seq = 0
        for drawn, decision, repeated, reported in rows:
            at_ms += 100
            number = len(history.presented)
            frame = f"]C0{number:020}" if distinct else drawn
            history.presented.append(Presented(at_ms, *name, number, frame, decision, reasons.OK))
            if repeated:
                history.presented.append(Presented(at_ms, *name, number, frame, 0, 0))
            if reported:
                report = Booked(at_ms, *name, seq, "", decisions.HOLD, reasons.CRADLE_FAULT)
                history.reports.append(report)
                if repeated:  # whether a host is told of reports is not the checker's business
                    history.reports.append(Forwarded(at_ms + 20, *name, seq, "report"))
                seq += 1
            history.booked.append(Booked(at_ms + 5, *name, seq, frame, decision, reasons.OK))
            history.signalled.append(Signalled(at_ms + 9, *name, seq, PATTERN_OF[decision]))
            history.forwarded.append(Forwarded(at_ms + 20, *name, seq, f"key-{seq // 10}"))
            seq += 1
    return history


def one_of(data: st.DataObject, events: list[object]) -> int:
    return data.draw(st.integers(0, len(events) - 1), label="place")


def counts(result: Result) -> dict[Column, int]:
    return {column: getattr(result, column) for column in COLUMNS}


def only(**found: int) -> dict[Column, int]:
    return {column: found.get(column, 0) for column in COLUMNS}


@given(history=clean())
def test_a_clean_history_is_clean(history: Clean) -> None:
    result = history.check()

    assert result.ok
    assert result.findings == ()
    assert counts(result) == only()
    count = len(history.booked)
    assert (result.scanned, result.signalled, result.booked, result.forwarded) == (count,) * 4
    assert result.answer_ms == pytest.approx([9.0] * count)


def test_nothing_happened_is_clean() -> None:
    assert check([]).ok


@given(history=clean(), data=st.data())
def test_a_booking_that_is_not_there_is_lost(history: Clean, data: st.DataObject) -> None:
    gone = history.booked.pop(one_of(data, [*history.booked]))
    result = history.check()

    assert counts(result) == only(lost=1)
    assert (result.findings[0].cradle, result.findings[0].seq) == (gone.cradle, gone.seq)
    assert f"signalled {PATTERN_OF[gone.decision]}" in result.findings[0].seen


@given(history=clean(), data=st.data())
def test_a_booking_that_is_there_twice_is_duplicated(history: Clean, data: st.DataObject) -> None:
    twin = history.booked[one_of(data, [*history.booked])]
    history.booked.insert(one_of(data, [*history.booked]), twin)

    assert counts(history.check()) == only(duplicated=1)


@given(history=clean(), data=st.data())
def test_a_booking_of_another_code_is_lost_and_unexpected(
    history: Clean, data: st.DataObject
) -> None:
    place = one_of(data, [*history.booked])
    history.booked[place] = msgspec.structs.replace(history.booked[place], frame="]C0altered")
    result = history.check()

    assert counts(result) == only(lost=1, unexpected=1)
    assert any("]C0altered" in finding.seen for finding in result.findings)


@given(history=clean(distinct=True), data=st.data())
def test_bookings_in_another_order_are_unexpected(history: Clean, data: st.DataObject) -> None:
    i, j = one_of(data, [*history.booked]), one_of(data, [*history.booked])
    first, second = history.booked[i], history.booked[j]
    assume(i != j and (first.cradle, first.boot) == (second.cradle, second.boot))
    history.booked[i] = msgspec.structs.replace(first, seq=second.seq)
    history.booked[j] = msgspec.structs.replace(second, seq=first.seq)

    # A swap may be told as two in a wrong place, or as one moved past the others.
    unexpected = history.check().unexpected
    assert unexpected >= 1
    assert counts(history.check()) == only(unexpected=unexpected)


@given(history=clean(), data=st.data())
def test_a_wrong_decision_is_unexpected(history: Clean, data: st.DataObject) -> None:
    place = one_of(data, [*history.booked])
    wrong = msgspec.structs.replace(history.booked[place], reason=reasons.REREAD)
    history.booked[place] = wrong

    assert counts(history.check()) == only(unexpected=1)


@given(history=clean(), data=st.data())
def test_a_record_that_is_not_forwarded_is_lost(history: Clean, data: st.DataObject) -> None:
    history.forwarded.pop(one_of(data, [*history.forwarded]))

    assert counts(history.check()) == only(lost=1)


@given(history=clean(), data=st.data(), times=st.integers(1, 3))
def test_a_record_that_is_forwarded_again_is_duplicated(
    history: Clean, data: st.DataObject, times: int
) -> None:
    twin = history.forwarded[one_of(data, [*history.forwarded])]
    again = msgspec.structs.replace(twin, key="another")
    history.forwarded += [again] * times
    result = history.check()

    assert counts(result) == only(duplicated=times)
    assert "another" in result.findings[0].seen


@given(history=clean(), data=st.data())
def test_a_wrong_signal_is_unexpected(history: Clean, data: st.DataObject) -> None:
    place = one_of(data, [*history.signalled])
    right = history.signalled[place]
    pattern = data.draw(st.sampled_from([name for name in PATTERNS if name != right.pattern]))
    history.signalled[place] = msgspec.structs.replace(right, pattern=pattern)
    result = history.check()

    assert counts(result) == only(unexpected=1)
    assert right.pattern in result.findings[0].expected
    assert pattern in result.findings[0].seen


@given(history=clean(), data=st.data())
def test_a_second_signal_is_unexpected(history: Clean, data: st.DataObject) -> None:
    twin = history.signalled[one_of(data, [*history.signalled])]
    history.signalled.append(twin)

    assert counts(history.check()) == only(unexpected=1)


@given(history=clean(), data=st.data())
def test_no_signal_by_the_end_is_unknown(history: Clean, data: st.DataObject) -> None:
    history.signalled.pop(one_of(data, [*history.signalled]))

    assert counts(history.check()) == only(unknown=1)


@given(history=clean(), data=st.data())
def test_good_before_the_booking_is_unexpected(history: Clean, data: st.DataObject) -> None:
    good = [i for i, one in enumerate(history.signalled) if one.pattern == "GOOD"]
    assume(good)
    place = data.draw(st.sampled_from(good))
    early = history.booked[place].at_ms - 0.5
    history.signalled[place] = msgspec.structs.replace(history.signalled[place], at_ms=early)
    result = history.check()

    assert counts(result) == only(unexpected=1)
    assert "0.5 ms before" in result.findings[0].seen


@given(history=clean(distinct=True), data=st.data())
def test_a_read_that_the_cradle_missed_is_lost_and_shifts_nothing(
    history: Clean, data: st.DataObject
) -> None:
    boot = history.booked[one_of(data, [*history.booked])]
    place = max(
        i for i, one in enumerate(history.presented) if one.decision and one.boot == boot.boot
    )
    shown = history.presented[place]
    number = data.draw(st.integers(0, place), label="before")
    missed = msgspec.structs.replace(shown, frame="]C0missed", number=10_000)
    assume(history.presented[number].boot == boot.boot)
    history.presented.insert(number, missed)
    result = history.check()

    assert counts(result) == only(lost=1, unknown=1)
    assert {finding.number for finding in result.findings} == {10_000}


@given(history=clean(), data=st.data())
def test_a_record_that_nobody_presented_is_unexpected(history: Clean, data: st.DataObject) -> None:
    last = history.booked[-1]
    history.booked.append(msgspec.structs.replace(last, seq=last.seq + 1, frame="]C0from nowhere"))

    assert counts(history.check()) == only(unexpected=1)


@given(history=clean())
def test_a_repeat_that_became_a_record_is_duplicated(history: Clean) -> None:
    last = history.booked[-1]
    history.booked.append(msgspec.structs.replace(last, seq=last.seq + 1))

    assert counts(history.check()) == only(duplicated=1)


@given(history=clean())
def test_a_forward_or_a_signal_from_nowhere_is_unexpected(history: Clean) -> None:
    history.forwarded.append(Forwarded(0.0, "nobody", "00", 0, "key"))
    history.signalled.append(Signalled(0.0, "somebody", "00", 0, "GOOD"))

    assert counts(history.check()) == only(unexpected=2)


@given(history=clean())
def test_a_report_is_booked_once_and_never_answered(history: Clean) -> None:
    last = history.booked[-1]
    report = msgspec.structs.replace(last, seq=last.seq + 1, frame="")
    history.reports += [report, report]
    history.signalled.append(Signalled(0.0, last.cradle, last.boot, last.seq + 1, "GOOD"))
    result = history.check()

    assert counts(result) == only(duplicated=1, unexpected=1)
    assert (result.booked, result.signalled) == (len(history.booked),) * 2


@given(history=clean(distinct=True), data=st.data())
def test_an_end_in_the_middle_says_what_is_missing(history: Clean, data: st.DataObject) -> None:
    """Everything stops at one moment: what was booked by then is not forwarded, and so on."""
    end_ms = data.draw(st.sampled_from([one.at_ms for one in history.presented])) + 7
    history.presented = [one for one in history.presented if one.at_ms <= end_ms]
    history.booked = [one for one in history.booked if one.at_ms <= end_ms]
    history.reports = [one for one in history.reports if one.at_ms <= end_ms]
    history.signalled = [one for one in history.signalled if one.at_ms <= end_ms]
    history.forwarded = [one for one in history.forwarded if one.at_ms <= end_ms]
    result = history.check()

    assert counts(result) == only(lost=1, unknown=1)
    assert (result.booked - result.forwarded, result.scanned - result.signalled) == (1, 1)


def test_patterns_that_are_no_answers_are_not_counted_as_answers() -> None:
    name = ("cradle-1", "00")
    result = check(
        [
            Presented(0.0, *name, 4, "]C089999999000000000018", decisions.PASS, reasons.OK),
            Signalled(1.0, *name, -1, "FULL"),
            Booked(2.0, *name, 0, "]C089999999000000000018", decisions.PASS, reasons.OK),
            Forwarded(3.0, *name, 0, "key"),
        ]
    )

    assert counts(result) == only(unknown=1)
    assert str(result.findings[0]) == (
        "unknown: cradle-1, record 00/0, read 4 ']C089999999000000000018':"
        " expected the answer GOOD (reason 0), saw no signal"
    )
