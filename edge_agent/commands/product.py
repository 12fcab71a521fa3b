"""Products: what the heads of codes stand for."""

from __future__ import annotations

from typing import Any

import msgspec

from edge_agent.commands import Order
from edge_agent.domain.products import Entry
from edge_agent.store import acts, products
from edge_agent.store.driver import Tx


def learn(tx: Tx, order: Order, *, entries: list[Any], file: dict[str, Any]) -> list[Entry]:
    """Take the rows of a product table.

    Args:
        entries: ``domain.products.Entry`` as JSON has it.
        file: what to know of the file later: name and digest.

    Returns:
        what those heads meant before that mean something else now.
    """
    taken = msgspec.convert(entries, list[Entry])
    changed = products.learn(tx, taken)
    # What a head meant before stays on record: that is its older version.
    body = {"rows": len(taken), "before": msgspec.to_builtins(changed)}
    acts.append(tx, order.now_ms, order.who, "product.import", file | body)
    return changed
