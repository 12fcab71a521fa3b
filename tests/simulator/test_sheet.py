"""A sheet of labels says what it was told to say, in pixels, or is not written."""

from __future__ import annotations

import random
import struct
import zlib
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from protocol import codes, reasons
from simulator import cli, sheet
from simulator.label import read
from simulator.picture import Picture
from simulator.sheet import FORMS, SheetError

MSFX = "89999999000000000018"
GTIN = "08999999000011"
KINDS = {
    "code128": ("]C0", codes.MSFX20),
    "datamatrix": ("]d1", codes.MSFX20),
    "qr": ("]Q1", codes.MSFX20),
    "gs1-128": ("]C1", codes.SSCC),
    "gs1-datamatrix": ("]d2", codes.GS1_TRACE),
    "gs1-qr": ("]Q3", codes.GS1_TRACE),
    "digital-link": ("]Q1", codes.GS1_TRACE),
    "ean13": ("]E0", codes.EAN13_ARTICLE),
    "code39": ("]A0", codes.UNKNOWN),
}


def pixels(png: bytes) -> Picture:
    """Unpack what ``Picture.png`` wrote, by the chunks of PNG alone."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    chunks: dict[bytes, bytes] = {}
    at = 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        name, data = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        assert struct.unpack(">I", png[at + 8 + length : at + 12 + length])[0] == zlib.crc32(
            name + data
        )
        chunks[name] = data
        at += 12 + length
    width, height, *rest = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert rest == [8, 0, 0, 0, 0]
    rows = zlib.decompress(chunks[b"IDAT"])
    assert {rows[at] for at in range(0, len(rows), width + 1)} == {0}
    grey = bytearray().join(rows[at : at + width] for at in range(1, len(rows), width + 1))
    return Picture(width, height, grey)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_reads_back_from_the_pixels_of_the_file(form: str) -> None:
    texts = sheet.test_texts(form, random.Random(7), 3)
    labels = [sheet.draw(form, text) for text in texts]
    page = pixels(sheet.png(labels, 2, 3))

    identifier, kind = KINDS[form]
    width, height = page.width // 2, page.height // 2
    for at, label in enumerate(labels):
        row, column = divmod(at, 2)
        octets = read(page.part(column * width, row * height, width, height).grey())
        assert octets == label.octets
        assert octets[:3].decode() == identifier
        assert label.code.kind == kind
        assert label.code.reason == (reasons.FOREIGN if form == "code39" else reasons.OK)
    assert not codes.names_a_unit(kind) or len({label.code.key for label in labels}) == 3


@pytest.mark.parametrize("form", FORMS)
def test_test_texts_belong_to_no_real_goods(form: str) -> None:
    for text in sheet.test_texts(form, random.Random(1), 20):
        assert "8999999" in text or text.startswith("SHELF-9")
    assert sheet.test_texts(form, random.Random(1), 5) == sheet.test_texts(
        form, random.Random(1), 5
    )


def test_svg_holds_each_symbol_in_a_place_of_its_own_with_its_text() -> None:
    texts = [f"(01){GTIN}(21)9<&{number}" for number in range(5)]
    tree = ElementTree.fromstring(
        sheet.svg([sheet.draw("gs1-datamatrix", text) for text in texts], 2, 4)
    )
    space = "{http://www.w3.org/2000/svg}"

    symbols = tree.findall(f"{space}svg")
    assert len({(symbol.get("x"), symbol.get("y")) for symbol in symbols}) == 5
    for symbol in symbols:
        assert int(symbol.get("x", "")) + int(symbol.get("width", "")) <= int(tree.get("width", ""))
        assert int(symbol.get("y", "")) + int(symbol.get("height", "")) <= int(
            tree.get("height", "")
        )
    written = [line.text or "" for line in tree.findall(f"{space}text")]
    assert "".join(written) == "".join(texts)


@pytest.mark.parametrize(
    ("form", "text", "why"),
    [
        ("ean13", "69999990000", "reads as"),
        ("ean13", "6999999000014", "cannot draw"),
        ("code39", "abc", "reads as"),
        ("qr", "中文", "not printable ASCII"),
        ("code128", "", "not printable ASCII"),
        ("gs1-qr", MSFX, "in brackets"),
        ("gs1-datamatrix", "(01", "cannot draw"),
        ("digital-link", "https://example.org/leaflet/9", "no GS1 Digital Link"),
        ("digital-link", MSFX, "no GS1 Digital Link"),
    ],
)
def test_what_would_not_read_back_is_refused(form: str, text: str, why: str) -> None:
    with pytest.raises(SheetError, match=why):
        sheet.draw(form, text)


def test_a_sheet_whose_pixels_do_not_read_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = [sheet.draw("datamatrix", MSFX), sheet.draw("qr", MSFX)]
    smudged = Picture.white(300, 300)
    drawn = sheet._picture
    monkeypatch.setattr(
        sheet, "_picture", lambda one, scale: smudged if one is labels[1] else drawn(one, scale)
    )

    with pytest.raises(SheetError, match="reads as None on the sheet; nothing was written"):
        sheet.png(labels, 2, 3)


def label(*words: str | Path, lines: str = "") -> Result:
    return CliRunner().invoke(cli.label, [str(word) for word in words], input=lines)


def test_the_command_writes_a_sheet_and_says_what_it_reads_as(tmp_path: Path) -> None:
    out = tmp_path / "sheet.png"
    done = label("--form", "gs1-qr", "--out", out, f"(01){GTIN}(21)9A1", "(01)08999999000012(21)9")

    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines() == [
        f"(01){GTIN}(21)9A1: ]Q3 GS1_TRACE",
        "(01)08999999000012(21)9: ]Q3 GARBLED, CHECK_DIGIT",
        f"{out}: 2 labels",
    ]
    assert pixels(out.read_bytes()).width > 0


def test_texts_may_come_line_by_line_or_from_a_seed(tmp_path: Path) -> None:
    out = tmp_path / "sheet.svg"
    lines = label("--form", "code128", "--out", out, lines=f"{MSFX}\n\n{MSFX}\n")
    seeded = label("--form", "ean13", "--out", out, "--seed", "3", "--count", "5")

    assert lines.stdout.splitlines()[-1] == f"{out}: 2 labels"
    assert seeded.stdout.splitlines()[-1] == f"{out}: 5 labels"
    assert out.read_text().startswith("<svg")


@pytest.mark.parametrize(
    "words",
    [
        ["--out", "a.gif", MSFX],
        ["--out", "a.png"],
        ["--out", "a.png", "--count", "3", MSFX],
        ["--out", "a.png", "--seed", "3", MSFX],
        ["--out", "a.png", "中"],
    ],
)
def test_wrong_use_writes_nothing(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = label("--form", "code128", *words)

    assert done.exit_code == 2
    assert list(tmp_path.iterdir()) == []
