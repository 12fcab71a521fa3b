"""Two invoices (两票制): a hospital's goods come from the maker through one distributor at most."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

# One invoice from the maker to the distributor, one from there to the hospital.
_MOST = 2


class Invoice(NamedTuple):
    """One sale on the way of the goods."""

    number: str
    seller: str
    buyer: str


def against(invoices: Sequence[Invoice], makers: frozenset[str], buyer: str) -> list[str]:
    """Say what is wrong with the invoices that came with a delivery; nothing is right.

    Args:
        invoices: from the maker on, in the order of the sales.
        makers: of the goods: the makers themselves, and whoever counts as one.
        buyer: the site that receives them.
    """
    if not invoices:
        return ["no invoice came with the goods"]
    wrong = []
    if len(invoices) > _MOST:
        wrong.append(f"{len(invoices)} invoices; {_MOST} is the most")
    if invoices[0].seller not in makers:
        wrong.append(f"the first seller, {invoices[0].seller}, is not the maker")
    for before, after in pairwise(invoices):
        if before.buyer != after.seller:
            wrong.append(
                f"invoice {after.number} is from {after.seller}, and invoice {before.number}"
                f" went to {before.buyer}"
            )
    if invoices[-1].buyer != buyer:
        wrong.append(f"the last buyer, {invoices[-1].buyer}, is not us ({buyer})")
    numbers = [one.number for one in invoices]
    wrong += [
        f"invoice {number} stands twice"
        for number in dict.fromkeys(numbers)
        if numbers.count(number) > 1
    ]
    return wrong
