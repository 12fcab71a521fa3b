"""Stock bought before goods had to carry codes (无码库): kept apart, checked, used up in time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from edge_agent.domain.obligations import Obligation
from edge_agent.errors import AgentError


class NoCodeError(AgentError):
    """Stock without codes that cannot be registered or taken."""


class Stock(NamedTuple):
    """One delivery of one lot.

    Attributes:
        id: its number in the register.
        expiry: the last day on which it may be used.
        zone: where it is kept apart.
        quantity, remains: smallest packs, when registered and now.
        checked: number of the act of its check; 0 before.
    """

    id: int
    product: str
    lot: str
    expiry: date
    bought: date
    zone: str
    quantity: int
    remains: int
    checked: int


class Part(NamedTuple):
    """That so many smallest packs are to be taken from one entry of the register."""

    stock: Stock
    quantity: int


def require_old_enough(bound: Iterable[Obligation], product: str, bought: date) -> None:
    """Only what was bought before goods had to carry codes may be registered.

    Raises:
        NoCodeError: it was bought too late, for every rule that spares older stock.
    """
    before = [one for one in bound if one.rule.no_code_before is not None]
    days = [one.rule.no_code_before for one in before if one.rule.no_code_before is not None]
    if days and bought >= max(days):
        raise NoCodeError(
            f"product {product}, bought {bought}: must carry codes since {max(days)}"
            f" ({', '.join(dict.fromkeys(one.told() for one in before))})",
            hint="return it to the supplier; it can neither be stocked nor be paid for",
        )


def portion(stocks: Iterable[Stock], quantity: int, on: date) -> list[Part]:
    """Choose what to take, the earliest expiry first.

    Args:
        stocks: of one product.

    Raises:
        NoCodeError: there is not so much that is checked and not past its expiry.
    """
    parts = []
    left = quantity
    usable = [one for one in stocks if one.checked and one.expiry >= on and one.remains]
    for one in sorted(usable, key=lambda one: (one.expiry, one.id)):
        taken = min(left, one.remains)
        if taken:
            parts.append(Part(one, taken))
            left -= taken
    if left:
        raise NoCodeError(
            f"{quantity} wanted, {quantity - left} there without codes, checked and not expired",
            hint="`scandock nocode list` shows what there is and what waits for its check",
        )
    return parts


def must_go(stocks: Iterable[Stock], on: date, within_days: int) -> list[Stock]:
    """What expires within so many days, or has, and is still there; the most urgent first."""
    found = [one for one in stocks if one.remains and (one.expiry - on).days <= within_days]
    return sorted(found, key=lambda one: (one.expiry, one.id))
