"""Commands about partners: who they are, and where they are enrolled."""

from __future__ import annotations

from datetime import date

from edge_agent.commands import Order
from edge_agent.store import partners
from edge_agent.store.driver import Tx


def put(tx: Tx, order: Order, *, number: str, name: str, role: str) -> None:
    """Write a partner, or what is now known of him."""
    partners.put(tx, order.now_ms, order.who, number, name, role)


def enrol(tx: Tx, order: Order, *, number: str, platform: str, since: str) -> None:
    """File that a partner is enrolled at a platform since a day, YYYY-MM-DD."""
    day = date.fromisoformat(since)
    partners.enrol(tx, order.now_ms, order.who, number, platform, day)
