"""Grey pictures: put together, cut apart, written as PNG."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

import zxingcpp

_WHITE = 0xFF
_INK = 0x80  # darker than this is ink


@dataclass(slots=True)
class Picture:
    """Grey octets, row by row, 255 is white."""

    width: int
    height: int
    pixels: bytearray

    @classmethod
    def white(cls, width: int, height: int) -> Picture:
        return cls(width, height, bytearray([_WHITE]) * (width * height))

    @classmethod
    def of(cls, symbol: zxingcpp.Barcode, scale: int, *, text: bool = False) -> Picture:
        image = symbol.to_image(scale, add_hrt=text)
        height, width = image.shape
        return cls(width, height, bytearray(memoryview(image)))  # type: ignore[arg-type]

    def put(self, other: Picture, left: int, top: int) -> None:
        for row in range(other.height):
            at = (top + row) * self.width + left
            start = row * other.width
            self.pixels[at : at + other.width] = other.pixels[start : start + other.width]

    def part(self, left: int, top: int, width: int, height: int) -> Picture:
        rows = range(top * self.width + left, (top + height) * self.width + left, self.width)
        return Picture(width, height, bytearray().join(self.pixels[at : at + width] for at in rows))

    def inked(self) -> Picture:
        """The part between the first and the last column with ink."""
        columns = [x for x in range(self.width) if min(self.pixels[x :: self.width]) < _INK]
        return self.part(columns[0], 0, columns[-1] + 1 - columns[0], self.height)

    def grey(self) -> memoryview:
        return memoryview(self.pixels).cast("B", (self.height, self.width))

    def png(self) -> bytes:
        """
        Source: ISO/IEC 15948 (PNG): signature, chunks of length, name, data and CRC-32; grey of 8
            bits, each row led by its filter type, here 0.
        """
        rows = b"".join(
            b"\0" + self.pixels[at : at + self.width]
            for at in range(0, len(self.pixels), self.width)
        )
        header = struct.pack(">IIBBBBB", self.width, self.height, 8, 0, 0, 0, 0)
        chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
        return b"\x89PNG\r\n\x1a\n" + b"".join(
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
            for name, data in chunks
        )
