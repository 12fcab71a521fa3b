"""The slice of CBOR we speak: RFC 8949 core deterministic encoding (section 4.2.1), and less.

Integers, byte and text strings, arrays, maps with integer keys, booleans, null. No floats, no tags,
no indefinite lengths, nesting at most 8, a message at most 16 KiB. Everything else is refused with
a reason and the offset where it stands.
"""

from protocol import reasons
from protocol.compat import const
from protocol.errors import CborError

MESSAGE_MAX = const(16384)
DEPTH_MAX = const(8)
HEAD_MAX = const(9)

UINT = const(0)
NEGATIVE = const(1)
BYTES = const(2)
TEXT = const(3)
ARRAY = const(4)
MAP = const(5)
_TAG = const(6)
_SIMPLE = const(7)

FALSE = const(0xF4)
TRUE = const(0xF5)
_NULL = const(0xF6)


def put_head(buf: bytearray, at: int, major: int, n: int) -> int:
    """Write the head of an item at ``buf[at]`` and return the offset after it.

    Allocates nothing while ``n`` is a small integer. The caller has seen to it that 9 octets fit.

    Args:
        major: UINT, NEGATIVE, BYTES, TEXT, ARRAY or MAP.
        n: the number, the length in octets, or the count of items; 0 <= n < 2**64.
    """
    major <<= 5
    if n < 24:
        buf[at] = major | n
        return at + 1
    if n < 0x100:
        size = 1
    elif n < 0x10000:
        size = 2
    elif n < 0x100000000:
        size = 4
    else:
        size = 8
    # 24, 25, 26, 27 announce 1, 2, 4, 8 octets.
    buf[at] = major | (24 if size == 1 else 25 if size == 2 else 26 if size == 4 else 27)
    at += size
    end = at + 1
    while size:
        buf[at] = n & 0xFF
        n >>= 8
        at -= 1
        size -= 1
    return end


def dumps(item: object) -> bytes:
    """Encode ``item``.

    Raises:
        TypeError: a type outside the slice. Our own mistake, so not a CborError.
        ValueError: an integer beyond 64 bits, or nested too deeply.
    """
    out = bytearray()
    _append(out, item, 1)
    return bytes(out)


def _append(out: bytearray, item: object, depth: int) -> None:
    if depth > DEPTH_MAX and isinstance(item, (list, tuple, dict)):
        raise ValueError("nested deeper than " + str(DEPTH_MAX))
    if item is None:
        out.append(_NULL)
    elif item is True:
        out.append(TRUE)
    elif item is False:
        out.append(FALSE)
    elif isinstance(item, int):
        _append_head(out, UINT if item >= 0 else NEGATIVE, item if item >= 0 else -1 - item)
    elif isinstance(item, (bytes, bytearray)):
        _append_head(out, BYTES, len(item))
        out.extend(item)
    elif isinstance(item, str):
        octets = item.encode()
        _append_head(out, TEXT, len(octets))
        out.extend(octets)
    elif isinstance(item, (list, tuple)):
        _append_head(out, ARRAY, len(item))
        for part in item:
            _append(out, part, depth + 1)
    elif isinstance(item, dict):
        _append_head(out, MAP, len(item))
        for key, value in sorted((_key(key), value) for key, value in item.items()):
            out.extend(key)
            _append(out, value, depth + 1)
    else:
        raise TypeError("cannot encode " + repr(type(item)))


def _append_head(out: bytearray, major: int, n: int) -> None:
    if n >> 64:
        raise ValueError("integer beyond 64 bits")
    head = bytearray(HEAD_MAX)
    end = put_head(head, 0, major, n)
    out.extend(head[:end])


def _key(key: object) -> bytes:
    if isinstance(key, bool) or not isinstance(key, int):
        raise TypeError("map key must be an integer, not " + repr(type(key)))
    out = bytearray()
    _append(out, key, 1)
    return bytes(out)


def loads(data: bytes) -> object:
    """Decode one message.

    Returns:
        int, bytes, str, list, dict, bool or None, nested.

    Raises:
        CborError: anything outside the slice, with its reason and offset.
    """
    if len(data) > MESSAGE_MAX:
        raise CborError(reasons.SIZE, MESSAGE_MAX)
    reader = _Reader(data)
    item = reader.item(0)
    if reader.at != len(data):
        raise CborError(reasons.TRAILING, reader.at)
    return item


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def item(self, depth: int) -> object:
        start = self.at
        if start >= len(self._data):
            raise CborError(reasons.TRUNCATED, start)
        first = self._data[start]
        major = first >> 5
        if major == _SIMPLE:
            if first not in (FALSE, TRUE, _NULL):
                raise CborError(reasons.FLOAT_OR_SIMPLE, start)
            self.at += 1
            return None if first == _NULL else first == TRUE
        if major == _TAG:
            raise CborError(reasons.TAG, start)
        n = self._argument(first & 0x1F)
        if major == UINT:
            return n
        if major == NEGATIVE:
            return -1 - n
        if major in (BYTES, TEXT):
            return self._string(start, major, n)
        # Every item is at least one octet: a count beyond what is left is a lie, told before
        # anything is set aside for it.
        if n > len(self._data) - self.at:
            raise CborError(reasons.TRUNCATED, len(self._data))
        if depth >= DEPTH_MAX:
            raise CborError(reasons.DEPTH, start)
        if major == ARRAY:
            return [self.item(depth + 1) for _ in range(n)]
        return self._map(n, depth + 1)

    def _argument(self, low: int) -> int:
        start = self.at
        self.at += 1
        if low < 24:
            return low
        if low == 31:
            raise CborError(reasons.INDEFINITE, start)
        if low > 27:
            raise CborError(reasons.FLOAT_OR_SIMPLE, start)
        size = 1 << (low - 24)
        end = self.at + size
        if end > len(self._data):
            raise CborError(reasons.TRUNCATED, len(self._data))
        n = int.from_bytes(self._data[self.at : end], "big")
        self.at = end
        # The shortest form is the only form: n must not have fitted into half the octets.
        if n < (24 if size == 1 else 1 << (size * 4)):
            raise CborError(reasons.NOT_SHORTEST, start)
        return n

    def _string(self, start: int, major: int, length: int) -> object:
        end = self.at + length
        if end > len(self._data):
            raise CborError(reasons.TRUNCATED, len(self._data))
        octets = bytes(self._data[self.at : end])
        if major == TEXT:
            wrong = _utf8_fault(octets)
            if wrong >= 0:
                raise CborError(reasons.UTF8, self.at + wrong)
        self.at = end
        return octets.decode() if major == TEXT else octets

    def _map(self, count: int, depth: int) -> "dict[int, object]":
        found: "dict[int, object]" = {}
        last = b""
        for _ in range(count):
            start = self.at
            key = self.item(depth)
            if isinstance(key, bool) or not isinstance(key, int):
                raise CborError(reasons.KEY_TYPE, start)
            encoded = bytes(self._data[start : self.at])
            if encoded <= last:
                raise CborError(reasons.KEY_ORDER, start)
            last = encoded
            found[key] = self.item(depth)
        return found


def _utf8_fault(octets: bytes) -> int:
    """Offset of the first character that is not UTF-8 (RFC 3629), or -1.

    MicroPython's own decoder lets overlong forms and surrogates pass.
    """
    at = 0
    end = len(octets)
    while at < end:
        first = octets[at]
        if first < 0x80:
            at += 1
            continue
        low = 0x80
        high = 0xBF
        if 0xC2 <= first <= 0xDF:
            more = 1
        elif 0xE0 <= first <= 0xEF:
            more = 2
            if first == 0xE0:
                low = 0xA0
            elif first == 0xED:
                high = 0x9F
        elif 0xF0 <= first <= 0xF4:
            more = 3
            if first == 0xF0:
                low = 0x90
            elif first == 0xF4:
                high = 0x8F
        else:
            return at
        if at + more >= end:
            return at
        for offset in range(1, more + 1):
            if not low <= octets[at + offset] <= high:
                return at
            low = 0x80
            high = 0xBF
        at += more + 1
    return -1
