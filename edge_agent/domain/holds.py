"""What may not move: single units, lots, whole products, each with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from protocol import reasons

UNIT = 1
LOT = 2
PRODUCT = 3

SCOPE_NAMES = {UNIT: "unit", LOT: "lot", PRODUCT: "product"}

# What a person may place by hand. REFLUX_SUSPECT comes from the reflux check, and goes with it.
PLACEABLE = {
    "recalled": reasons.RECALLED,
    "sealed": reasons.SEALED,
    "cancelled": reasons.CANCELLED,
}


class Hold(NamedTuple):
    """One of them.

    Attributes:
        what: key of the unit; id of the lot, or of the product, as text in UTF-8.
        reason: of protocol.reasons.
        placed: number of the act that placed it.
        released: number of the act that ended it; 0 while it is in force.
    """

    id: int
    scope: int
    what: bytes
    reason: int
    placed: int
    released: int


class Holds(NamedTuple):
    """All that is in force, in the form in which a scan asks for it.

    Attributes:
        version: number of the newest act that placed or released one; it only rises.
        units, lots, products: the reason for each key, lot id and product id.
        newest_lot: the highest id of a lot when this was gathered.
    """

    version: int
    units: Mapping[bytes, int]
    lots: Mapping[int, int]
    products: Mapping[str, int]
    newest_lot: int = 0

    def on(self, keys: Iterable[bytes], lots: Iterable[int], product: str) -> int:
        """Return the reason why a unit may not move; OK if it may.

        Args:
            keys: of the unit itself and of the packs around it: what holds a pallet holds all
                that is on it.
            lots: ids of those that anybody says it is of.
            product: id; empty if nobody knows.
        """
        if self.units:
            for key in keys:
                if key in self.units:
                    return self.units[key]
        for lot in lots:
            if lot in self.lots:
                return self.lots[lot]
        return self.products.get(product, reasons.OK)


NOTHING_HELD = Holds(0, {}, {}, {})
