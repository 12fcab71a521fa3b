"""What products are in the eyes of the notices: exempt, special, sold by name only."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from edge_agent.domain.obligations import WORDS
from edge_agent.errors import ConfigError
from edge_agent.store import acts
from edge_agent.store.driver import Tx


def classify(tx: Tx, now_ms: int, who: str, product: str, classes: Collection[str]) -> None:
    """Say what ``product`` is; what was said before no longer counts.

    Args:
        classes: of domain.obligations.Class; none: an ordinary product.

    Raises:
        ConfigError: no such class.
    """
    for one in sorted(classes):
        if one not in WORDS["products"]:
            raise ConfigError(
                f'product {product}: no class "{one}"',
                hint=f"known: {', '.join(WORDS['products'])}",
            )
    body = {"product": product, "classes": sorted(classes)}
    act = acts.append(tx, now_ms, who, "product.classify", body)
    tx.execute("DELETE FROM product_class WHERE product = ?", (product,))
    tx.executemany(
        "INSERT INTO product_class VALUES (?, ?, ?)", [(product, one, act) for one in set(classes)]
    )


def classes(tx: Tx, products: Iterable[str]) -> dict[str, frozenset[str]]:
    """The classes of each of ``products``; an ordinary one has none."""
    return {
        product: frozenset(
            one
            for (one,) in tx.execute(
                "SELECT class FROM product_class WHERE product = ?", (product,)
            )
        )
        for product in set(products)
    }


def products(tx: Tx) -> dict[str, list[str]]:
    """Every product that has classes, with them."""
    found: dict[str, list[str]] = {}
    for product, one in tx.execute("SELECT product, class FROM product_class ORDER BY 1, 2"):
        found.setdefault(product, []).append(one)
    return found


def unregistered(tx: Tx, first_ms: int, until_ms: int) -> list[tuple[str, str]]:
    """Sales of what is sold by name only that carry no registration: document and product.

    Args:
        first_ms, until_ms: dates of the documents; UTC, milliseconds since 1970, end excluded.
    """
    return tx.execute(
        "SELECT DISTINCT d.number, l.product FROM document d"
        " JOIN document_line l ON l.document = d.id"
        " JOIN product_class c ON c.product = l.product AND c.class = 'real-name'"
        " WHERE d.at_ms >= ? AND d.at_ms < ? AND d.person = ''"
        " AND d.type IN ('retail_sale', 'internet_order', 'dispensing') AND d.state <> 4"
        " ORDER BY 1, 2",
        (first_ms, until_ms),
    ).fetchall()


def registrations(tx: Tx, key: bytes) -> list[tuple[str, str]]:
    """The sales that counted a unit: document, and the registration number that it carries."""
    return tx.execute(
        "SELECT d.number, d.person FROM counted c JOIN document d ON d.id = c.document"
        " WHERE c.key = ? AND d.person <> '' ORDER BY c.number",
        (key,),
    ).fetchall()
