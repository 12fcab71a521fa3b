"""What it means that a unit is read: the first row of the table that holds says so.

Six things look alike, the same code once more, and must be told apart: the label that is still in
front of the cradle, the pack that this document has already, the pack that another document has
taken away, the one that came back and may, the pack beside its own case, and the code that was
never one unit's.

Source: the platforms refuse a bill with a pack and its parent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from edge_agent.domain.documents import NEW
from edge_agent.domain.model import Ruling, Unit
from protocol import decisions, reasons


class Meeting(NamedTuple):
    """A unit is read, and this is what is known of it at that moment.

    Attributes:
        last: what the store has of it; None if it never passed.
        boot: the power-up of the cradle that reads it now, and the time by that cradle's clock.
        reread_ms: within how many ms its reads of one unit are one read.
        placeholder: its code stands for split packs, and is nobody's name.
        document: the one its scan belongs to here; 0 for none.
        counted: that document has it already.
        covered: it has a pack around it, or something that is in it.
        state: what became of it, or of a pack around it, whichever is newer; NEW if nothing is
            known of any.
        takes: the states from which the document takes a unit, NEW among them or not.
    """

    last: Unit | None
    boot: int
    at_ms: int
    reread_ms: int
    placeholder: bool = False
    document: int = 0
    counted: bool = False
    covered: bool = False
    state: int = NEW
    takes: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Meaning:
    """One thing that a read can mean.

    Attributes:
        chinese, english: the same name for people.
        passes: it speaks for the unit, so that what else is known of it decides.
    """

    name: str
    chinese: str
    english: str
    holds: Callable[[Meeting], bool]
    ruling: Ruling

    @property
    def passes(self) -> bool:
        return self.ruling.decision == decisions.PASS


def _is_reread(read: Meeting) -> bool:
    # Compared by the cradle's own clock, which neither an outage of ours nor a clock set anew can
    # bend; so after a power-up of the cradle a unit counts as seen before, and a person looks.
    last = read.last
    if last is None or last.boot != read.boot or abs(read.at_ms - last.at_ms) > read.reread_ms:
        return False
    # Where a document is open, a read that it did not count was held, and is judged once more.
    return read.counted or not read.document


TABLE = (
    Meaning(
        "placeholder",
        "拆零占位码",
        "stands for split packs: counted each time",
        lambda read: read.placeholder,
        Ruling(decisions.PASS, reasons.PLACEHOLDER),
    ),
    Meaning(
        "reread",
        "刚刚读过",
        "still before the same cradle",
        _is_reread,
        Ruling(decisions.AGAIN, reasons.REREAD),
    ),
    Meaning(
        "same document",
        "本单据已有",
        "this document has it: counted once",
        lambda read: read.counted,
        Ruling(decisions.AGAIN, reasons.SAME_DOCUMENT),
    ),
    Meaning(
        "parent and child",
        "父码与子码同单",
        "this document has a pack around it, or something in it",
        lambda read: read.covered,
        Ruling(decisions.HOLD, reasons.PARENT_AND_CHILD),
    ),
    Meaning(
        "new",
        "首次读取",
        "never seen, and no document here has a say",
        lambda read: read.state == NEW and not read.document,
        Ruling(decisions.PASS, reasons.OK),
    ),
    Meaning(
        "in turn",
        "状态允许",
        "in a state from which this document takes it: new, or back by a return, for example",
        lambda read: read.document != 0 and read.state in read.takes,
        Ruling(decisions.PASS, reasons.OK),
    ),
    Meaning(
        "other document",
        "状态不允许",
        "in a state that forbids this document",
        lambda read: read.document != 0,
        Ruling(decisions.HOLD, reasons.OTHER_DOCUMENT),
    ),
    Meaning(
        "seen before",
        "已登记",
        "booked before, and no document here says why it comes again",
        lambda read: True,
        Ruling(decisions.HOLD, reasons.SEEN_BEFORE),
    ),
)


def meaning(read: Meeting) -> Meaning:
    """Return the first row that holds."""
    for row in TABLE:
        if row.holds(read):
            return row
    raise AssertionError("the last row holds always")
