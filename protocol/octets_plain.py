"""What the inner loops of this room mean: octet by octet, on any interpreter.

Each check returns how far it came: ``stop`` if ``data[at:stop]`` is right; a place before it that
is wrong; a place beyond it if octets are missing. ``protocol.octets`` chooses the quickest form.
"""

from protocol.compat import const
from protocol.octets_tables import DAYS, SET82

_ZERO = const(0x30)
_NINE = const(0x39)


def find(data: bytes, octet: int, at: int, stop: int) -> int:
    """Return the first place of ``octet`` in ``data[at:stop]``, or ``stop``."""
    while at < stop and data[at] != octet:
        at += 1
    return at


def same(data: bytes, at: int, stop: int, other: int) -> bool:
    """Say whether ``data[at:stop]`` stands at ``other`` as well."""
    while at < stop:
        if data[at] != data[other]:
            return False
        at += 1
        other += 1
    return True


def past_digits(data: bytes, at: int, stop: int) -> int:
    """ASCII digits."""
    while at < stop and _ZERO <= data[at] <= _NINE:
        at += 1
    return at


def past_set82(data: bytes, at: int, stop: int) -> int:
    """Characters of GS1's set 82."""
    while at < stop:
        place = data[at] - 0x20
        if not (0 <= place < 96 and SET82[place >> 3] >> (place & 7) & 1):
            return at
        at += 1
    return at


def past_key(data: bytes, at: int, stop: int) -> int:
    """Digits, the last of them the check digit of those before it.

    Source: GS1 General Specifications, section 7.9.1: weights 3, 1, 3, … from the right.
    """
    end = past_digits(data, at, stop)
    if end < stop:
        return end
    total = 0
    weight = 1
    place = stop
    while place > at:
        place -= 1
        total += (data[place] - _ZERO) * weight
        weight = 4 - weight
    return stop if total % 10 == 0 else stop - 1


def past_date(data: bytes, at: int, stop: int) -> int:
    """YYMMDD, six digits; DD may be 00 for the month as a whole."""
    end = past_digits(data, at, stop)
    if end < stop:
        return end
    month = (data[at + 2] - _ZERO) * 10 + data[at + 3] - _ZERO
    if not 1 <= month <= 12:
        return at + 2
    day = (data[at + 4] - _ZERO) * 10 + data[at + 5] - _ZERO
    year = data[at] * 10 + data[at + 1] - 11 * _ZERO
    if day > DAYS[month - 1] or (month == 2 and day == 29 and year % 4):
        return at + 4
    return stop
