"""How far a value of each sort is right, in the manner of ``protocol.octets_plain``.

The numbers are those of the generated tables; ``CHECKS[rule]`` is the check and ``REASONS[rule]``
what to say where it stops. The rules that no medicine needs are in ``protocol.gs1_rules_rare``.
Source: GS1 Barcode Syntax Dictionary, linters; GS1 General Specifications, sections 3 and 7.
"""

from protocol import octets, reasons
from protocol.compat import const

# Character sets.
DIGITS = const(0)
SET82 = const(1)
SET39 = const(2)
SET64 = const(3)
# Keys.
KEY = const(4)  # digits; the last is the check digit
PREFIXED = const(5)  # set 82, after the shortest company prefix there is
PREFIXED39 = const(6)  # set 39, the same
MODEL = const(7)  # set 82, company prefix, ends with a pair of check characters
PIECES = const(8)  # PPTT: piece P of T
# Dates and times.
DATE0 = const(9)  # YYMMDD, DD may be 00
DATE = const(10)  # YYMMDD
TIME = const(11)  # HHMM
HOUR = const(12)
SIXTIETH = const(13)  # minutes or seconds
# Numbers with a meaning.
COUNTRY = const(14)  # ISO 3166-1 numeric
MEDIA = const(15)  # AIDC media type
NO_LEADING_ZERO = const(16)
ZERO = const(17)
IMPORTER = const(18)  # one octet of set 64

_PREFIX = const(4)  # digits of the shortest GS1 company prefix

# Digits, "-", "/", "#" and capitals; the octets from 0x20, as in octets_plain.SET82.
_SET39 = b"\x08\xa0\xff\x03\xfe\xff\xff\x07"
# The characters that count towards check characters, and those that check characters are.
_VALUES = b"!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
_CHECK_CHARACTERS = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_PRIMES = bytes(
    (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83)
)

# One bit for each number, lowest first. Source: ISO 3166-1, numeric-3, 249 entries.
_COUNTRIES = (
    b"\x10\x15\x11\x91\x11\x11\x1d\x11\x51\x15\x50\x14\x11\x11\x11\x11\x10\x11\x11\x51\x44\xc4\x14"
    b"\x91\x11\x18\x51\x44\x84\xc7\x44\x45\x54\x54\x18\x00\x11\x11\x11\x11\x11\x51\x11\x11\x11\x11"
    b"\x11\x11\x11\x41\x11\x45\x46\x54\x44\x45\x44\x44\x44\x44\x11\x10\x1d\x11\x11\x11\xe9\x10\x10"
    b"\x44\x44\x44\xb4\x87\x40\x11\x11\x11\x45\x44\x4c\x50\xd8\x44\x44\x44\x45\xc0\x47\x10\x10\x13"
    b"\x10\x11\x11\x15\x11\x11\x11\x59\x91\x00\x04\x84\x07\x01\x44\x54\x00\x10\x84\x40\x00\x00\x00"
    b"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
)


def number(data: bytes, at: int, stop: int) -> int:
    """Return the value of the digits ``data[at:stop]``, at most nine of them."""
    value = 0
    while at < stop:
        value = value * 10 + data[at] - 0x30
        at += 1
    return value


def listed(bits: bytes, place: int) -> bool:
    """Say whether the bit ``place`` is set."""
    return bool(bits[place >> 3] >> (place & 7) & 1)


def _past_set39(data: bytes, at: int, stop: int) -> int:
    while at < stop:
        place = data[at] - 0x20
        if not (0 <= place < 64 and listed(_SET39, place)):
            return at
        at += 1
    return at


def is_base64(octet: int) -> bool:
    """Say whether the octet stands for six bits in Base64 for URIs."""
    if octet == 0x2D or octet == 0x5F:  # noqa: PLR1714  # a set would be made anew on the device
        return True
    return 0x41 <= octet <= 0x5A or 0x61 <= octet <= 0x7A or 0x30 <= octet <= 0x39


def _past_set64(data: bytes, at: int, stop: int) -> int:
    """Base64 for URIs; one or two "=" may fill it up to a multiple of three, as GS1 has it."""
    filled = (stop - at) % 3 == 0
    while at < stop and is_base64(data[at]):
        at += 1
    pads = at
    while pads < stop and data[pads] == 0x3D:
        pads += 1
    return stop if pads == stop and pads - at <= 2 and (filled or pads == at) else at


def _past_prefix(data: bytes, at: int, stop: int) -> int:
    """The shortest company prefix; what follows it is not looked at."""
    if stop - at < _PREFIX:
        return stop + 1
    end = octets.past_digits(data, at, at + _PREFIX)
    return stop if end == at + _PREFIX else end


def _past_prefixed(data: bytes, at: int, stop: int) -> int:
    end = octets.past_set82(data, at, stop)
    return _past_prefix(data, at, stop) if end == stop else end


def _past_prefixed39(data: bytes, at: int, stop: int) -> int:
    end = _past_set39(data, at, stop)
    return _past_prefix(data, at, stop) if end == stop else end


def past_model(data: bytes, at: int, stop: int) -> int:
    """
    Source: GS1 General Specifications, section 7.9.5: values by their place in set 82, weighted
        with rising primes from the right, modulo 1021; five bits to each check character.
    """
    end = octets.past_set82(data, at, stop)
    if end < stop:
        return end
    if stop - at < 2:
        return stop + 1
    body = stop - 2
    total = 0
    place = body
    while place > at:
        place -= 1
        total += octets.find(_VALUES, data[place], 0, len(_VALUES)) * _PRIMES[body - 1 - place]
    total %= 1021
    if data[body] != _CHECK_CHARACTERS[total >> 5]:
        return body
    if data[body + 1] != _CHECK_CHARACTERS[total & 31]:
        return body + 1
    return _past_prefix(data, at, stop)


def _past_pieces(data: bytes, at: int, stop: int) -> int:
    end = octets.past_digits(data, at, stop)
    if end < stop:
        return end
    middle = (at + stop) >> 1
    piece = number(data, at, middle)
    total = number(data, middle, stop)
    if piece == 0:
        return at
    return stop if piece <= total else middle


def past_full_date(data: bytes, at: int, stop: int) -> int:
    """YYMMDD, and DD is a day."""
    end = octets.past_date(data, at, stop)
    return at + 4 if end == stop and number(data, at + 4, stop) == 0 else end


def past_time(data: bytes, at: int, stop: int) -> int:
    """HHMM."""
    end = past_hour(data, at, at + 2)
    return past_sixtieth(data, at + 2, stop) if end == at + 2 else end


def past_hour(data: bytes, at: int, stop: int) -> int:
    return _past_below(data, at, stop, 24)


def past_sixtieth(data: bytes, at: int, stop: int) -> int:
    return _past_below(data, at, stop, 60)


def _past_below(data: bytes, at: int, stop: int, limit: int) -> int:
    end = octets.past_digits(data, at, stop)
    return at if end == stop and number(data, at, stop) >= limit else end


def past_country(data: bytes, at: int, stop: int) -> int:
    """Three digits of ISO 3166-1."""
    end = octets.past_digits(data, at, stop)
    return at if end == stop and not listed(_COUNTRIES, number(data, at, stop)) else end


def _past_media(data: bytes, at: int, stop: int) -> int:
    """
    Source: GS1 General Specifications, section 3.8: 01..10 by ICCBBA, 80..99 of local use.
    """
    end = octets.past_digits(data, at, stop)
    media = number(data, at, end)
    return end if end < stop or 1 <= media <= 10 or media >= 80 else at


def _past_no_leading_zero(data: bytes, at: int, stop: int) -> int:
    return at if data[at] == 0x30 else octets.past_digits(data, at, stop)


def _past_importer(data: bytes, at: int, stop: int) -> int:
    return stop if is_base64(data[at]) else at


def _past_zero(data: bytes, at: int, stop: int) -> int:
    while at < stop and data[at] == 0x30:
        at += 1
    return at


CHECKS = (
    octets.past_digits,
    octets.past_set82,
    _past_set39,
    _past_set64,
    octets.past_key,
    _past_prefixed,
    _past_prefixed39,
    past_model,
    _past_pieces,
    octets.past_date,
    past_full_date,
    past_time,
    past_hour,
    past_sixtieth,
    past_country,
    _past_media,
    _past_no_leading_zero,
    _past_zero,
    _past_importer,
)
# By rule: whether its character set has more than digits, and what is wrong where an octet of that
# set does not fit.
TEXT = (0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)
REASONS = (
    reasons.NOT_DIGITS,
    reasons.CHARACTER,
    reasons.CHARACTER,
    reasons.CHARACTER,
    reasons.CHECK_DIGIT,
    reasons.NOT_DIGITS,
    reasons.CHARACTER,
    reasons.CHECK_DIGIT,
    reasons.VALUE,
    reasons.DATE,
    reasons.DATE,
    reasons.DATE,
    reasons.DATE,
    reasons.DATE,
    reasons.VALUE,
    reasons.VALUE,
    reasons.VALUE,
    reasons.VALUE,
    reasons.CHARACTER,
)
