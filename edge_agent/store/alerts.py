"""Alerts: raised once for each thing, closed by a person with a cause and what was done."""

from __future__ import annotations

from datetime import date

from edge_agent.domain import alerts
from edge_agent.domain.alerts import Alert
from edge_agent.errors import AgentError
from edge_agent.store import acts
from edge_agent.store.driver import Tx


def raise_alert(
    tx: Tx, now_ms: int, who: str, kind: str, about: str, detail: str, owner: str, on: date
) -> int:
    """Raise an alert and return its number. One that is open already is not raised twice."""
    found = tx.execute(
        "SELECT id FROM alert WHERE kind = ? AND about = ? AND closed IS NULL", (kind, about)
    ).fetchone()
    if found:
        return int(found[0])
    due = f"{alerts.due(kind, on)}"
    body = {"kind": kind, "about": about, "detail": detail, "owner": owner, "due": due}
    act = acts.append(tx, now_ms, who, "alert.raise", body)
    (number,) = tx.execute(
        "INSERT INTO alert (kind, about, detail, owner, due, raised) VALUES (?, ?, ?, ?, ?, ?)"
        " RETURNING id",
        (kind, about, detail, owner, due, act),
    ).fetchone()
    return int(number)


def close(tx: Tx, now_ms: int, who: str, number: int, cause: str, done: str) -> None:
    """End an alert.

    Raises:
        AgentError: there is none open of this number, or neither cause nor deed is told.
    """
    found = tx.execute("SELECT 1 FROM alert WHERE id = ? AND closed IS NULL", (number,)).fetchone()
    if not found:
        raise AgentError(
            f"alert {number} is not open", hint="`scandock alert list` shows those that are"
        )
    if not cause or not done:
        raise AgentError(
            f"alert {number}: no {'cause' if not cause else 'deed'} is told",
            hint="say why it came to that, and what was done about it",
        )
    body = {"alert": number, "cause": cause, "done": done}
    act = acts.append(tx, now_ms, who, "alert.close", body)
    tx.execute("UPDATE alert SET closed = ? WHERE id = ?", (act, number))


def listed(tx: Tx, *, also_closed: bool = False) -> list[Alert]:
    """Those that are open, or all, the most urgent first."""
    return [
        Alert(id, kind, about, detail, owner, date.fromisoformat(due), raised, closed)
        for id, kind, about, detail, owner, due, raised, closed in tx.execute(
            "SELECT id, kind, about, detail, owner, due, raised, coalesce(closed, 0) FROM alert"
            " WHERE closed IS NULL OR ? ORDER BY due, id",
            (int(also_closed),),
        )
    ]
