"""What a transaction leaves behind of each unit beside its state: the records that speak of it, so
that its life can be told, and the lot that its label prints, so that a recall finds it."""

from __future__ import annotations

from collections.abc import Iterator

from edge_agent.domain.comparing import Goods
from edge_agent.store import codes, lots, products, recalls
from edge_agent.store.driver import Tx


class Traces:
    """For one transaction."""

    def __init__(self) -> None:
        self._met: list[tuple[bytes, int]] = []
        self._printed: dict[bytes, Goods] = {}

    def meet(self, key: bytes, number: int, printed: Goods, *, is_first: bool) -> None:
        """The record ``number`` speaks of a unit.

        Args:
            is_first: it is the one it first passed with, which the unit itself names.
        """
        if not is_first:
            self._met.append((key, number))
        if printed.lot:
            self._printed[key] = printed

    def write(self, tx: Tx) -> None:
        """Write all of it."""
        codes.write_met(tx, self._met)
        if self._printed:
            recalls.note_printed(tx, self._lots(tx))

    def _lots(self, tx: Tx) -> Iterator[tuple[int, bytes]]:
        """The lots that labels print, by id, each with the key of its unit."""
        of = products.entries(tx, self._printed)
        ids: dict[tuple[str, str, str], int] = {}
        for key, goods in self._printed.items():
            product = of[key].product.id if key in of else ""
            lot = (product, goods.lot, goods.expiry)
            if lot not in ids:
                ids[lot] = lots.lot_id(tx, product, goods.lot, expiry=goods.expiry)
            yield ids[lot], key
