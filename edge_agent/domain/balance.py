"""Stock balance (进销存平衡): what was counted, plus what came in, less what went out, is there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

IN = "in"
OUT = "out"
COUNT = "count"


class Move(NamedTuple):
    """That so many smallest packs of a lot were scanned in, out, or counted as stock."""

    at_ms: int
    document: str
    direction: str
    product: str
    lot: str
    quantity: int


class Balance(NamedTuple):
    """One product and lot between two counts, or since the last one; all in smallest packs.

    Attributes:
        opening: what the count before found; None if nobody counted yet: what was there when the
            first document came, nobody knows.
        counted: what the last count found; None if nobody counted since.
        until: number of the document of that count; empty likewise.
    """

    product: str
    lot: str
    opening: int | None
    came: int
    went: int
    counted: int | None
    until: str

    @property
    def stock(self) -> int:
        """What must be there; what came and went, as long as nobody counted."""
        return (self.opening or 0) + self.came - self.went

    @property
    def difference(self) -> int:
        """What was counted above what must be there; and a stock below nothing, which cannot be."""
        if self.opening is None:
            return 0
        if self.counted is not None:
            return self.counted - self.stock
        return min(self.stock, 0)

    def told(self) -> str:
        """In words."""
        there = "nobody counted since" if self.counted is None else f"counted {self.counted}"
        return (
            f"opening {self.opening or 0} + in {self.came} - out {self.went} = {self.stock},"
            f" {there}: {self.difference:+}"
        )


def balances(moves: Iterable[Move]) -> list[Balance]:
    """Work out every stretch between two counts of every lot, in order.

    Args:
        moves: in the order of time. Several lines of one count for one lot add up.
    """
    by_lot: dict[tuple[str, str], list[Move]] = {}
    for move in moves:
        by_lot.setdefault((move.product, move.lot), []).append(move)
    return [
        balance for place in sorted(by_lot) for balance in _of_lot(*place, _merged(by_lot[place]))
    ]


def disagreeing(found: Iterable[Balance]) -> list[Balance]:
    """Of each lot the newest stretch that ended with a count, or that cannot be, if it does not
    agree. An older difference is over once a later stretch agrees."""
    newest = {
        (one.product, one.lot): one for one in found if one.counted is not None or one.difference
    }
    return [one for one in newest.values() if one.difference]


def _merged(moves: list[Move]) -> list[Move]:
    """Lines of one document and direction as one move."""
    found: dict[tuple[str, str], Move] = {}
    for move in moves:
        place = (move.document, move.direction)
        before = found[place].quantity if place in found else 0
        found[place] = (found.get(place) or move)._replace(quantity=before + move.quantity)
    return list(found.values())


def _of_lot(product: str, lot: str, moves: list[Move]) -> list[Balance]:
    found = []
    opening: int | None = None
    came = went = 0
    for move in moves:
        if move.direction == IN:
            came += move.quantity
        elif move.direction == OUT:
            went += move.quantity
        else:
            until = (move.quantity, move.document)
            found.append(Balance(product, lot, opening, came, went, *until))
            opening, came, went = move.quantity, 0, 0
    return [*found, Balance(product, lot, opening, came, went, None, "")]
