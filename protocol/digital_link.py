"""GS1 Digital Link: a web address that says what an element string says, rewritten as one.

Source: GS1 Digital Link Standard: URI Syntax, release 1.x, sections 4 and 5; GS1 Barcode Syntax
Dictionary for keys, their qualifiers and attributes. Convenience alphas ("/gtin/") were taken out
of the standard and are not read.
"""

from array import array

from protocol import gs1_ai, gs1_rules, octets, reasons
from protocol.compat import const

BUF_SIZE = const(264)  # of a label of 256 octets; only padding a GTIN makes it longer

_GS = const(0x1D)
_ZERO = const(0x30)
_SLASH = const(0x2F)
_AI_GTIN = const(1)
_GTIN14 = const(14)
_ELEMENTS = const(64)
_COMPRESSED = const(10)  # characters of the shortest compressed link: 8 bits of AI, 47 of a GTIN

# The schemes; in a mixed case they are no Digital Link. Source: URI Syntax, section 4.4.
_SCHEMES = (b"https://", b"HTTPS://", b"http://", b"HTTP://")

# Octets of an address, one bit for each of 0x20..0x7F, lowest first; and those of them that no
# name of a host has. Source: RFC 3986, section 2.
_OF_ADDRESS = b"\xfa\xff\xff\xaf\xff\xff\xff\xaf\xfe\xff\xff\x47"
_NOT_OF_HOST = b"\xfa\x1f\x00\xa8\x01\x00\x00\x80\x00\x00\x00\x40"


class Link:
    """One link, rewritten into ``buf[:length]``: elements in the order of the link, FNC1 between.

    ``Elements`` reads it there, and has the last word on the values. If ``read`` refuses,
    ``reason`` and ``at`` (an offset in the data) tell why; FOREIGN means an address without a GS1
    key, which is no Digital Link at all.

    One object serves for ever; reading allocates nothing.
    """

    def __init__(self, short_gtins: bool = True) -> None:
        """
        Args:
            short_gtins: a GTIN of 8, 12 or 13 digits is filled up with zeros. Early releases of
                the standard had them so, and packs made then are still in the trade.
        """
        self.buf = bytearray(BUF_SIZE)
        self.length = 0
        self.reason = reasons.OK
        self.at = 0
        self._short_gtins = short_gtins
        self._ais = array("H", [0] * _ELEMENTS)
        self._count = 0
        self._in_path = 0
        self._separate = False

    def looks_like(self, data: bytes, at: int, end: int) -> bool:
        """Say whether ``data[at:end]`` begins as a web address does."""
        return _past_scheme(data, at, end) > at

    def read(self, data: bytes, at: int, end: int) -> bool:
        """Rewrite the link ``data[at:end]``. Say whether it is one."""
        self.length = 0
        self._count = 0
        self._separate = False
        self.reason = reasons.OK
        host = _past_scheme(data, at, end)
        path = octets.find(data, _SLASH, host, end)
        if host == at or path == end or path == host:  # noqa: PLR1714  # no set on the device
            return self._refuse(reasons.FOREIGN, at)
        fragment = octets.find(data, 0x23, path, end)
        query = octets.find(data, 0x3F, path, fragment)
        key = _key(data, path, query)
        if key < 0:
            if _is_compressed(data, path, query):
                return self._refuse(reasons.LINK_COMPRESSED, _last(data, path, query) + 1)
            return self._refuse(reasons.FOREIGN, at)
        wrong = _past(_OF_ADDRESS, data, at, end)
        if wrong == end:
            wrong = _past_host(data, host, path)
            if wrong == path:
                return self._read_path(data, key, query) and self._read_query(
                    data, query + 1, fragment
                )
        return self._refuse(reasons.CHARACTER, wrong)

    def _read_path(self, data: bytes, at: int, end: int) -> bool:
        while at < end:
            ai = at + 1
            value = octets.find(data, _SLASH, ai, end) + 1
            at = octets.find(data, _SLASH, value, end)
            if not self._add(data, ai, gs1_ai.row_at(data, ai, value - 1), value, at, False):
                return False
            if self._count > 1 and not _follow_in_order(self._ais, self._count):
                return self._refuse(reasons.LINK, ai)
        self._in_path = self._count
        return True

    def _read_query(self, data: bytes, at: int, end: int) -> bool:
        while at < end:
            stop = octets.find(data, 0x26, at, end)
            name_end = octets.find(data, 0x3D, at, stop)
            # What is not "digits=value" is the business of others.
            if at < name_end < stop and octets.past_digits(data, at, name_end) == name_end:
                row = _row(data, at, name_end)
                if row == 0 and (gs1_ai.WHOLE or not 2 <= name_end - at <= 4):
                    return self._refuse(reasons.AI_UNKNOWN, at)
                if row and not gs1_ai.ROWS[row + 13]:
                    return self._refuse(reasons.LINK, at)
                if not self._add(data, at, row, name_end + 1, stop, True):
                    return False
            at = stop + 1
        return True

    def _add(self, data: bytes, at: int, row: int, value: int, stop: int, in_query: bool) -> bool:
        """Write the identifier at ``at`` and the value ``data[value:stop]``, unescaped."""
        ai = gs1_rules.number(data, at, value - 1)
        index = 0
        while index < self._count:
            if self._ais[index] == ai and in_query:
                return self._refuse(reasons.AI_REPEATED, at)
            index += 1
        if self._count == _ELEMENTS:
            return self._refuse(reasons.LENGTH, at)
        self._ais[self._count] = ai
        if in_query and _belongs_in_path(self._ais, self._in_path, ai):
            return self._refuse(reasons.LINK, at)
        self._count += 1
        if self._separate and not self._put(_GS):
            return self._refuse(reasons.TOO_LONG, at)
        while at < value - 1:
            if not self._put(data[at]):
                return self._refuse(reasons.TOO_LONG, at)
            at += 1
        start = self.length
        while at + 1 < stop:
            at += 1
            octet = data[at]
            if octet == 0x25 and stop - at > 2:
                code = _sixteen(data[at + 1]) << 4 | _sixteen(data[at + 2])
                if code >= 0:
                    octet = code
                    at += 2
            elif octet == 0x2B and in_query:
                octet = 0x20
            if octet in (0, _GS):
                # An escaped FNC1 would cut the value in two.
                return self._refuse(reasons.CHARACTER, at)
            if not self._put(octet):
                return self._refuse(reasons.TOO_LONG, at)
        if ai == _AI_GTIN and self._short_gtins:
            self._fill_up(start)
        return self._has_length(row, ai, start, value)

    def _has_length(self, row: int, ai: int, start: int, value: int) -> bool:
        """Nothing may run on into the next element: lengths are checked before they are joined."""
        length = self.length - start
        if row:
            fixed = gs1_ai.ROWS[row + 4]
            least = gs1_ai.ROWS[row + 5]
            most = gs1_ai.ROWS[row + 6]
        else:
            head = start - gs1_ai.digits(ai)
            fixed = gs1_ai.predefined(gs1_rules.number(self.buf, head, head + 2))
            least = fixed - gs1_ai.digits(ai) if fixed else 1
            most = least if fixed else BUF_SIZE
        self._separate = fixed == 0
        if least <= length <= most:
            return True
        return self._refuse(reasons.LENGTH, value)

    def _fill_up(self, start: int) -> None:
        length = self.length - start
        missing = _GTIN14 - length
        if length not in (8, 12, 13) or start + _GTIN14 > BUF_SIZE:
            return
        place = self.length - 1
        while place >= start:
            self.buf[place + missing] = self.buf[place]
            place -= 1
        while missing:
            missing -= 1
            self.buf[start + missing] = _ZERO
        self.length = start + _GTIN14

    def _put(self, octet: int) -> bool:
        if self.length == BUF_SIZE:
            return False
        self.buf[self.length] = octet
        self.length += 1
        return True

    def _refuse(self, reason: int, at: int) -> bool:
        self.length = 0
        self.reason = reason
        self.at = at
        return False


def _past_scheme(data: bytes, at: int, end: int) -> int:
    for scheme in _SCHEMES:
        if end - at >= len(scheme):
            place = 0
            while place < len(scheme) and data[at + place] == scheme[place]:
                place += 1
            if place == len(scheme):
                return at + place
    return at


def _past(bits: bytes, data: bytes, at: int, end: int) -> int:
    while at < end:
        place = data[at] - 0x20
        if not (0 <= place < 96 and gs1_rules.listed(bits, place)):
            return at
        at += 1
    return at


def _past_host(data: bytes, at: int, end: int) -> int:
    while at < end and not gs1_rules.listed(_NOT_OF_HOST, data[at] - 0x20):
        at += 1
    return at


def _last(data: bytes, at: int, end: int) -> int:
    """Return the last slash of ``data[at:end]``, or ``at`` - 1."""
    end -= 1
    while end >= at and data[end] != _SLASH:
        end -= 1
    return end


def _row(data: bytes, at: int, end: int) -> int:
    """Return the row of the identifier that ``data[at:end]`` is, or 0."""
    row = gs1_ai.row_at(data, at, end)
    return row if gs1_ai.ROWS[row + 3] == end - at else 0


def _key(data: bytes, path: int, end: int) -> int:
    """Return the slash before the last primary key of the path, or -1.

    Behind it stand identifiers and values in turn; what is before it is the address of a resolver.
    """
    while True:
        value = _last(data, path, end)
        at = _last(data, path, value)
        if at < path:
            return -1
        row = _row(data, at + 1, value)
        if row == 0:
            return -1
        if gs1_ai.key(gs1_rules.number(data, at + 1, value)) >= 0:
            return at
        end = at


def _follow_in_order(ais: "array[int]", count: int) -> bool:
    """Say whether the identifiers are a key and qualifiers of it, in one of their orders."""
    keys = gs1_ai.KEYS
    at = gs1_ai.key(ais[0])
    orders = keys[at]
    at += 1
    while orders:
        qualifiers = keys[at]
        at += 1
        index = 1
        while qualifiers:
            if index < count and ais[index] == gs1_ai.two(keys, at):
                index += 1
            at += 2
            qualifiers -= 1
        if index == count:
            return True
        orders -= 1
    return False


def _belongs_in_path(ais: "array[int]", count: int, ai: int) -> bool:
    """Say whether ``ai`` could qualify the key beside those that do."""
    keys = gs1_ai.KEYS
    at = gs1_ai.key(ais[0])
    orders = keys[at]
    at += 1
    while orders:
        if _among(at, ai):
            index = 1
            while index < count and _among(at, ais[index]):
                index += 1
            if index == count:
                return True
        at += 1 + 2 * keys[at]
        orders -= 1
    return False


def _among(order: int, ai: int) -> bool:
    """Say whether ``ai`` is in the order of qualifiers that stands in KEYS at ``order``."""
    at = order + 1
    stop = at + 2 * gs1_ai.KEYS[order]
    while at < stop:
        if gs1_ai.two(gs1_ai.KEYS, at) == ai:
            return True
        at += 2
    return False


def _sixteen(octet: int) -> int:
    """Return the value of a hexadecimal digit, or a negative number."""
    if 0x30 <= octet <= 0x39:
        return octet - 0x30
    octet |= 0x20
    return octet - 0x57 if 0x61 <= octet <= 0x66 else -4096


def _sixty_four(octet: int) -> int:
    """Return the six bits of a character of Base64 for URIs."""
    if octet == 0x2D:
        return 62
    if octet == 0x5F:
        return 63
    if octet < 0x40:
        return octet - 0x30 + 52
    return octet - 0x41 if octet < 0x60 else octet - 0x61 + 26


def _is_compressed(data: bytes, path: int, end: int) -> bool:
    """Say whether the last part of the path is a compressed link, or the rest of one.

    It is Base64; its first two times four bits are the first two digits of an identifier, here of
    a primary key unless one stands before it as it is, or a digit and a letter for a usual set.
    Source: GS1 Digital Link Standard: Compression, sections 3 and 4.
    """
    slash = _last(data, path, end)
    at = slash + 1
    place = at
    while place < end and gs1_rules.is_base64(data[place]):
        place += 1
    if place < end or end - at < _COMPRESSED:
        return False
    bits = _sixty_four(data[at]) << 12 | _sixty_four(data[at + 1]) << 6 | _sixty_four(data[at + 2])
    first = bits >> 14
    second = bits >> 10 & 15
    if first > 9:
        return False
    if second > 9 or _key(data, path, slash) >= 0:
        return True
    ai = first * 10 + second
    digits = gs1_ai.ROWS[gs1_ai.HEADS[ai] * gs1_ai.ROW + 3]
    if digits > 2:
        ai = ai * 10 + (bits >> 6 & 15)
    if digits > 3:
        ai = ai * 10 + (bits >> 2 & 15)
    return gs1_ai.key(ai) >= 0
