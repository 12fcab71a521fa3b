"""Which of a receiver's requests go wrong, and how: `lost@7,500@3-5,429@*/20`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Fault(Enum):
    """What a receiver does to one request."""

    SERVER_ERROR = "500"  # nothing applied
    TOO_MANY = "429"  # nothing applied, with Retry-After
    HTML = "html"  # nothing applied, status 200 and a page for people
    LOST = "lost"  # applied, then the connection is reset without an answer
    HALF = "half"  # applied, then the connection is closed in the middle of the answer
    SLOW = "slow"  # applied, and answered late


@dataclass(frozen=True, slots=True)
class _Rule:
    fault: Fault
    first: int
    last: int
    every: int  # 0: all from first to last

    def fits(self, request: int) -> bool:
        if self.every:
            return request % self.every == 0
        return self.first <= request <= self.last


class Schedule:
    """Faults by the number of the request, counted from 1; the first rule that fits wins.

    Args:
        text: rules with commas between them: ``fault@N``, ``fault@N-M`` or ``fault@*/N`` for every
            Nth; the faults are the values of ``Fault``. Empty for none.

    Raises:
        ValueError: with the rule that is not understood.
    """

    def __init__(self, text: str) -> None:
        self._rules = [_rule(part) for part in text.split(",") if part]

    def at(self, request: int) -> Fault | None:
        """Return what shall befall ``request``, or None."""
        return next((rule.fault for rule in self._rules if rule.fits(request)), None)


def _rule(text: str) -> _Rule:
    name, _, when = text.partition("@")
    try:
        fault = Fault(name)
        if when.startswith("*/"):
            every = int(when[2:])
            if every < 1:
                raise ValueError(when)
            return _Rule(fault, 0, 0, every)
        first, _, last = when.partition("-")
        return _Rule(fault, int(first), int(last or first), 0)
    except ValueError:
        names = ", ".join(fault.value for fault in Fault)
        raise ValueError(
            f"fault rule {text!r} is not understood\n"
            f"  hint: one of {names}; then @N, @N-M or @*/N, such as lost@*/20"
        ) from None
