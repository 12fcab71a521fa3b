"""Draws labels to print, one or a sheet of them, and reads every one back before it is written."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from xml.sax.saxutils import escape

import zxingcpp

from protocol import codes, reasons
from simulator.label import drawn, read
from simulator.picture import Picture
from simulator.world import Form, check_digit

# What a person calls a form, and how it is drawn. A Digital Link is a QR Code with a link in it.
FORMS = {
    "code128": Form.CODE128,
    "datamatrix": Form.DATA_MATRIX,
    "qr": Form.QR,
    "gs1-128": Form.GS1_128,
    "gs1-datamatrix": Form.GS1_DATA_MATRIX,
    "gs1-qr": Form.GS1_QR,
    "digital-link": Form.QR,
    "ean13": Form.EAN13,
    "code39": Form.CODE39,
}
_GS1_FORMS = (Form.GS1_128, Form.GS1_DATA_MATRIX, Form.GS1_QR)

_MARGIN = 6  # modules of white around a label
_LINE = 8  # modules of a line of text
_TEXT_WIDTH = 28  # characters of a line of text
_BARS = 50  # modules of height that the drawing library gives Code 128


class SheetError(Exception):
    """A label that cannot be drawn, or does not read back as what it says."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A label that was drawn and read back.

    Attributes:
        text: what it says, and what stands under the symbol.
        octets: what an engine sends for it: the symbology identifier ("]C0") and the data.
        code: what protocol.codes takes it for.
    """

    text: str
    octets: bytes
    code: codes.Code
    symbol: zxingcpp.Barcode

    @property
    def told(self) -> str:
        """What an engine says of it, and what that is taken for."""
        wrong = "" if self.code.reason == reasons.OK else f", {_name(reasons, self.code.reason)}"
        return f"{self.octets[:3].decode()} {_name(codes, self.code.kind)}{wrong}"


def draw(form: str, text: str) -> Drawn:
    """Draw ``text`` and read it back.

    Args:
        form: a key of ``FORMS``. For GS1 forms the text has its identifiers in brackets.

    Raises:
        SheetError: it cannot be drawn, or says something else when it is read.
    """
    kind = FORMS[form]
    if not (text.isascii() and text.isprintable() and text.strip()):
        raise SheetError(f"{form}: {text!a} is not printable ASCII")
    if kind in _GS1_FORMS and not text.startswith("("):
        raise SheetError(f'{form}: "{text}" has no (application identifiers) in brackets')
    try:
        symbol = drawn(kind, text)
    except ValueError as error:
        raise SheetError(f'{form}: cannot draw "{text}": {error}') from None
    octets = read(symbol.to_image(2))
    data = b"" if octets is None else octets[3:]
    # A GS1 text is drawn without its brackets; every other text must come back as it is.
    meant = symbol.bytes if kind in _GS1_FORMS else text.encode()
    if octets is None or data != meant:
        raise SheetError(f'{form}: "{text}" reads as {data!r}; nothing was written')
    code = codes.classify(octets[1:3], data)
    if form == "digital-link" and not code.elements:
        raise SheetError(f'{form}: "{text}" is no GS1 Digital Link')
    return Drawn(text, octets, code, symbol)


def png(labels: Sequence[Drawn], columns: int, scale: int) -> bytes:
    """Return a sheet as PNG, each label read back from the sheet's own pixels.

    Args:
        scale: pixels to the narrowest bar, at least 2.

    Raises:
        SheetError: a label on the finished sheet does not read as it should.
    """
    pictures = [_picture(label, scale) for label in labels]
    grid = _Grid(max(p.width for p in pictures), max(p.height for p in pictures), columns)
    page = Picture.white(grid.width(len(labels)), grid.height(len(labels)))
    for at, picture in enumerate(pictures):
        page.put(picture, *grid.place(at))
    for at, label in enumerate(labels):
        left, top = grid.place(at)
        seen = read(page.part(left, top, grid.cell_width, grid.cell_height).grey())
        if seen != label.octets:
            raise SheetError(f'"{label.text}" reads as {seen!r} on the sheet; nothing was written')
    return page.png()


def svg(labels: Sequence[Drawn], columns: int, scale: int) -> str:
    """Return a sheet as SVG; ``scale`` is units to the narrowest bar."""
    symbols = [label.symbol.to_svg(scale) for label in labels]
    sizes = [_svg_size(symbol) for symbol in symbols]
    lines = [_lines(label.text) for label in labels]
    margin, line = _MARGIN * scale, _LINE * scale
    letters = line * 6 // 10  # width of a letter
    cell_width = max(
        max(width, *(len(one) * letters for one in text))
        for (width, _), text in zip(sizes, lines, strict=True)
    )
    cell_height = max(
        height + len(text) * line for (_, height), text in zip(sizes, lines, strict=True)
    )
    grid = _Grid(cell_width + 2 * margin, cell_height + 2 * margin, columns)
    width, height = grid.width(len(labels)), grid.height(len(labels))
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        f' font-family="monospace" font-size="{line - scale}" text-anchor="middle">',
        f'<rect width="{width}" height="{height}" fill="#FFFFFF"/>',
    ]
    for at, (symbol, size, text) in enumerate(zip(symbols, sizes, lines, strict=True)):
        left, top = grid.place(at)
        x, y = left + (grid.cell_width - size[0]) // 2, top + margin
        inner = symbol[symbol.index("<svg") :].replace(' id="barcode"', "")
        out.append(inner.replace("<svg", f'<svg x="{x}" y="{y}"', 1).strip())
        for number, one in enumerate(text, 1):
            below = y + size[1] + number * line
            out.append(f'<text x="{left + grid.cell_width // 2}" y="{below}">{escape(one)}</text>')
    return "\n".join([*out, "</svg>", ""])


def test_texts(form: str, rng: random.Random, count: int) -> list[str]:
    """Return texts for ``form`` that can belong to no real goods: numbers of the company 8999999,
    serials that begin with 9."""
    return [_test_text(form, f"9{rng.randrange(10**11):011}") for _ in range(count)]


def _test_text(form: str, serial: str) -> str:
    gtin = "0899999900001" + check_digit("0899999900001")
    if form == "gs1-128":
        sscc = f"98999999{serial[:9]}"
        return f"(00){sscc}{check_digit(sscc)}"
    if form in ("gs1-datamatrix", "gs1-qr"):
        return f"(01){gtin}(21){serial}(17)281231(10)LOT9"
    if form == "digital-link":
        return f"https://id.example.org/01/{gtin}/21/{serial}"
    if form == "ean13":
        article = f"8999999{serial[1:6]}"
        return article + check_digit(article)
    if form == "code39":
        return f"SHELF-{serial[:5]}"
    return f"8999999{serial}8"


@dataclass(frozen=True, slots=True)
class _Grid:
    """Equal cells, filled row by row."""

    cell_width: int
    cell_height: int
    columns: int

    def place(self, at: int) -> tuple[int, int]:
        row, column = divmod(at, self.columns)
        return column * self.cell_width, row * self.cell_height

    def width(self, count: int) -> int:
        return min(count, self.columns) * self.cell_width

    def height(self, count: int) -> int:
        return -(-count // self.columns) * self.cell_height


def _picture(label: Drawn, scale: int) -> Picture:
    """The symbol with its text under it, each in the middle."""
    symbol = Picture.of(label.symbol, scale)
    parts = [symbol, *(_letters(line, scale) for line in _lines(label.text))]
    margin = _MARGIN * scale
    whole = Picture.white(
        max(part.width for part in parts) + 2 * margin,
        sum(part.height for part in parts) + 2 * margin,
    )
    top = margin
    for part in parts:
        whole.put(part, (whole.width - part.width) // 2, top)
        top += part.height
    return whole


def _letters(line: str, scale: int) -> Picture:
    """The picture of a line of text: what the drawing library writes under bars that say it."""
    bars = zxingcpp.create_barcode(line, zxingcpp.BarcodeFormat.Code128)
    written = Picture.of(bars, scale, text=True)
    below = written.part(0, _BARS * scale, written.width, written.height - _BARS * scale)
    return below.inked()


def _lines(text: str) -> list[str]:
    """A line for each element of a GS1 text; lines of at most 28 characters."""
    elements = re.split(r"(?<=.)(?=\([0-9]{2,4}\))", text)
    lines = [
        part[at : at + _TEXT_WIDTH] for part in elements for at in range(0, len(part), _TEXT_WIDTH)
    ]
    return [line for line in lines if line.strip()]


def _name(module: ModuleType, number: int) -> str:
    return next(
        name for name, value in vars(module).items() if name[0].isupper() and value == number
    )


def _svg_size(symbol: str) -> tuple[int, int]:
    found = re.search(r'<svg width="(\d+)" height="(\d+)"', symbol)
    assert found is not None, symbol[:200]
    return int(found[1]), int(found[2])
