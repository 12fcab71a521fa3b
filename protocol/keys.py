"""The name of a unit in a store: one for all the ways in which its code is written.

The first octet tells the scheme, so that one table holds them all; where the codes of a scheme have
one length, the keys keep their order. A key never changes: what is booked is found by it.
"""

from protocol.compat import const

_MSFX = const(20)  # digits, unless the settings say otherwise

_GS1_TRACE = b"\x10"
_SSCC = b"\x11"
_PPN = b"\x12"
_MA = b"\x13"
_NUMERIC_OTHER = b"\x14"
_MSFX_OTHER = b"\x15"
_NO_UNIT = b"\x7f"

# Between two parts of a key, where the first has no length of its own: stands in no code.
_END = b"\x1d"


def msfx(digits: bytes) -> bytes:
    """A trace code of MSFX: nine octets, of which the first is below 6, if it has 20 digits."""
    if len(digits) == _MSFX:
        return int(digits).to_bytes(9, "big")
    return _MSFX_OTHER + bytes([len(digits)]) + int(digits).to_bytes(14, "big")


def gs1(gtin: bytes, serial: bytes) -> bytes:
    """A GTIN of 14 digits and a serial number."""
    return _GS1_TRACE + int(gtin).to_bytes(6, "big") + serial


def sscc(digits: bytes) -> bytes:
    return _SSCC + int(digits).to_bytes(8, "big")


def ppn(elements: "tuple[tuple[bytes, bytes], ...]") -> bytes:
    """Identifiers and values of an ISO/IEC 15434 envelope: product number and serial number.

    A GTIN in the place of the product number gives the key that the GS1 symbol of the pack has.
    """
    serial = _value(elements, b"S")
    number = _value(elements, b"9N")
    if not number:
        return gs1(_value(elements, b"8P"), serial)
    return _PPN + number + _END + serial


def ma(elements: "tuple[tuple[bytes, bytes], ...]") -> bytes:
    """Letters and values of an MA identifier, as ``protocol.ma`` has them."""
    return _MA + _value(elements, b"MA") + _END + _value(elements, b"S")


def numeric_other(scheme: bytes, digits: bytes) -> bytes:
    return _NUMERIC_OTHER + scheme + _END + digits


def no_unit(data: bytes) -> bytes:
    """A label that names no unit, as it was read."""
    return _NO_UNIT + data


def _value(elements: "tuple[tuple[bytes, bytes], ...]", name: bytes) -> bytes:
    for identifier, value in elements:
        if identifier == name:
            return value
    return b""
