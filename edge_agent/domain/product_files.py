"""Reads product tables: the platform's product XML, and CSV. Takes what is good, names the rest.

The XML, as three independent programs read it: ``productList`` (version) holds ``product``
(productCode, productName, comment), which holds ``subType`` (typeNo, authorizedNo, type, spec,
packageSpec, packUnit, physicDetailType), which holds ``resProdCodes``, which holds ``resCode``
(codeVersion, codeLevel, pkgRatio) with the resource code as its text. A code begins with
codeVersion and resource code: two digits and five.

Source: element and attribute names as read by a Python importer, an Android scanner and two C#
    factory systems (2012 to 2023) of products.xml, and the ResCode, ResProdCodes and SubType of
    the platform's interface (Taobao Open Platform, drugtrace). The platform's own schema is not
    public, nor is it said whether codeLevel 1 is the smallest pack or the largest: other
    interfaces of the same platform count both ways.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from xml.parsers import expat

from edge_agent.domain.products import Entry, Product, ProductConflict, Products, Scheme, head
from edge_agent.errors import AgentError

# Column, and what people in the trade write over it. The first two must be there.
COLUMNS = {
    "head": "药品标识码",
    "name": "药品名称",
    "id": "产品编码",
    "level": "包装级别",
    "spec": "制剂规格",
    "pack": "包装规格",
    "maker": "生产企业",
    "approval": "批准文号",
    "ratio": "包装比例",
    "scheme": "编码方案",
}
_NEEDED = ("head", "name")
_LEVEL_MAX = 9
_SURPLUS = ""  # column of what stands in a row beyond the last column


class ProductFileError(AgentError):
    """A file that is no product table at all."""


class LevelOne(Enum):
    """Which pack a source means by level 1."""

    SMALLEST = "smallest"
    LARGEST = "largest"


@dataclass(frozen=True, slots=True)
class Complaint:
    """A row that was not taken, or not wholly.

    Attributes:
        line: in the file, from 1.
        what: the thing and the value seen.
        hint: the next step.
    """

    line: int
    what: str
    hint: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.what} ({self.hint})"


@dataclass(slots=True)
class Import:
    """What came of a file: ``rows`` of it were seen, ``products`` holds the good ones."""

    products: Products = field(default_factory=Products)
    complaints: list[Complaint] = field(default_factory=list)
    rows: int = 0


class _Bad(Exception):
    """A row that cannot be taken: what, and the next step."""


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    cells: Mapping[str, str]


def read(octets: bytes, xml_level_one: LevelOne | None = None) -> Import:
    """Read a product table; XML if it begins with "<", otherwise CSV. UTF-8 or GBK.

    Args:
        xml_level_one: what codeLevel 1 means in this XML. Without it no level is taken from XML,
            because nothing in the file tells. A CSV's levels always count from the smallest pack.

    Raises:
        ProductFileError: it is neither, or has no such columns.
    """
    text = _text(octets)
    result = Import()
    if text.lstrip().startswith("<"):
        for group in _xml_groups(text):
            _take(result, _levelled(group, xml_level_one, result))
    else:
        _take(result, _csv_rows(text))
    return result


def _text(octets: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return octets.decode(encoding)
        except UnicodeDecodeError:
            pass
    raise ProductFileError(
        "the product table is neither UTF-8 nor GBK text",
        hint="save it as `CSV UTF-8`, or as the XML that the platform gives",
    )


def _take(result: Import, rows: Iterator[_Row]) -> None:
    for row in rows:
        result.rows += 1
        try:
            result.products.add(_entry(row.cells))
        except _Bad as bad:
            what, hint = bad.args
            result.complaints.append(Complaint(row.line, what, hint))
        except ProductConflict as conflict:
            result.complaints.append(Complaint(row.line, conflict.what, conflict.hint))


def _entry(cells: Mapping[str, str]) -> Entry:
    try:
        scheme, digits = head(cells.get("scheme", "").lower(), cells["head"])
    except ValueError as error:
        raise _Bad(
            f'head "{cells["head"]}" {error}', "correct the head; leave it as text, not as a number"
        ) from None
    if cells.get(_SURPLUS):
        raise _Bad(
            f'the row of {digits} has "{cells[_SURPLUS]}" after its last column',
            "put cells with a comma in quotes",
        )
    if not cells["name"]:
        raise _Bad(f"head {digits} has no product name", "write the name")
    level = cells.get("level", "")
    if level and not (level.isascii() and level.isdigit() and 1 <= int(level) <= _LEVEL_MAX):
        raise _Bad(
            f'level "{level}" of {digits} is no number from 1 to {_LEVEL_MAX}',
            "write 1 for the smallest pack, or nothing if it is not known",
        )
    texts = {name: cells.get(name, "") for name in Product.__slots__}
    return Entry(
        scheme, digits, Product(**texts), int(level) if level else None, cells.get("ratio", "")
    )


def _csv_rows(text: str) -> Iterator[_Row]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        titles = [_column(title) for title in next(reader, [])]
        if not set(_NEEDED) <= set(titles):
            raise ProductFileError(
                f"the first line names the columns {', '.join(titles) or '(none)'}",
                hint=f"it must name at least {' and '.join(_NEEDED)}; known are "
                + ", ".join(f"{name} ({chinese})" for name, chinese in COLUMNS.items()),
            )
        line = reader.line_num + 1
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                # A short row lacks its last cells; they are as good as empty.
                cells += [""] * (len(titles) - len(cells))
                surplus = {_SURPLUS: ",".join(filter(None, cells[len(titles) :]))}
                yield _Row(line, dict(zip(titles, cells, strict=False)) | surplus)
            line = reader.line_num + 1
    except csv.Error as error:
        raise ProductFileError(
            f"line {reader.line_num}: no CSV ({error})",
            hint='put cells with a comma or a quote in quotes, and write " inside as ""',
        ) from None


def _column(title: str) -> str:
    title = title.strip()
    for name, chinese in COLUMNS.items():
        if title.lower() == name or title == chinese:
            return name
    return title


def _xml_groups(text: str) -> Iterator[list[_Row]]:
    """Yield the resource codes of each subType, as rows with its columns' names."""
    reading = _ProductXml()
    try:
        reading.parser.Parse(text, True)
    except expat.ExpatError as error:
        raise ProductFileError(
            f"line {error.lineno}: no XML ({expat.errors.messages[error.code]})",
            hint="fetch the file from the platform again",
        ) from None
    if not reading.product_lists:
        raise ProductFileError(
            "XML without a productList", hint="name the products.xml that the platform gives"
        )
    yield from reading.groups


class _ProductXml:
    """Keeps attributes from product down to resCode, with the line of each resCode."""

    def __init__(self) -> None:
        self.product_lists = 0
        self.groups: list[list[_Row]] = []
        self._product: Mapping[str, str] = {}
        self._sub_type: Mapping[str, str] = {}
        self._code: Mapping[str, str] = {}
        self._line = 0
        self._words: list[str] = []
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._words.append
        self.parser.StartDoctypeDeclHandler = self._doctype

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "productList":
            self.product_lists += 1
        elif name == "product":
            self._product = attributes
        elif name == "subType":
            self._sub_type = attributes
            self.groups.append([])
        elif name == "resCode" and self.groups:
            self._code = attributes
            self._line = self.parser.CurrentLineNumber
            self._words.clear()

    def _end(self, name: str) -> None:
        if name == "resCode" and self.groups:
            product, sub_type = self._product, self._sub_type
            cells = {
                "scheme": Scheme.MSFX20.value,
                "head": self._code.get("codeVersion", "") + "".join(self._words).strip(),
                "id": sub_type.get("typeNo") or product.get("productCode", ""),
                "name": product.get("productName", ""),
                "spec": sub_type.get("spec", ""),
                "pack": sub_type.get("packageSpec", ""),
                "approval": sub_type.get("authorizedNo", ""),
                "level": self._code.get("codeLevel", ""),
                "ratio": self._code.get("pkgRatio", ""),
            }
            stripped = {name: cell.strip() for name, cell in cells.items()}
            self.groups[-1].append(_Row(self._line, stripped))

    def _doctype(self, *_: object) -> None:
        # Entities could make a small file endless; the platform's file declares none.
        raise ProductFileError(
            f"line {self.parser.CurrentLineNumber}: a product XML with a DOCTYPE",
            hint="remove the DOCTYPE, or fetch the file from the platform again",
        )


def _levelled(group: list[_Row], one: LevelOne | None, result: Import) -> Iterator[_Row]:
    """Make codeLevel count from the smallest pack, or leave it out."""
    numbers = {row.cells["level"] for row in group}
    count = len(numbers)
    whole = numbers == {str(level) for level in range(1, count + 1)}
    for row in group:
        level = row.cells["level"]
        if one is None:
            level = ""
        elif one is LevelOne.LARGEST and whole:
            level = str(count + 1 - int(level))
        elif one is LevelOne.LARGEST:
            what = f'codeLevel "{level}" of {row.cells["head"]} counts from the largest pack, but '
            what += f"its product has only the levels {', '.join(sorted(numbers))}"
            hint = "taken without level; complete the product's levels"
            result.complaints.append(Complaint(row.line, what, hint))
            level = ""
        yield _Row(row.line, {**row.cells, "level": level})
