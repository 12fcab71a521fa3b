"""Commands about alerts: look for them, and close them."""

from __future__ import annotations

from typing import Any

from edge_agent.commands import Order
from edge_agent.domain import kpi
from edge_agent.domain.balance import balances, disagreeing
from edge_agent.store import alerts
from edge_agent.store import balance as stock
from edge_agent.store.driver import Tx


def balance(tx: Tx, order: Order, *, product: str, owner: str) -> list[dict[str, Any]]:
    """Raise an alert for each lot whose stock and movements do not agree; tell them."""
    found = []
    for one in disagreeing(balances(stock.moves(tx, product))):
        number = alerts.raise_alert(
            tx,
            order.now_ms,
            order.who,
            "balance",
            f"{one.product}/{one.lot}",
            one.told(),
            owner or order.who,
            kpi.date_at(order.now_ms),
        )
        found.append({"alert": number, "about": f"{one.product}/{one.lot}", "detail": one.told()})
    return found


def close(tx: Tx, order: Order, *, number: int, cause: str, done: str) -> None:
    """End an alert."""
    alerts.close(tx, order.now_ms, order.who, number, cause, done)
