"""What the gates say about goods of one product, or about one line of a document."""

from __future__ import annotations

from collections.abc import Sequence

from edge_agent.domain import obligations
from edge_agent.domain.documents import Document, DocumentError
from edge_agent.domain.obligations import Deed, Obligation, Passage
from edge_agent.store import classes, documents, nocode
from edge_agent.store.driver import Tx


def of_product(
    tx: Tx, bound: Sequence[Obligation], deed: Deed, product: str, *, coded: bool
) -> Passage:
    """Say whether goods of a product may pass, before there is a document.

    Args:
        bound: the rules that count on that day.
        coded: whether they carry trace codes.
    """
    kinds = classes.classes(tx, [product])[product]
    return obligations.gate(bound, deed, kinds, coded=coded)


def of_line(
    tx: Tx, bound: Sequence[Obligation], deed: Deed, document: Document, line: int
) -> Passage:
    """Say whether a line may pass: all its packs were scanned, or come from the register of stock
    without codes, or need no code.

    Raises:
        DocumentError: the document has no such line.
    """
    found = next((one for one in documents.lines(tx, document.id) if one.line == line), None)
    if found is None:
        raise DocumentError(
            f"document {document.number} has no line {line}",
            hint=f"`scandock document show {document.number}` shows its lines",
        )
    registered = nocode.flagged(tx, document.number).get(line, 0)
    bought = None
    if registered and found.counted + registered >= found.quantity:
        bought = nocode.bought(tx, document.number, line)
    return obligations.gate(
        bound,
        deed,
        classes.classes(tx, [found.product])[found.product],
        coded=found.quantity > 0 and found.counted >= found.quantity,
        no_code_bought=bought,
    )
