"""Draws a real symbol, spoils it when asked, and reads it as a scan engine does.

Every call draws and reads anew. What comes back is what the reader saw, not what was drawn.
"""

from __future__ import annotations

import zxingcpp

from simulator.world import Damage, Form, Label

# Symbology, and whether its text is a GS1 element string.
_DRAWN_AS = {
    Form.CODE128: (zxingcpp.BarcodeFormat.Code128, False),
    Form.DATA_MATRIX: (zxingcpp.BarcodeFormat.DataMatrix, False),
    Form.QR: (zxingcpp.BarcodeFormat.QRCode, False),
    Form.GS1_128: (zxingcpp.BarcodeFormat.Code128, True),
    Form.GS1_DATA_MATRIX: (zxingcpp.BarcodeFormat.DataMatrix, True),
    Form.GS1_QR: (zxingcpp.BarcodeFormat.QRCode, True),
    Form.EAN13: (zxingcpp.BarcodeFormat.EAN13, False),
    Form.CODE39: (zxingcpp.BarcodeFormat.Code39, False),
}
# What the engine is set to read. It is not told which of them comes next.
_READ_AS = zxingcpp.BarcodeFormats(list({symbology for symbology, _ in _DRAWN_AS.values()}))

_SCALE = 2  # pixels to the narrowest bar
_WHITE = b"\xff"
_AIM = 3  # octets of the ISO/IEC 15424 identifier, "]" and two more


def scan(label: Label, damage: Damage = Damage.NONE) -> bytes | None:
    """Return what the engine sends for ``label``: the identifier ("]C0") and the data.

    Returns:
        None when the engine reads nothing. FNC1 inside the data is 0x1D.
    """
    picture = drawn(label.form, label.text).to_image(_SCALE)
    octets = read(_smudged(picture) if damage is Damage.SMUDGED else picture)
    return None if octets is None else misread(octets, damage)


def drawn(form: Form, text: str) -> zxingcpp.Barcode:
    """Return the symbol that says ``text``.

    Raises:
        ValueError: the symbology cannot say it; the message tells why.
    """
    symbology, gs1 = _DRAWN_AS[form]
    return zxingcpp.create_barcode(text, symbology, **({"gs1": True} if gs1 else {}))


def read(picture: zxingcpp.Image | memoryview) -> bytes | None:
    """Return the identifier and the data of the one symbol in a picture; None if there is not one.

    The picture holds grey octets, dark on light, the symbol upright, as labels come by on a belt.
    """
    found = zxingcpp.read_barcodes(
        picture, formats=_READ_AS, try_rotate=False, try_downscale=False, try_invert=False
    )
    if len(found) != 1:
        return None
    return found[0].symbology_identifier.encode() + found[0].bytes


def misread(octets: bytes, damage: Damage) -> bytes:
    """Return ``octets`` as an engine sends them that misread in the way of ``damage``.

    Real symbologies protect themselves too well for a spoilt picture to bring this about, so it
    is done to the octets.
    """
    middle = _AIM + 9
    if damage is Damage.LETTER:
        return octets[:middle] + b"O" + octets[middle + 1 :]
    if damage is Damage.SHORT:
        return octets[:-1]
    if damage is Damage.LONG:
        return octets + b"1"
    if damage is Damage.GTIN:
        other = b"%d" % ((octets[middle] - ord("0") + 1) % 10)
        return octets[:middle] + other + octets[middle + 1 :]
    return octets


def _smudged(picture: zxingcpp.Image) -> memoryview:
    """Wipe out the middle fifth, from top to bottom."""
    height, width = picture.shape
    left, right = width * 2 // 5, width * 3 // 5
    pixels = bytearray(memoryview(picture))  # type: ignore[arg-type]  # the stub does not say so
    for row in range(0, height * width, width):
        pixels[row + left : row + right] = _WHITE * (right - left)
    return memoryview(pixels).cast("B", (height, width))
