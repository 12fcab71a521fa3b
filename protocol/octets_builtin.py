"""The inner loops by CPython's own ``bytes`` methods. The plain form finds what is wrong."""

from protocol import octets_plain
from protocol.octets_tables import DAYS, SET82

_SET82 = bytes(octet for octet in range(0x20, 0x80) if SET82[octet - 32 >> 3] >> (octet & 7) & 1)

# The number that n ASCII zeros make, read as one big-endian number.
_ZEROS = [int.from_bytes(b"0" * count, "big") for count in range(100)]

# By MMDD: 1 is a day of every year, or 00 of a month; 2 a day of leap years. Beyond 1231: none.
_IN_LEAP_YEARS = 2
_DAY = bytearray(10_000)
for _month in range(12):
    _first = (_month + 1) * 100
    _DAY[_first : _first + DAYS[_month] + 1] = b"\1" * (DAYS[_month] + 1)
_DAY[229] = _IN_LEAP_YEARS


def find(data: bytes, octet: int, at: int, stop: int) -> int:
    found = data.find(octet, at, stop)
    return stop if found < 0 else found


def same(data: bytes, at: int, stop: int, other: int) -> bool:
    return data[at:stop] == data[other : other + stop - at]


def past_digits(data: bytes, at: int, stop: int) -> int:
    if at >= stop or data[at:stop].isdigit():
        return stop
    return octets_plain.past_digits(data, at, stop)


def past_set82(data: bytes, at: int, stop: int) -> int:
    value = data[at:stop]
    if value.isalnum() or not value.translate(None, _SET82):
        return stop
    return octets_plain.past_set82(data, at, stop)


def past_key(data: bytes, at: int, stop: int) -> int:
    value = data[at:stop]
    if not value.isdigit():
        return octets_plain.past_key(data, at, stop)
    # 256 squared is 1 in this modulus: what remains is the sum of the digits of weight 1, and 256
    # times the sum of the digits of weight 3. Neither sum reaches 256.
    sums = (int.from_bytes(value, "big") - _ZEROS[stop - at]) % 65535
    return stop if ((sums & 255) + 3 * (sums >> 8)) % 10 == 0 else stop - 1


def past_date(data: bytes, at: int, stop: int) -> int:
    value = data[at:stop]
    if value.isdigit():
        date = int(value)
        day = _DAY[date % 10_000]
        if day == 1 or (day == _IN_LEAP_YEARS and date // 10_000 % 4 == 0):
            return stop
    return octets_plain.past_date(data, at, stop)
