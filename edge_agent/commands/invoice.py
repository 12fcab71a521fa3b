"""Commands about invoices: those of a receipt, and whether they are two at most."""

from __future__ import annotations

from typing import Any

from edge_agent.commands import Order
from edge_agent.domain import invoices as rule
from edge_agent.domain import kpi
from edge_agent.domain.invoices import Invoice
from edge_agent.store import alerts, documents, invoices
from edge_agent.store.driver import Tx


def put(
    tx: Tx,
    order: Order,
    *,
    document: str,
    chain: list[dict[str, Any]],
    makers: list[str],
    buyer: str,
    owner: str,
) -> list[str]:
    """Write the invoices of a document; what is wrong with them is told, and raises an alert.

    Args:
        chain: from the maker on: number, seller, buyer.
        owner: who must look at the alert; empty: who gave the order.

    Raises:
        DocumentError: there is no such document.
    """
    documents.named(tx, document)
    told = [Invoice(**one) for one in chain]
    invoices.put(tx, order.now_ms, order.who, document, told)
    wrong = rule.against(told, frozenset(makers), buyer)
    if wrong:
        alerts.raise_alert(
            tx,
            order.now_ms,
            order.who,
            "two-invoices",
            document,
            "; ".join(wrong),
            owner or order.who,
            kpi.date_at(order.now_ms),
        )
    return wrong
