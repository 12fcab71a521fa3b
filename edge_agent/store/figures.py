"""The figures of a period, put together: each rate, its target by the rules, and whether it is met.

What counts as moved: the documents dated in the period, but not those given up, counts of stock,
and deliveries that were announced and not begun. A sale that the host told of and nobody scanned
counts: that is what the rate is there to show.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from edge_agent.domain import kpi, obligations, states
from edge_agent.domain.documents import CANCELLED, COUNT, EXPECTED, IN, TYPES
from edge_agent.domain.kpi import Movement, Rate
from edge_agent.domain.obligations import Duty, Obligation
from edge_agent.store import classes
from edge_agent.store import kpi as rows_of
from edge_agent.store.driver import Tx
from protocol import code_rules
from protocol.code_rules import Rules

# The name of the scan rate for each thing that goods are scanned for.
_SCANNED: dict[Duty, str] = {
    "scan-in": "scan-in",
    "scan-out": "scan-out",
    "collect": "scan-collect",
}
# Those that have figures of their own, beside all goods.
KEY_VARIETIES = ("narcotic", "psychotropic", "botulinum-a", "vaccine", "central-purchase")


class Figure(NamedTuple):
    """One rate.

    Attributes:
        name: read, scan-in, scan-out, scan-collect, collect or upload.
        of: the cradle, the receiver, the class of goods; empty: all goods.
        target: percent; None if no rule sets one.
    """

    name: str
    of: str
    part: int
    whole: int
    percent: float | None
    target: int | None = None
    reached: bool | None = None


def figures(
    tx: Tx,
    first: int,
    last: int,
    bound: Sequence[Obligation],
    receivers: Iterable[str],
    rules: Rules = code_rules.DEFAULT,
) -> list[Figure]:
    """Work out the days ``first`` … ``last`` (domain.kpi.day_of).

    Args:
        bound: the rules that count, as of the last day.
        receivers: names of those who are told what was scanned.
        rules: of codes, as in the settings.
    """
    by_device: dict[str, kpi.Reads] = {}
    for row in rows_of.days(tx, first, last):
        by_device[row.device] = by_device.get(row.device, kpi.Reads()).plus(row.reads)
    found = [_figure("read", device, reads.rate()) for device, reads in by_device.items()]
    moved = movements(tx, first, last, bound)
    for of in ("", *KEY_VARIETIES):
        some = [one for one in moved if not of or of in one.classes]
        kind = frozenset({of} if of else ())
        for duty, name in _SCANNED.items():
            rate = kpi.scan_rate(one for one in some if one.duty == duty)
            if rate.whole:
                target = obligations.target(bound, duty, kind)
                found.append(_figure(name, of, rate, target))
        rate = kpi.collection_rate(some)
        if rate.whole:
            found.append(_figure("collect", of, rate, obligations.target(bound, "collect", kind)))
    upload = obligations.target(bound, "upload", frozenset())
    for name in receivers:
        rate = rows_of.uploads(tx, name, first, last, rules)
        found.append(_figure("upload", name, rate, upload))
    return found


def movements(tx: Tx, first: int, last: int, bound: Sequence[Obligation]) -> list[Movement]:
    """The lines of the documents that moved goods in the period."""
    lines = tx.execute(
        "SELECT d.type, d.state, l.product, l.quantity, l.counted,"
        " coalesce((SELECT sum(t.quantity) FROM nocode_taken t"
        " WHERE t.document = d.number AND t.line = l.line), 0)"
        " FROM document d JOIN document_line l ON l.document = d.id"
        " WHERE d.at_ms >= ? AND d.at_ms < ? AND d.state <> ?",
        (kpi.begins_ms(first), kpi.begins_ms(last + 1), CANCELLED),
    ).fetchall()
    kinds = classes.classes(tx, {line[2] for line in lines})
    found = []
    for type, state, product, quantity, counted, no_code in lines:
        duty = duty_of(type)
        if duty and not (state == EXPECTED and TYPES[type].direction == IN):
            of = kinds[product]
            exempt = obligations.exempt(bound, duty, of)
            found.append(Movement(duty, quantity, counted, of, exempt, no_code))
    return found


def duty_of(type: str) -> Duty | None:
    """What a document of this type is scanned for; None if nothing moves."""
    if TYPES[type].direction == COUNT:
        return None
    if TYPES[type].gives == states.DISPENSED:
        return "collect"
    return "scan-in" if TYPES[type].direction == IN else "scan-out"


def _figure(name: str, of: str, rate: Rate, target: int | None = None) -> Figure:
    return Figure(name, of, *rate, rate.percent(), target, rate.reaches(target))
