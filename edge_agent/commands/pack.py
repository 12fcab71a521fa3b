"""Packs: taken from relation files, packed and unpacked by hand, replaced, split."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from edge_agent.commands import Order
from edge_agent.domain.naming import code_of
from edge_agent.domain.packs import SOURCES, Problem, Statement
from edge_agent.domain.relations import Batch, Part
from edge_agent.store import lots, packing, products
from edge_agent.store.driver import Tx
from protocol.codes import Classifier


def take(
    tx: Tx, order: Order, *, part: list[Any], source: str, file: dict[str, Any]
) -> list[Problem]:
    """Take one part of a relation file.

    Args:
        part: ``domain.relations.Part`` as JSON has it.
        source: a name in ``domain.packs.SOURCES``.
        file: what to know of the file later: name, digest, which part.
    """
    told = msgspec.convert(part, Part)
    known = products.entries(tx, (said.parent for said in told.statements))
    statements = []
    for parent, children, level, shape, at in told.statements:
        entry = known.get(parent)
        lot = _lot(tx, told.batches[at], entry.product.id if entry else "")
        statements.append(Statement(parent, tuple(children), level, lot, shape))
    number = next(one for one, (name, _, _) in SOURCES.items() if name == source)
    return packing.take(tx, order.now_ms, order.who, statements, number, "pack.import", file)


def bind(tx: Tx, order: Order, *, parent: str, children: list[str]) -> list[Problem]:
    """Say that these are in this pack."""
    (pack,), held = _keys(order, [parent]), _keys(order, children)
    return packing.bind(tx, order.now_ms, order.who, pack, held)


def unbind(tx: Tx, order: Order, *, parent: str, children: list[str]) -> list[Problem]:
    """Take these out of this pack; without any, everything."""
    (pack,), out = _keys(order, [parent]), _keys(order, children)
    return packing.unbind(tx, order.now_ms, order.who, pack, out)


def rebox(tx: Tx, order: Order, *, parent: str, children: list[str]) -> list[Problem]:
    """Put these into this pack, out of whatever they are in."""
    (pack,), moved = _keys(order, [parent]), _keys(order, children)
    return packing.rebox(tx, order.now_ms, order.who, pack, moved)


def replace(tx: Tx, order: Order, *, old: str, new: str) -> list[Problem]:
    """Give a unit another code."""
    before, after = _keys(order, [old, new])
    return packing.replace(tx, order.now_ms, order.who, before, after)


def split(tx: Tx, order: Order, *, parent: str, children: list[str]) -> list[Problem]:
    """Make these codes parts of a smallest pack."""
    (pack,), parts = _keys(order, [parent]), _keys(order, children)
    return packing.split(tx, order.now_ms, order.who, pack, parts)


def _keys(order: Order, typed: Iterable[str]) -> list[bytes]:
    classifier = Classifier(order.config.code_rules)
    return [code_of(text, classifier).key for text in typed]


def _lot(tx: Tx, batch: Batch, product: str) -> int:
    """The lot's number; the product is the table's where it knows the code, else the file's."""
    if not batch.lot:
        return 0
    return lots.lot_id(tx, product or batch.product_code, batch.lot, batch.made, batch.expiry)
