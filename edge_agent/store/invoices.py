"""The invoices that came with each receipt."""

from __future__ import annotations

from collections.abc import Sequence

from edge_agent.domain.invoices import Invoice
from edge_agent.store import acts
from edge_agent.store.driver import Tx


def put(tx: Tx, now_ms: int, who: str, document: str, invoices: Sequence[Invoice]) -> None:
    """Write the invoices of a document, by its number, in place of those before."""
    told = [one._asdict() for one in invoices]
    acts.append(tx, now_ms, who, "invoice.put", {"document": document, "invoices": told})
    tx.execute("DELETE FROM invoice WHERE document = ?", (document,))
    tx.executemany(
        "INSERT INTO invoice VALUES (?, ?, ?, ?, ?)",
        [(document, place, *one) for place, one in enumerate(invoices, 1)],
    )


def invoices(tx: Tx, document: str) -> list[Invoice]:
    """Those of a document, from the maker on."""
    return [
        Invoice(*row)
        for row in tx.execute(
            "SELECT number, seller, buyer FROM invoice WHERE document = ? ORDER BY place",
            (document,),
        )
    ]
