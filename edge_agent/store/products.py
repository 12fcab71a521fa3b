"""The table of products on disk: which product, on which level, a code's head stands for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, replace
from typing import Any

from edge_agent.domain.products import Entry, Product, Products, Scheme
from edge_agent.domain.written import head_of
from edge_agent.store.driver import Tx

_SELECT = (
    "SELECT h.scheme, h.head, h.level, h.ratio, p.id, p.name, p.spec, p.pack, p.maker, p.approval"
    " FROM product_prefix h JOIN product p ON p.id = h.product"
)


def learn(tx: Tx, entries: Iterable[Entry]) -> list[Entry]:
    """Write entries; a head that is there already gets its new meaning.

    A product without a number of its source is given the first of its heads as id.

    Returns:
        the entries whose heads meant something else before, as they were.
    """
    changed = []
    ids: dict[Product, str] = {}
    for entry in sorted(entries, key=lambda entry: (entry.scheme.value, entry.head)):
        if not entry.product.id:
            given = ids.setdefault(entry.product, entry.head)
            entry = replace(entry, product=replace(entry.product, id=given))  # noqa: PLW2901
        known = _entry(tx, (entry.scheme, entry.head))
        if known is not None and known != entry:
            changed.append(known)
        tx.execute(
            "INSERT INTO product VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
            " name = excluded.name, spec = excluded.spec, pack = excluded.pack,"
            " maker = excluded.maker, approval = excluded.approval",
            astuple(entry.product),
        )
        tx.execute(
            "INSERT OR REPLACE INTO product_prefix VALUES (?, ?, ?, ?, ?)",
            (entry.scheme.value, entry.head, entry.product.id, entry.level or 0, entry.ratio),
        )
    return changed


def table(tx: Tx) -> Products:
    """Return the whole table."""
    return Products(
        _read(row) for row in tx.execute(f"{_SELECT} ORDER BY p.id, h.level DESC, h.head")
    )


def entries(tx: Tx, keys: Iterable[bytes]) -> dict[bytes, Entry]:
    """Return what the table says of units. Only of trace codes and GTINs: other keys do not tell
    their head, and take ``table`` and the label."""
    by_head: dict[tuple[Scheme, str], Entry | None] = {}
    found = {}
    for key in keys:
        head = head_of(key)
        if head is None:
            continue
        if head not in by_head:
            by_head[head] = _entry(tx, head)
        entry = by_head[head]
        if entry is not None:
            found[key] = entry
    return found


def _entry(tx: Tx, head: tuple[Scheme, str]) -> Entry | None:
    scheme, text = head
    row = tx.execute(
        f"{_SELECT} WHERE h.scheme = ? AND h.head = ?", (scheme.value, text)
    ).fetchone()
    return _read(row) if row else None


def _read(row: Any) -> Entry:
    scheme, head, level, ratio, *product = row
    return Entry(Scheme(scheme), head, Product(*product), level or None, ratio)
