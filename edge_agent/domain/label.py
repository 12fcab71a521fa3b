"""What a label prints beside the unit's name: lot and expiry."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable

from edge_agent.domain.comparing import Goods

_LOT = b"10"
_EXPIRY = b"17"
_NOTHING = Goods()


def printed(elements: Iterable[tuple[bytes, bytes]]) -> Goods:
    """Read the elements of a label; what it does not say stays empty."""
    goods = _NOTHING
    for name, value in elements:
        if name == _LOT:
            goods = goods._replace(lot=value.decode("ascii"))
        elif name == _EXPIRY:
            goods = goods._replace(expiry=day(value))
    return goods


def day(digits: bytes) -> str:
    """Read YYMMDD, a date that the classifier has checked, as YYYY-MM-DD.

    Day 00 is the last of its month. A year is taken for one of this century.
    Source: GS1 General Specifications, sections 3.4 and 7.12.
    """
    year, month, number = 2000 + int(digits[:2]), int(digits[2:4]), int(digits[4:])
    return f"{year}-{month:02}-{number or monthrange(year, month)[1]:02}"
