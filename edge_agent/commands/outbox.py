"""Commands about what receivers were told: have it tried again, and book where lists differ."""

from __future__ import annotations

from edge_agent.commands import Order
from edge_agent.domain import kpi
from edge_agent.errors import AgentError
from edge_agent.store import acts, alerts, outbox
from edge_agent.store.driver import Tx
from edge_agent.store.outbox import Dead, Settled


def retry(tx: Tx, order: Order, *, receiver: str, first: int) -> int:
    """Have dead letters tried again; return how many.

    Args:
        first: the first record of their parcel; 0 for all of the receiver.

    Raises:
        AgentError: there is none that is not to be tried again already.
    """
    wanted = outbox.redrive(tx, receiver, first)
    if not wanted:
        raise nothing_dead(tx, receiver, first)
    body = {"receiver": receiver, "letters": [place(one) for one in wanted]}
    acts.append(tx, order.now_ms, order.who, "outbox.retry", body)
    return len(wanted)


def reconcile(
    tx: Tx, order: Order, *, receiver: str, since_ms: int, has: dict[str, bool]
) -> list[str]:
    """Compare what was settled since then with what the receiver says it has; raise an alert for
    each difference and return them in words.

    Args:
        has: its answer, by key of the parcel; what it cannot say of is not in it.
    """
    asked = [one for one in outbox.settled(tx, receiver, since_ms) if one.key in has]
    found = []
    for one in asked:
        if why := _difference(one, has[one.key]):
            about = f"{receiver}/{one.first}-{one.last}"
            found.append(f"{about}: {why}")
            on = kpi.date_at(order.now_ms)
            alerts.raise_alert(tx, order.now_ms, order.who, "upstream", about, why, order.who, on)
    body = {"receiver": receiver, "since_ms": since_ms, "asked": len(asked), "differ": found}
    acts.append(tx, order.now_ms, order.who, "outbox.reconcile", body)
    return found


def place(one: Dead) -> str:
    """Say which dead letter, such as ``11-20`` or ``11-20 record 13``."""
    parcel = f"{one.first}-{one.last}"
    return f"{parcel} record {one.number}" if one.number else parcel


def nothing_dead(tx: Tx, receiver: str, first: int) -> AgentError:
    """Why there is nothing to try again."""
    known = outbox.receivers(tx)
    if receiver not in known:
        return AgentError(
            f'no receiver "{receiver}" was ever told anything',
            hint=f"known are {', '.join(known)}" if known else "agent.toml names none",
        )
    if outbox.dead(tx, receiver, first):
        return AgentError(
            f"{receiver}: all of that is to be tried again already",
            hint="`scandock outbox list` shows what became of it",
        )
    what = f" in the parcel that begins with record {first}" if first else ""
    return AgentError(
        f"{receiver}: no dead letter{what}", hint="`scandock outbox list` shows those there are"
    )


def _difference(ours: Settled, has: bool) -> str:
    if ours.state == outbox.DELIVERED and not has:
        return "we were told that it took the parcel, and it has not got it"
    if ours.state == outbox.REFUSED and has:
        return "the parcel was set aside here, and it has it"
    return ""
