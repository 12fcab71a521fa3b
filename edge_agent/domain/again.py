"""What it means that a unit is read: the first row of the table that holds says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from edge_agent.domain.model import Ruling, Sighting
from protocol import decisions, reasons


@dataclass(frozen=True, slots=True)
class Meaning:
    """One thing that a read can mean.

    Attributes:
        holds: asked of the last sighting of the unit (None: never seen), the boot that reads it
            now, its clock in ms, and within how many ms its reads of one unit are one read.
    """

    name: str
    holds: Callable[[Sighting | None, int, int, int], bool]
    ruling: Ruling


def _is_reread(last: Sighting | None, boot: int, at_ms: int, reread_ms: int) -> bool:
    # Compared by the cradle's own clock, which neither an outage of ours nor a clock set anew can
    # bend; so after a power-up of the cradle a unit counts as seen before, and a person looks.
    return last is not None and last.boot == boot and abs(at_ms - last.at_ms) <= reread_ms


def _is_new(last: Sighting | None, boot: int, at_ms: int, reread_ms: int) -> bool:
    return last is None


def _always(last: Sighting | None, boot: int, at_ms: int, reread_ms: int) -> bool:
    return True


TABLE = (
    Meaning("new", _is_new, Ruling(decisions.PASS, reasons.OK)),
    Meaning("reread", _is_reread, Ruling(decisions.AGAIN, reasons.REREAD)),
    Meaning("seen before", _always, Ruling(decisions.HOLD, reasons.SEEN_BEFORE)),
)


def meaning(last: Sighting | None, boot: int, at_ms: int, reread_ms: int) -> Meaning:
    """Return the first row that holds."""
    for row in TABLE:
        if row.holds(last, boot, at_ms, reread_ms):
            return row
    raise AssertionError("the last row holds always")
