"""The papers that come with simulated goods: the table of products, and packing lists."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from simulator.world import DOMESTIC, IMPORTED, Label, Lot, Product

_LEVELS = {1: 0, 2: 1}  # of the heads that are no part of an SSCC: smallest packs and cases


class Listed(NamedTuple):
    """One row of a packing list: what the supplier says of one unit, which need not be so.

    Attributes:
        level: 1 is the smallest pack.
        quantity: smallest packs under the code.
    """

    label: Label
    product: Product
    lot: Lot
    level: int = 1
    quantity: int = 1


def product_table() -> str:
    """All products, as CSV for `scandock product import`."""
    heads = [
        {"head": product.heads[place], "name": product.name, "id": product.article, "level": level}
        for product in (DOMESTIC, IMPORTED)
        for level, place in _LEVELS.items()
    ]
    return _csv(heads)


def packing_list(head: Mapping[str, str], rows: Iterable[Listed]) -> str:
    """A document, as CSV for `scandock document import`.

    Args:
        head: number, type, partner, time and what else is the same in every row.
    """
    return _csv(
        {
            **head,
            "product": row.product.article,
            "lot": row.lot.number,
            "made": row.lot.made.isoformat(),
            "expiry": row.lot.expires.isoformat(),
            "code": code(row.label),
            "level": row.level,
            "code_quantity": row.quantity,
        }
        for row in rows
    )


def code(label: Label) -> str:
    """What of a label names the unit, as papers write it."""
    return label.text.partition("(17)")[0]


def _csv(rows: Iterable[Mapping[str, object]]) -> str:
    text = io.StringIO()
    writer = None
    for row in rows:
        if writer is None:
            writer = csv.DictWriter(text, list(row))
            writer.writeheader()
        writer.writerow(row)
    return text.getvalue()
