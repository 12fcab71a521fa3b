"""The rules of ``protocol.gs1_rules`` that go with the whole table of application identifiers only.

Source: GS1 Barcode Syntax Dictionary, linters; GS1 General Specifications, section 3.
"""

from protocol import gs1_rules, octets, reasons
from protocol.compat import const

MODEL_LETTERED = const(19)  # a model number with at least one octet that is no digit
COUNTRY_OR_999 = const(20)
CURRENCY = const(21)  # ISO 4217 numeric
COUNTRY_LETTERS = const(22)  # ISO 3166-1 alpha-2
PERCENT = const(23)  # set 82, "%" only before two hexadecimal digits
LATITUDE = const(24)
LONGITUDE = const(25)
YES_NO = const(26)
HYPHEN = const(27)
PACKAGE = const(28)  # UN/ECE Recommendation 21, and GS1's own
LONG_DATE = const(29)  # YYYYMMDD
SEX = const(30)  # ISO/IEC 5218
POSITION = const(31)  # P/E: place P of E
NONZERO = const(32)
WINDING = const(33)
IBAN = const(34)
COUPON = const(35)  # North American coupon code
OFFER = const(36)  # the same, positive offer file

# One bit for each number, lowest first. Source: ISO 4217, numeric, 179 entries of 2025.
_CURRENCIES = (
    b"\x00\x11\x00\x00\x11\x10\x1d\x10\x11\x01\x10\x04\x01\x11\x10\x10\x10\x01\x01\x11\x00\x44\x00"
    b"\x10\x01\x08\x41\x40\x40\x41\x04\x00\x40\x40\x00\x00\x10\x00\x00\x00\x11\x11\x10\x11\x11\x11"
    b"\x01\x01\x10\x51\x11\x45\x46\x44\x04\x40\x40\x44\x00\x00\x11\x00\x05\x01\x11\x10\x30\x00\x10"
    b"\x44\x40\x00\x04\x44\x40\x11\x01\x00\x00\x04\x48\x40\x00\x00\x00\x04\x04\x40\x45\x00\x00\x01"
    b"\x00\x10\x11\x11\x00\x11\x11\x00\x81\x00\x04\x04\x04\x01\x00\x14\x00\x00\x44\x00\x20\x00\x00"
    b"\xf0\x67\xb5\xfd\xfb\xbf\xbf\x3f\x47\xa4"
)
# One bit for each pair of letters, AA, AB, … Source: ISO 3166-1, alpha-2, 249 entries.
_COUNTRY_LETTERS = (
    b"\x78\x59\xdf\xee\xef\xbd\xdd\xde\x27\x3f\x84\x15\x80\xd4\x00\x0e\x00\x5c\x09\xb0\x9f\xfb\x15"
    b"\x00\x8d\x06\x18\x78\x0f\x40\x40\x03\x00\x1d\x2b\xf4\x41\x81\x4f\xfd\xfc\xff\xd7\x25\x4b\x08"
    b"\x00\x01\x40\x3c\x8f\x53\x01\x00\x00\x40\x00\x51\xf1\xfd\xe7\x3a\xbb\x9f\x9a\x41\x10\x04\x57"
    b"\x85\x40\x00\x02\x40\x00\x00\x00\x00\x10\x00\x08\x04\x40\x00\x01"
)
# By first character: the second characters of the codes of two, "." ends them; the codes of one
# and of three stand apart. Source: GS1 code list PackageTypeCode.
_PACKAGES = (
    b"1ABDFGW.2C.3AH.434ABCDFGH.5HLM.6HP.7AB.8ABC.AABCDFGHIJLMPTV.B4BCDEFGHIJKLMNOPQRSTUVWXYZ.CABC"
    b"DEFGHIJKLMNOPQRSTUVWXYZ.DABCGHIJKLMNPRSTUVWXY.E123CDEFGHIN.FBCDEILOPRTWX.GBILRUYZ.HABCGNR.IA"
    b"BCDEFGHKLNZ.JBCGRTY.KGI.LEGTUVZ.MABCERSTWX.NAEFGSTUV.OABCDEFKTU.P2ABCDEFGHIJKLNOPRTUVXYZ.QAB"
    b"CDFGHJKLMNPQRS.RDGJKLOTZ.S1ABCDEHIKLMOPSTUVWXYZ.T1BCDEGIKLNORSTUVWYZ.UCN.VAGIKLNOPQRSY.WABCD"
    b"FGHJKLMNPQRSTUVWXYZ.X3ABCDFGHJK.YABCDFGHJKLMNPQRSTVWXYZ.ZABCDFGHJKLMNPQRSTUVWXYZ."
)
_LONG_PACKAGES = (
    b"2002012022032042052062102112128  9  APEBGEBMEBRICBLCCEDPEFOBFPELABMPEOPEPAEPLPPOPPPEPUERB1RB"
    b"2RB3RCBSECSTLTEVTHETRETTETWEUUEWRPX11X12X15X16X17X18X19X20"
)

# A coupon is a chain of steps: the digits that may stand there, how many octets follow, and
# whether the digit itself adds to them. Source: GS1 US, North American Coupon Application
# Guideline; GS1 AI (8112) Coupon Data Specification.
_ADDS = const(1)
_ADDS_UNLESS_9 = const(2)  # 9: nothing follows at all
_ANY = const(0x3FF)
_PREFIX = (0x07F, 6, _ADDS)
_OTHER_PREFIX = (0x27F, 6, _ADDS_UNLESS_9)
_OFFER = (_ANY, 5, 0)
_AMOUNT = (0x03E, 0, _ADDS)
_PURCHASE = (0x21F, 0, 0)
_FAMILY = (_ANY, 2, 0)
_SERIAL = ((_ANY, 6, _ADDS),)
_COUPON = (_PREFIX, _OFFER, _AMOUNT, _AMOUNT, _PURCHASE, _FAMILY)
_SECOND = ((0x00F, 0, 0), _AMOUNT, _PURCHASE, _FAMILY, _OTHER_PREFIX)
_THIRD = (_AMOUNT, _PURCHASE, _FAMILY, _OTHER_PREFIX)
_RETAILER = ((0x0FE, 6, _ADDS),)
_FLAGS = ((0x067, 0, 0), (0x007, 0, 0), (_ANY, 0, 0), (0x003, 0, 0))
_POSITIVE_OFFER = ((0x003, 0, 0), _PREFIX, _OFFER, _SERIAL[0])


def _past_model_lettered(data: bytes, at: int, stop: int) -> int:
    end = gs1_rules.past_model(data, at, stop)
    return at if end == stop and octets.past_digits(data, at, stop) == stop else end


def _past_country_or_999(data: bytes, at: int, stop: int) -> int:
    if octets.past_digits(data, at, stop) == stop and gs1_rules.number(data, at, stop) == 999:
        return stop
    return gs1_rules.past_country(data, at, stop)


def _past_currency(data: bytes, at: int, stop: int) -> int:
    end = octets.past_digits(data, at, stop)
    if end < stop or gs1_rules.listed(_CURRENCIES, gs1_rules.number(data, at, stop)):
        return end
    return at


def _past_country_letters(data: bytes, at: int, stop: int) -> int:
    place = at
    while place < stop:
        if not 0x41 <= data[place] <= 0x5A:
            return place
        place += 1
    pair = (data[at] - 0x41) * 26 + data[at + 1] - 0x41
    return stop if gs1_rules.listed(_COUNTRY_LETTERS, pair) else at


def _past_percent(data: bytes, at: int, stop: int) -> int:
    end = octets.past_set82(data, at, stop)
    if end < stop:
        return end
    while at < stop:
        if data[at] == 0x25:
            if stop - at < 3 or not (_is_hex(data[at + 1]) and _is_hex(data[at + 2])):
                return at
            at += 2
        at += 1
    return stop


def _is_hex(octet: int) -> bool:
    return 0x30 <= octet <= 0x39 or 0x41 <= octet <= 0x46 or 0x61 <= octet <= 0x66


def _past_latitude(data: bytes, at: int, stop: int) -> int:
    return _past_degrees(data, at, stop, 18)


def _past_longitude(data: bytes, at: int, stop: int) -> int:
    return _past_degrees(data, at, stop, 36)


def _past_degrees(data: bytes, at: int, stop: int, most: int) -> int:
    """Ten digits, at most ``most`` hundred million: ten do not fit a small integer."""
    end = octets.past_digits(data, at, stop)
    high = gs1_rules.number(data, at, at + 2) if end == stop else 0
    if high > most or (high == most and gs1_rules.number(data, at + 2, stop)):
        return at
    return end


def _past_yes_no(data: bytes, at: int, stop: int) -> int:
    return stop if data[at] == 0x30 or data[at] == 0x31 else at


def _past_hyphen(data: bytes, at: int, stop: int) -> int:
    return stop if data[at] == 0x2D else at


def _past_package(data: bytes, at: int, stop: int) -> int:
    length = stop - at
    if length == 2:
        row = 0
        while row < len(_PACKAGES) and _PACKAGES[row] != data[at]:
            row = octets.find(_PACKAGES, 0x2E, row, len(_PACKAGES)) + 1
        end = octets.find(_PACKAGES, 0x2E, row, len(_PACKAGES))
        return stop if octets.find(_PACKAGES, data[at + 1], row + 1, end) < end else at
    row = 0
    while row < len(_LONG_PACKAGES):
        known = 1 if _LONG_PACKAGES[row + 1] == 0x20 else 3
        if length == known and _stands(_LONG_PACKAGES, row, data, at, length):
            return stop
        row += 3
    return at


def _stands(list_: bytes, row: int, data: bytes, at: int, length: int) -> bool:
    while length:
        length -= 1
        if list_[row + length] != data[at + length]:
            return False
    return True


def _past_long_date(data: bytes, at: int, stop: int) -> int:
    """The leap years of whole centuries are those of four; YYMMDD does not know."""
    end = gs1_rules.past_full_date(data, at + 2, stop)
    if octets.past_digits(data, at, at + 2) < at + 2:
        return octets.past_digits(data, at, at + 2)
    century = gs1_rules.number(data, at, at + 2)
    if end == stop and century % 4 and gs1_rules.number(data, at + 2, stop) == 229:
        return at + 6
    return end


def _past_sex(data: bytes, at: int, stop: int) -> int:
    return stop if 0x30 <= data[at] <= 0x32 or data[at] == 0x39 else at


def _past_position(data: bytes, at: int, stop: int) -> int:
    slash = octets.past_digits(data, at, stop)
    if slash >= stop or slash == at or data[slash] != 0x2F:
        return min(slash, stop - 1)
    end = octets.past_digits(data, slash + 1, stop)
    if end < stop:
        return end
    if slash + 1 == stop:
        return stop + 1
    if data[at] == 0x30:
        return at
    if data[slash + 1] == 0x30:
        return slash + 1
    place = gs1_rules.number(data, at, slash)
    return stop if place <= gs1_rules.number(data, slash + 1, stop) else at


def _past_nonzero(data: bytes, at: int, stop: int) -> int:
    end = octets.past_digits(data, at, stop)
    return at if end == stop and gs1_rules.number(data, at, stop) == 0 else end


def _past_winding(data: bytes, at: int, stop: int) -> int:
    return stop if data[at] == 0x30 or data[at] == 0x31 or data[at] == 0x39 else at


def _past_iban(data: bytes, at: int, stop: int) -> int:
    """
    Source: ISO 13616-1; ISO 7064, modulo 97-10: the first four octets count last, letters as
        two digits, 10 to 35. Eleven octets at least, as the dictionary has it.
    """
    if stop - at < 4:
        return stop + 1
    end = _past_country_letters(data, at, at + 2)
    if end < at + 2:
        return end
    if stop - at < 11:
        return stop + 1
    rest = 0
    place = at + 4
    while True:
        octet = data[place]
        if 0x30 <= octet <= 0x39:
            rest = (rest * 10 + octet - 0x30) % 97
        elif 0x41 <= octet <= 0x5A:
            rest = (rest * 100 + octet - 0x37) % 97
        else:
            return place
        place += 1
        if place == stop:
            place = at
        if place == at + 4:
            return stop if rest == 1 else at + 2


def _past_steps(chain: "tuple[tuple[int, int, int], ...]", data: bytes, at: int, stop: int) -> int:
    """Return the place after a chain of steps; minus the place of what is wrong, at or beyond
    ``stop`` if octets are missing. No value begins at place 0: its identifier stands before it.
    """
    for allowed, more, adds in chain:
        if at >= stop:
            return -stop - 1
        digit = data[at] - 0x30
        if not allowed >> digit & 1:
            return -at
        at += 1
        if not (adds == _ADDS_UNLESS_9 and digit == 9):
            at += more + (digit if adds else 0)
        if at > stop:
            return -stop - 1
    return at


def _past_offer(data: bytes, at: int, stop: int) -> int:
    end = octets.past_digits(data, at, stop)
    return abs(_past_steps(_POSITIVE_OFFER, data, at, stop)) if end == stop else end


def _past_coupon(data: bytes, at: int, stop: int) -> int:
    end = octets.past_digits(data, at, stop)
    if end < stop:
        return end
    at = _past_steps(_COUPON, data, at, stop)
    expiry = 0
    for field in range(1, 10):
        if at < 0 or at >= stop or data[at] != 0x30 + field:
            continue
        if field == 1:
            at = _past_steps(_SECOND, data, at + 1, stop)
        elif field == 2:
            at = _past_steps(_THIRD, data, at + 1, stop)
        elif field <= 4:
            at += 1
            if stop - at < 6:
                return stop + 1
            end = gs1_rules.past_full_date(data, at, at + 6)
            if end < at + 6:
                return end
            date = gs1_rules.number(data, at, at + 6)
            if field == 3:
                expiry = date
            elif expiry and date > expiry:
                return at
            at += 6
        elif field == 5:
            at = _past_steps(_SERIAL, data, at + 1, stop)
        elif field == 6:
            at = _past_steps(_RETAILER, data, at + 1, stop)
        elif field == 9:
            at = _past_steps(_FLAGS, data, at + 1, stop)
    return abs(at)


CHECKS = (
    _past_model_lettered,
    _past_country_or_999,
    _past_currency,
    _past_country_letters,
    _past_percent,
    _past_latitude,
    _past_longitude,
    _past_yes_no,
    _past_hyphen,
    _past_package,
    _past_long_date,
    _past_sex,
    _past_position,
    _past_nonzero,
    _past_winding,
    _past_iban,
    _past_coupon,
    _past_offer,
)
TEXT = (1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 1, 0, 0, 1, 1, 1)
REASONS = (
    reasons.CHECK_DIGIT,
    reasons.VALUE,
    reasons.VALUE,
    reasons.VALUE,
    reasons.VALUE,
    reasons.VALUE,
    reasons.VALUE,
    reasons.VALUE,
    reasons.VALUE,
    reasons.VALUE,
    reasons.DATE,
    reasons.VALUE,
    reasons.VALUE,
    reasons.VALUE,
    reasons.VALUE,
    reasons.CHECK_DIGIT,
    reasons.VALUE,
    reasons.VALUE,
)
