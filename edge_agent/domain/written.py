"""A unit's key as people write the code, and the heads under which a product table knows it."""

from __future__ import annotations

from edge_agent.domain.products import Scheme

_MSFX20_OCTETS = 9
_GS1_TRACE, _SSCC, _MSFX_OTHER = 0x10, 0x11, 0x15
_PRODUCT_AND_SERIAL = (0x12, 0x13, 0x14)
_END = b"\x1d"


def written(key: bytes) -> str:
    """Write the code of ``key`` (protocol.keys) so that it can be typed in again."""
    tag = key[0] if key else -1
    if 0 <= tag < _GS1_TRACE and len(key) == _MSFX20_OCTETS:
        return f"{int.from_bytes(key, 'big'):020}"
    if tag == _GS1_TRACE:
        serial = _text(key[7:]).replace("(", "\\(")  # as domain.typed reads it
        return f"(01){_gtin(key)}(21){serial}"
    if tag == _SSCC:
        return f"(00){int.from_bytes(key[1:], 'big'):018}"
    if tag == _MSFX_OTHER:
        return str(int.from_bytes(key[2:], "big")).zfill(key[1])
    if tag in _PRODUCT_AND_SERIAL:
        return " ".join(_text(part) for part in key[1:].split(_END))
    return _text(key[1:])


def head_of(key: bytes) -> tuple[Scheme, str] | None:
    """Return the head of ``key`` in a product table; None for schemes whose keys do not tell it.

    The table itself takes more than a key: see ``domain.products.Products.of``.
    """
    if len(key) == _MSFX20_OCTETS and key[0] < _GS1_TRACE:
        return Scheme.MSFX20, written(key)[:7]
    if key[:1] == bytes((_GS1_TRACE,)):
        return Scheme.GTIN, _gtin(key)
    return None


def _gtin(key: bytes) -> str:
    return f"{int.from_bytes(key[1:7], 'big'):014}"


def _text(octets: bytes) -> str:
    return octets.decode("ascii", "backslashreplace")
