"""GS1 element strings: which application identifier stands where, without copying an octet."""

from array import array

from protocol import gs1_ai, reasons
from protocol.compat import const

GS = const(0x1D)  # FNC1 as scan engines send it inside the data

_ZERO = const(0x30)
_NINE = const(0x39)

# GS1's character set 82: one bit for each of 0x20..0x7F, eight to the octet, lowest first.
# Source: GS1 General Specifications, section 7.11.
_SET82 = bytes((0xE6, 0xFF, 0xFF, 0xFF, 0xFE, 0xFF, 0xFF, 0x87, 0xFE, 0xFF, 0xFF, 0x07))

_DAYS = bytes((31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31))


class Elements:
    """The elements of one string, as places in the octets they were found in.

    ``count`` elements were found; ``ai(i)``, ``start(i)`` and ``stop(i)`` tell each. ``reason`` is
    OK or why the string was refused, and ``at`` is where. ``passed_over`` is the offset of the
    first application identifier outside our table, or -1: its value was skipped, up to its fixed
    length or the next FNC1, because the agent keeps the octets anyway.

    One object serves for ever; reading allocates nothing.
    """

    def __init__(self) -> None:
        self.count = 0
        self.reason = reasons.OK
        self.at = 0
        self.passed_over = -1
        self._spans = array("H", [0] * (3 * gs1_ai.ROWS))

    def ai(self, index: int) -> int:
        return self._spans[index * 3]

    def start(self, index: int) -> int:
        return self._spans[index * 3 + 1]

    def stop(self, index: int) -> int:
        return self._spans[index * 3 + 2]

    def find(self, ai: int) -> int:
        """Return the index of the element ``ai``, or -1."""
        index = 0
        while index < self.count:
            if self._spans[index * 3] == ai:
                return index
            index += 1
        return -1

    def read(self, data: bytes, at: int, end: int) -> bool:
        """Read ``data[at:end]``; FNC1 may lead and trail. Say whether it is an element string."""
        self.count = 0
        self.reason = reasons.OK
        self.passed_over = -1
        if at < end and data[at] == GS:
            at += 1
        if at >= end:
            return self._refuse(reasons.EMPTY, at)
        while at < end:
            if not is_digits(data, at, min(at + 2, end)) or end - at < 2:
                return self._refuse(reasons.AI_UNKNOWN, at)
            ai = (data[at] - _ZERO) * 10 + data[at + 1] - _ZERO
            fixed = gs1_ai.predefined(ai)
            stop = at + fixed if fixed else _next_gs(data, at, end)
            if stop > end:
                return self._refuse(reasons.LENGTH, end)
            row = gs1_ai.row(ai)
            if row >= 0:
                if not (self._value(data, at + 2, stop, row) and self._add(data, ai, at + 2, stop)):
                    return False
            elif self.passed_over < 0:
                self.passed_over = at
            at = stop
            if at < end and data[at] == GS:
                at += 1
        return True

    def _value(self, data: bytes, start: int, stop: int, row: int) -> bool:
        length = stop - start
        if length < gs1_ai.shortest(row):
            return self._refuse(reasons.LENGTH, stop)
        if length > gs1_ai.longest(row):
            return self._refuse(reasons.LENGTH, start + gs1_ai.longest(row))
        marks = gs1_ai.marks(row)
        at = start
        if marks & gs1_ai.DIGITS:
            while at < stop:
                if not _ZERO <= data[at] <= _NINE:
                    return self._refuse(reasons.NOT_DIGITS, at)
                at += 1
        else:
            while at < stop:
                place = data[at] - 0x20
                if not (0 <= place < 96 and _SET82[place >> 3] >> (place & 7) & 1):
                    return self._refuse(reasons.CHARACTER, at)
                at += 1
        if marks & gs1_ai.CHECKED and not has_check_digit(data, start, stop):
            return self._refuse(reasons.CHECK_DIGIT, stop - 1)
        if marks & gs1_ai.DATED and not _is_date(data, start):
            return self._refuse(reasons.DATE, start)
        return True

    def _add(self, data: bytes, ai: int, start: int, stop: int) -> bool:
        known = self.find(ai)
        if known >= 0:
            if _equal(data, self.start(known), self.stop(known), start, stop):
                return True
            return self._refuse(reasons.AI_REPEATED, start - 2)
        at = self.count * 3
        self._spans[at] = ai
        self._spans[at + 1] = start
        self._spans[at + 2] = stop
        self.count += 1
        return True

    def _refuse(self, reason: int, at: int) -> bool:
        self.count = 0
        self.reason = reason
        self.at = at
        return False


def is_digits(data: bytes, at: int, end: int) -> bool:
    """Say whether ``data[at:end]`` is ASCII digits only; true for no octets at all."""
    while at < end:
        if not _ZERO <= data[at] <= _NINE:
            return False
        at += 1
    return True


def has_check_digit(data: bytes, start: int, stop: int) -> bool:
    """Say whether the last of the digits ``data[start:stop]`` is their GS1 mod-10 check digit.

    Source: GS1 General Specifications, section 7.9.1: weights 3, 1, 3, … from the right.
    """
    total = 0
    weight = 1
    at = stop - 1
    while at >= start:
        total += (data[at] - _ZERO) * weight
        weight = 4 - weight
        at -= 1
    return total % 10 == 0


def _next_gs(data: bytes, at: int, end: int) -> int:
    while at < end and data[at] != GS:
        at += 1
    return at


def _equal(data: bytes, at: int, stop: int, other: int, other_stop: int) -> bool:
    if stop - at != other_stop - other:
        return False
    while at < stop:
        if data[at] != data[other]:
            return False
        at += 1
        other += 1
    return True


def _is_date(data: bytes, at: int) -> bool:
    year = (data[at] - _ZERO) * 10 + data[at + 1] - _ZERO
    month = (data[at + 2] - _ZERO) * 10 + data[at + 3] - _ZERO
    day = (data[at + 4] - _ZERO) * 10 + data[at + 5] - _ZERO
    if not 1 <= month <= 12 or day > _DAYS[month - 1]:
        return False
    # Every century this code will live through has its leap years at multiples of four.
    return not (month == 2 and day == 29 and year % 4)
