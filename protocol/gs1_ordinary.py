"""The elements of an ordinary medicine's label, by the short way that CPython has for them.

An ordinary label has an SSCC or a GTIN, a serial number, a lot and dates, each at most once, and
FNC1 only where it is due. What is not plainly that is left to ``protocol.gs1``, which alone can
refuse, and say why; both give the same elements.
"""

from protocol import octets

_GS = b"\x1d"
_MOST = 20  # characters of a serial number or lot

# By identifier: octets of identifier and value, where they are predefined, and the check.
_FIXED = {
    b"00": (20, octets.past_key),
    b"01": (16, octets.past_key),
    b"11": (8, octets.past_date),
    b"17": (8, octets.past_date),
}
_TEXT = (b"10", b"21")

# The values of elements of predefined length that were found right, by element: for hours a line
# reads packs of one product and one lot.
_RIGHT: "dict[bytes, bytes]" = {}
_RIGHT_MOST = 4096


def elements(data: bytes) -> "dict[bytes, bytes] | None":
    """Return the values of an ordinary label by identifier, in the order in which they stand.

    Args:
        data: the element string without symbology identifier; no bytearray.

    Returns:
        None if it is no ordinary label, or no right one.
    """
    found = {}
    for part in data.split(_GS):
        if not part:
            return None
        while part:
            ai = part[:2]
            if ai in found:
                return None
            if ai in _TEXT:
                value = part[2:]
                if not (value.isalnum() and len(value) <= _MOST) and not _is_text(value):
                    return None
                found[ai] = value
                break
            if ai not in _FIXED:
                return None
            fixed, check = _FIXED[ai]
            element = part[:fixed]
            known = _RIGHT.get(element)
            if known is None:
                known = element[2:]
                length = len(known)
                if length != fixed - 2 or check(known, 0, length) != length:
                    return None
                if len(_RIGHT) >= _RIGHT_MOST:
                    _RIGHT.clear()
                _RIGHT[element] = known
            found[ai] = known
            part = part[fixed:]
    return found


def _is_text(value: bytes) -> bool:
    length = len(value)
    return 0 < length <= _MOST and octets.past_set82(value, 0, length) == length
