"""The digits that a code is written with, where it is written in digits alone."""

from __future__ import annotations

from protocol import codes
from protocol.codes import Code

_EAN13 = 13
_NINE = 9  # octets of the key of 20 digits (protocol.keys)


def digits(code: Code, data: bytes) -> bytes:
    """Return the number that ``code`` is, or b"" if its kind is not written in digits alone.

    That is the trace code also of a link around it, and an article number without its add-on.

    Args:
        data: the label's octets without symbology identifier, from which ``code`` was made.
    """
    if code.kind in (codes.MSFX20, codes.NUMERIC_OTHER):
        return data
    if code.kind == codes.URL_TRACE:
        if len(code.key) == _NINE:
            return b"%020d" % int.from_bytes(code.key, "big")
        return str(int.from_bytes(code.key[2:], "big")).encode().zfill(code.key[1])
    if code.kind == codes.SSCC:
        return dict(code.elements)[b"00"]
    if code.kind == codes.EAN13_ARTICLE:
        return data[:_EAN13] if len(data) > _EAN13 + 1 else data
    return b""
