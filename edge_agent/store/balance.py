"""What documents moved and counted, in smallest packs, for the stock balance."""

from __future__ import annotations

from edge_agent.domain.balance import Move
from edge_agent.domain.documents import TYPES
from edge_agent.store.driver import Tx


def moves(tx: Tx, product: str = "") -> list[Move]:
    """What the closed documents scanned, of one product or of all, in the order of their dates.

    A line that nobody counted says 0: of a stock-take that is a count like any other.
    """
    return [
        Move(at_ms, number, TYPES[type].direction, of, lot, counted)
        for at_ms, number, type, of, lot, counted in tx.execute(
            "SELECT d.at_ms, d.number, d.type, l.product, coalesce(t.lot, ''), l.counted"
            " FROM document d JOIN document_line l ON l.document = d.id"
            " LEFT JOIN lot t ON t.id = l.lot"
            " WHERE d.state = 3 AND (?1 = '' OR l.product = ?1)"
            " ORDER BY d.at_ms, d.id, l.line",
            (product,),
        )
    ]
