"""Trees as rows of a relation file: what is known of packs, lots and products, told again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from edge_agent.domain.packs import MIXED_PARTIAL, WHOLE
from edge_agent.domain.relations import Batch, Row
from edge_agent.domain.written import written
from edge_agent.store import lots, packs, products
from edge_agent.store.driver import Tx


def rows(tx: Tx, keys: Iterable[bytes]) -> Iterator[Row]:
    """Yield each pack of ``keys``, and all in it: a pack, then what it holds.

    A level that nobody said is 1 for what holds nothing and 0 otherwise; parts of a split pack are
    left out, because such a file has no level for them.
    """
    for key in keys:
        yield from _rows(tx, key, "", None, Batch())


def _rows(tx: Tx, key: bytes, parent: str, shape: int | None, around: Batch) -> Iterator[Row]:
    pack = packs.packs(tx, (key,)).get(key)
    batch = _batch(tx, key, pack.lot) if pack and pack.lot else around
    own = pack.shape if pack and pack.shape <= MIXED_PARTIAL else WHOLE
    code = written(key)
    yield Row(0, code, pack.level if pack else 1, parent, own if shape is None else shape, batch)
    if pack and pack.level != 1:
        for child in packs.children(tx, (key,)).get(key, ()):
            yield from _rows(tx, child, code, own, batch)


def _batch(tx: Tx, key: bytes, lot: int) -> Batch:
    found = lots.lots(tx, (lot,))[lot]
    entry = products.entries(tx, (key,)).get(key)
    return Batch(
        product_code=found.product,
        cascade=entry.ratio if entry else "",
        spec=entry.product.pack if entry else "",
        comment="0",
        lot=found.lot,
        made=found.made,
        expiry=found.expiry,
    )
