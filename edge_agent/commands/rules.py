"""Commands about rules: what a product is in the eyes of the notices."""

from __future__ import annotations

from edge_agent.commands import Order
from edge_agent.store import classes
from edge_agent.store.driver import Tx


def classify(tx: Tx, order: Order, *, product: str, kinds: list[str]) -> None:
    """Say what classes a product has; what was said before no longer counts."""
    classes.classify(tx, order.now_ms, order.who, product, kinds)
