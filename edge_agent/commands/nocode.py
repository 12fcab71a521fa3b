"""Commands about stock without codes."""

from __future__ import annotations

from datetime import date
from typing import Any

from edge_agent.commands import Order
from edge_agent.domain import kpi, nocode, obligations
from edge_agent.domain.nocode import Stock
from edge_agent.store import nocode as register
from edge_agent.store.driver import Tx


def add(
    tx: Tx,
    order: Order,
    *,
    product: str,
    lot: str,
    expiry: str,
    bought: str,
    zone: str,
    quantity: int,
) -> int:
    """Register a delivery that was bought before goods had to carry codes; return its number."""
    on = kpi.date_at(order.now_ms)
    bound = obligations.in_force(order.config.profile, on, obligations.shipped())
    stock = Stock(
        0,
        product,
        lot,
        date.fromisoformat(expiry),
        date.fromisoformat(bought),
        zone,
        quantity,
        0,
        0,
    )
    nocode.require_old_enough(bound, product, stock.bought)
    return register.add(tx, order.now_ms, order.who, stock)


def check(tx: Tx, order: Order, *, number: int, words: str) -> None:
    """File that an entry was checked."""
    register.check(tx, order.now_ms, order.who, number, words)


def take(
    tx: Tx, order: Order, *, product: str, quantity: int, document: str, line: int
) -> list[dict[str, Any]]:
    """Take stock for a line of a sale; tell what to fetch from where."""
    parts = register.take(
        tx,
        order.now_ms,
        order.who,
        product,
        quantity,
        document,
        line,
        kpi.date_at(order.now_ms),
    )
    return [
        {"zone": part.stock.zone, "lot": part.stock.lot, "quantity": part.quantity}
        for part in parts
    ]
