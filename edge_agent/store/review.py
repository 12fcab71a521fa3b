"""What a period was, in numbers; and what is not as it should be just now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from edge_agent.domain import kpi, obligations
from edge_agent.domain.documents import STATES
from edge_agent.domain.nocode import must_go
from edge_agent.domain.obligations import Notice, Profile
from edge_agent.domain.partners import lacking
from edge_agent.store import alerts, classes, nocode, outbox, partners, quarantine
from edge_agent.store import kpi as counts
from edge_agent.store.driver import Tx
from edge_agent.store.figures import figures
from protocol import code_rules
from protocol.code_rules import Rules

# Stock without codes is urgent when it expires within so many days.
URGENT_DAYS = 90


def period(
    tx: Tx,
    first: int,
    last: int,
    profile: Profile,
    notices: Sequence[Notice],
    receivers: Iterable[str],
    rules: Rules = code_rules.DEFAULT,
) -> dict[str, Any]:
    """The days ``first`` … ``last`` (domain.kpi.day_of) in numbers, as JSON can say them: reads,
    documents by type and state, findings by kind, acts by kind, figures with their targets."""
    times = kpi.begins_ms(first), kpi.begins_ms(last + 1)
    on = kpi.date_of(last)
    bound = obligations.in_force(profile, on, notices)
    reads = kpi.total(row.reads for row in counts.days(tx, first, last))
    return {
        "from": f"{kpi.date_of(first)}",
        "to": f"{on}",
        "reads": reads._asdict(),
        "documents": [
            {"type": type, "state": STATES[state][0], "number": number}
            for type, state, number in tx.execute(
                "SELECT type, state, count(*) FROM document WHERE at_ms >= ? AND at_ms < ?"
                " GROUP BY 1, 2 ORDER BY 1, 2",
                times,
            )
        ],
        "findings": [
            {"kind": kind, "number": number, "open": still_open}
            for kind, number, still_open in tx.execute(
                "SELECT kind, count(*), sum(settled IS NULL) FROM finding"
                " WHERE opened_ms >= ? AND opened_ms < ? GROUP BY 1 ORDER BY 1",
                times,
            )
        ],
        "acts": [
            {"what": what, "number": number}
            for what, number in tx.execute(
                "SELECT what, count(*) FROM act WHERE at_ms >= ? AND at_ms < ?"
                " GROUP BY 1 ORDER BY 1",
                times,
            )
        ],
        "figures": [one._asdict() for one in figures(tx, first, last, bound, receivers, rules)],
    }


def troubles(
    tx: Tx, now_ms: int, profile: Profile, notices: Sequence[Notice], receivers: Iterable[str]
) -> list[tuple[str, str]]:
    """What is not as it should be: kind and words. Nothing is well."""
    on = kpi.date_at(now_ms)
    found = []
    for name in receivers:
        backlog = outbox.backlog(tx, name)
        if backlog.behind or backlog.refused:
            told = f"{name}: {backlog.behind} records behind, {backlog.refused} parcels refused"
            found.append(("unsent", f"{told}; {backlog.last_answer}".rstrip("; ")))
    if outcasts := quarantine.count(tx):
        found.append(("quarantine", f"{outcasts} messages could not be booked"))
    (waiting,) = tx.execute("SELECT count(*) FROM finding WHERE settled IS NULL").fetchone()
    if waiting:
        found.append(("findings", f"{waiting} are open"))
    found += [
        ("overdue", f"alert {one.id}, {one.owner} by {one.due}: {one.detail}")
        for one in alerts.listed(tx)
        if one.overdue(on)
    ]
    found += [
        ("nocode", f"{one.product} lot {one.lot}, {one.zone}: {one.remains} expire {one.expiry}")
        for one in must_go(nocode.stocks(tx), on, URGENT_DAYS)
    ]
    for partner in partners.partners(tx):
        if missing := lacking(partner, profile, on, notices):
            found.append(("partner", f"{partner.name}: not enrolled at {', '.join(missing)}"))
    found += [
        ("real-name", f"document {number}: {product} was sold without registration")
        for number, product in classes.unregistered(tx, 0, now_ms + 1)
    ]
    return found
