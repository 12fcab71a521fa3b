"""Lamp and buzzer: one pattern for each thing an operator must know, and when it may be shown.

A pattern is told from every other by its sound alone and by its light alone: nobody looks at the
lamp while unpacking, and nobody hears the buzzer beside a conveyor.
"""

from firmware.core.ports import Lamp
from protocol import decisions
from protocol.compat import const

# The first four are the decisions of the agent.
GOOD = decisions.PASS
HOLD = decisions.HOLD
REJECT = decisions.REJECT
AGAIN = decisions.AGAIN
FULL = const(5)  # not taken: nothing more fits until the agent is back
FAULT = const(6)

_HELD = const(8)

# Name; light: colour, times, milliseconds on; sound: hertz, times, milliseconds on.
TABLE = (
    None,
    ("GOOD", ("green", 1, 400), (2400, 1, 80)),
    ("HOLD", ("yellow", 2, 300), (1200, 2, 200)),
    ("REJECT", ("red", 3, 200), (500, 3, 300)),
    ("AGAIN", ("green", 2, 80), (2400, 2, 40)),
    ("FULL", ("red", 1, 2000), (500, 1, 1500)),
    ("FAULT", ("yellow", 5, 100), (1200, 5, 60)),
)


def name(pattern: int) -> str:
    """Return the pattern's name, such as GOOD."""
    row = TABLE[pattern]
    return row[0] if row else ""


class Signals:
    """Shows verdicts. It holds the rule of the house: no good signal before ``taken``."""

    def __init__(self, lamp: Lamp) -> None:
        self._lamp = lamp
        self._taken = 0
        # Records that were held before they were sent, the last few of them.
        self._held = [-1] * _HELD
        self._next = 0

    def taken(self, next_seq: int) -> None:
        """The agent has every record below ``next_seq`` on its disk."""
        self._taken = max(self._taken, next_seq)

    def may_show(self, seq: int) -> bool:
        """Say whether a verdict on the record ``seq`` may be shown."""
        return seq < self._taken

    def verdict(self, seq: int, decision: int) -> None:
        """Show the decision on record ``seq``; a decision of a newer agent is shown as HOLD."""
        if decision not in (GOOD, HOLD, REJECT, AGAIN):
            decision = HOLD
        if decision == HOLD and seq in self._held:
            return  # was shown when it was read
        self._lamp.show(decision, seq)

    def held(self, seq: int) -> None:
        """The unit of record ``seq`` may not move: shown at once, for it is no good signal."""
        self._held[self._next] = seq
        self._next = (self._next + 1) % _HELD
        self._lamp.show(HOLD, seq)

    def full(self) -> None:
        """The read before this was not taken."""
        self._lamp.show(FULL, -1)

    def fault(self) -> None:
        """The cradle itself needs a person."""
        self._lamp.show(FAULT, -1)
