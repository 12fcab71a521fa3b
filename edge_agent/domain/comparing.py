"""Goods against document: where goods belong, and what a whole document lacks at its end.

"" and 0 mean that nobody knows, and what is not known differs from nothing. Quantities are in
smallest packs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from edge_agent.domain.documents import BY_NOTHING, IN, TYPES


class Goods(NamedTuple):
    """What is said of a unit. ``level`` counts from the bottom, 1 is the smallest pack."""

    product: str = ""
    lot: str = ""
    expiry: str = ""
    level: int = 0


class Line(NamedTuple):
    """One line of a document.

    Attributes:
        line: its number, from 1.
        lot: as printed.
        expiry, made: YYYY-MM-DD.
        lot_id: the store's number for the lot; 0 if the line names none.
    """

    line: int
    product: str
    lot: str
    expiry: str
    quantity: int
    counted: int
    made: str = ""
    lot_id: int = 0


class Difference(NamedTuple):
    """One thing in which goods and document differ. ``key`` is empty where no code is meant."""

    kind: str
    line: int
    key: bytes
    expected: int
    counted: int

    @property
    def detail(self) -> str:
        return f"line {self.line}: {self.counted} of {self.expected}"


class Lack(NamedTuple):
    """A code that a document expects and that is not, or not wholly, counted: ``counted`` of its
    ``quantity`` were scanned one by one."""

    key: bytes
    line: int
    quantity: int
    counted: int


def place(lines: Sequence[Line], found: Goods, quantity: int) -> tuple[int, str]:
    """Find the line that goods without an expected code belong to.

    Returns:
        its number, 0 if there is none; and the kind of finding, "" if it is simply right.
    """
    of_product = [line for line in lines if found.product and line.product == found.product]
    if not of_product:
        return 0, "not_in_document"
    of_lot = [line for line in of_product if _alike(line.lot, found.lot)]
    if not of_lot:
        return of_product[0].line, "lot_differs"
    of_expiry = [line for line in of_lot if _alike(line.expiry, found.expiry)]
    if not of_expiry:
        return of_lot[0].line, "expiry_differs"
    for line in of_expiry:
        if line.counted + quantity <= line.quantity:
            return line.line, ""
    return of_expiry[0].line, "surplus"


def at_end(
    type_name: str, mode: int, lines: Iterable[Line], lacks: Iterable[Lack]
) -> list[Difference]:
    """Say what a document lacks, or has too much of, if it ended now.

    Args:
        lacks: every expected code that is not wholly counted.
    """
    found = [
        Difference("missing", lack.line, lack.key, lack.quantity, lack.counted) for lack in lacks
    ]
    told: dict[int, int] = {}
    for one in found:
        told[one.line] = told.get(one.line, 0) + one.expected - one.counted
    for line in lines:
        # What is missing by code is not missing a second time by number.
        short = line.quantity - line.counted - told.get(line.line, 0)
        if short > 0:
            found.append(Difference("missing", line.line, b"", line.quantity, line.counted))
        elif short < 0 and line.counted > line.quantity:
            found.append(Difference("surplus", line.line, b"", line.quantity, line.counted))
    if lacks_source(type_name, mode):
        found.append(Difference("upstream_missing", 0, b"", 0, 0))
    return found


def lacks_source(type_name: str, mode: int) -> bool:
    """Say whether goods come in from somebody who told nothing about them."""
    of = TYPES[type_name]
    return mode == BY_NOTHING and of.direction == IN and of.partner


def _alike(one: str, other: str) -> bool:
    return not one or not other or one == other
