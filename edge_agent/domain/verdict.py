"""From what is known to one decision for the goods of one record.

Every label is ruled on by itself, and the worst ruling wins: REJECT, HOLD, AGAIN, PASS. Only a
label that names no unit, beside one that does, is passed over: a pack may carry its article number
beside its trace code. A damaged or unread label is not passed over, since it may have been the
trace code of another unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from edge_agent.domain.facts import UNREAD, names_a_unit
from edge_agent.domain.model import Case, Fact, Ruling
from protocol import codes, decisions, reasons

# A label that names no unit: the reason for its REJECT (None: its own), and whether it spoils a
# record that names a unit as well.
NO_UNIT: dict[int, tuple[int | None, bool]] = {
    UNREAD: (None, True),
    codes.GARBLED: (None, True),
    codes.UNKNOWN: (None, False),
    codes.EAN13_ARTICLE: (reasons.ARTICLE_NUMBER, False),
    codes.GS1_PARTIAL: (reasons.NO_SERIAL, False),
}

# No goods stand behind a report about the cradle: nothing wrong, nothing new.
FAULT = Case((), Ruling(decisions.AGAIN, reasons.CRADLE_FAULT))
# A record of a kind this agent cannot read may speak of goods: a person must look.
OTHER = Case((), Ruling(decisions.HOLD, reasons.UNKNOWN_RECORD))

_SEVERITY = {decisions.PASS: 0, decisions.AGAIN: 1, decisions.HOLD: 2, decisions.REJECT: 3}


def case(facts: Sequence[Fact]) -> Case:
    """Say what a scan says by itself.

    Args:
        facts: of its labels; at least one.
    """
    units = tuple([fact.key for fact in facts if names_a_unit(fact)])
    against = []
    for fact in facts:
        if not names_a_unit(fact):
            reason, spoils = NO_UNIT[fact.kind]
            if spoils or not units:
                against.append(Ruling(decisions.REJECT, fact.reason if reason is None else reason))
    return Case(units, worst(against) if against else None)


def worst(rulings: Iterable[Ruling]) -> Ruling:
    """Return the gravest ruling, the first of several; there is at least one."""
    return max(rulings, key=lambda ruling: _SEVERITY[ruling.decision])
