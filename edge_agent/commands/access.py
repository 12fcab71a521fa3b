"""Commands about what a holder may see of our data."""

from __future__ import annotations

from edge_agent.commands import Order
from edge_agent.store import partners
from edge_agent.store.driver import Tx


def grant(tx: Tx, order: Order, *, holder: str, product: str, scope: str) -> int:
    """Let a holder see something; return the number of the authorisation."""
    return partners.grant(tx, order.now_ms, order.who, holder, product, scope)


def revoke(tx: Tx, order: Order, *, number: int, words: str) -> None:
    """Take an authorisation back."""
    partners.revoke(tx, order.now_ms, order.who, number, words)
