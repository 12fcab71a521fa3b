"""The inner loops in machine code. Only MicroPython reads this, where it has an emitter for it."""

# mypy: ignore-errors
# ruff: noqa: F821  # ptr8 is a word of that compiler
import micropython

from protocol.octets_tables import DAYS, SET82


@micropython.viper
def find(data, octet: int, at: int, stop: int) -> int:
    octets = ptr8(data)
    while at < stop and octets[at] != octet:
        at += 1
    return at


@micropython.viper
def same(data, at: int, stop: int, other: int) -> bool:
    octets = ptr8(data)
    while at < stop:
        if octets[at] != octets[other]:
            return False
        at += 1
        other += 1
    return True


@micropython.viper
def past_digits(data, at: int, stop: int) -> int:
    octets = ptr8(data)
    while at < stop and 0x30 <= octets[at] and octets[at] <= 0x39:
        at += 1
    return at


@micropython.viper
def past_set82(data, at: int, stop: int) -> int:
    octets = ptr8(data)
    allowed = ptr8(SET82)
    while at < stop:
        place = octets[at] - 0x20
        if place < 0 or place >= 96 or not allowed[place >> 3] >> (place & 7) & 1:
            return at
        at += 1
    return at


@micropython.viper
def past_key(data, at: int, stop: int) -> int:
    octets = ptr8(data)
    total = 0
    weight = 3 if (stop - at) & 1 == 0 else 1
    while at < stop:
        digit = octets[at] - 0x30
        if digit < 0 or digit > 9:
            return at
        total += digit * weight
        weight = 4 - weight
        at += 1
    return stop if total % 10 == 0 else stop - 1


@micropython.viper
def past_date(data, at: int, stop: int) -> int:
    octets = ptr8(data)
    place = at
    while place < stop:
        if octets[place] < 0x30 or octets[place] > 0x39:
            return place
        place += 1
    month = octets[at + 2] * 10 + octets[at + 3] - 528
    if month < 1 or month > 12:
        return at + 2
    days = ptr8(DAYS)
    day = octets[at + 4] * 10 + octets[at + 5] - 528
    year = octets[at] * 10 + octets[at + 1] - 528
    if day > days[month - 1] or (month == 2 and day == 29 and year & 3 != 0):
        return at + 4
    return stop
