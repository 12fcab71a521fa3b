"""The platform's XML: bills as scanners write them, and relation files.

A bill names number, type, operator, time, one partner, and codes with product, lot and date of
production; nothing else. A relation file names the packs of lots, and no bill: number, type and
partner come from outside. Both are read; bills are written.

Source: element and attribute names (and their spelling) as two independent generators of scanner
files write them, and the golden file of a project that writes relation files; see the domain
brief, section 2.1. The platform's own schema is not public.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from edge_agent.domain.documents import IN, TYPES, type_of_event
from edge_agent.domain.interchange.bill import Bill, BillFileError, Row
from edge_agent.domain.interchange.texts import wall
from edge_agent.domain.written import written

# What a written bill leaves out.
SILENT = frozenset(
    ("owner", "order", "person", "waybill", "line", "expiry", "quantity", "level")
) | frozenset(("code_quantity", "parent"))

_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*encoding=["']([A-Za-z0-9_.-]+)["']""")
_CHUNK = 1 << 16
# Attribute of Data: column. Which of the two corporations is the partner hangs on the direction.
_DATA = {
    "Code": "code",
    "CorpOrderID": "number",
    "Actor": "operator",
    "CorpProductID": "product",
    "CorpBatchNo": "lot",
    "ProduceDate": "made",
}
_FROM, _TO = "FromCorpID", "ToCorpID"


def read(stream: BinaryIO) -> Iterator[Row]:
    """Yield the rows of a file, piece by piece.

    Raises:
        BillFileError: it is no XML, none of this kind, or declares entities.
    """
    reading = _Reading()
    first = stream.read(_CHUNK)
    declared = _DECLARED.match(first.removeprefix(codecs.BOM_UTF8))
    encoding = declared[1].decode().lower() if declared else "utf-8"
    # GBK is unknown to the parser, so it gets UTF-8 whatever the file is in.
    encoding = "gb18030" if encoding in ("gbk", "gb2312", "gb18030") else encoding
    try:
        decoder = codecs.getincrementaldecoder(encoding)()
        piece = first
        while True:
            reading.parser.Parse(decoder.decode(piece, not piece).encode(), not piece)
            yield from reading.rows
            reading.rows.clear()
            if not piece:
                break
            piece = stream.read(_CHUNK)
    except (LookupError, UnicodeDecodeError):
        raise BillFileError(
            f"the file is not in the encoding it declares, {encoding}",
            hint="save it as UTF-8 and say so in its first line",
        ) from None
    except expat.ExpatError as error:
        raise BillFileError(
            f"line {error.lineno}: no XML ({expat.errors.messages[error.code]})",
            hint="fetch the file again; it may have been cut",
        ) from None
    if not reading.events:
        raise BillFileError(
            "XML without Document, Events and Event",
            hint="name a bill of a scanner, or a relation file of the platform",
        )


def write(bills: Iterable[Bill]) -> Iterator[str]:
    """Yield the pieces of a file: an Event for each bill.

    Raises:
        BillFileError: the scanner's file has no event for the type, or a line has no codes.
    """
    yield (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<Document xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        ' xsi:noNamespaceSchemaLocation="终端接口XML Schema-3.0.xsd" Version="3.0">\n<Events>\n'
    )
    for bill in bills:
        yield from _event(bill)
    yield "</Events>\n</Document>\n"


def _event(bill: Bill) -> Iterator[str]:
    of = TYPES[bill.type]
    if not of.event:
        raise BillFileError(
            f"document {bill.number}: a scanner's file has no event for {bill.type}",
            hint="export it as csv, json or epcis",
        )
    bare = {line.line for line in bill.lines} - {code.line for code in bill.roots()}
    if bare:
        raise BillFileError(
            f"document {bill.number}: line {min(bare)} has no codes, and a scanner's file has"
            " nothing else",
            hint="export it as csv, json or epcis",
        )
    action = "WareHouseIn" if of.direction == IN else "WareHouseOut"
    partner = _FROM if of.direction == IN else _TO
    names = ["CorpOrderID", "Actor", "ActDate", partner, *list(_DATA)[3:], "Code"]
    yield f"<Event Name={quoteattr(of.event)} MainAction={quoteattr(action)}>\n"
    yield f"<ActionMapping><Action Name={quoteattr(action)}>"
    yield "".join(f"<ActionData>{name}</ActionData>" for name in names)
    yield "</Action></ActionMapping>\n<DataMaping>"  # so spelt in the files
    yield "".join(f'<MetaData Name="{name}" Type="String"/>' for name in names)
    yield "</DataMaping>\n<DataField>\n"
    lines = {line.line: line for line in bill.lines}
    for code in sorted(bill.roots(), key=lambda code: code.line):
        line = lines[code.line]
        data = {
            "Code": written(code.key),
            "CorpOrderID": bill.number,
            "Actor": bill.operator,
            "ActDate": wall(bill.at_ms),
            "WrongCode": "False",
            partner: bill.partner,
            "CorpProductID": line.product,
            "CorpBatchNo": line.lot,
            "ProduceDate": line.made,
        }
        shown = " ".join(f"{name}={quoteattr(value)}" for name, value in data.items() if value)
        yield f"<Data {shown}/>\n"
    yield "</DataField></Event>\n"


class _Reading:
    """Keeps attributes from Event down to Data, and from Relation down to Code."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.events = 0
        self._type = ""
        self._relation: Mapping[str, str] = {}
        self._batch: Mapping[str, str] = {}
        self._times: dict[str, str] = {}
        self._path: list[str] = []
        self.parser = expat.ParserCreate("utf-8")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._doctype

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name)
        if self._path == ["Document", "Events", "Event"]:
            self.events += 1
            # An older generator writes `name`.
            event = attributes.get("Name", attributes.get("name", ""))
            self._type = type_of_event(event)
            if not self._type and event != "RelationCreate":
                raise BillFileError(
                    f'line {self.parser.CurrentLineNumber}: event "{event}" is no document we know',
                    hint="known are " + ", ".join(of.event for of in TYPES.values() if of.event),
                )
        elif name == "Data":
            self._data(attributes)
        elif name == "Relation":
            self._relation = attributes
        elif name == "Batch":
            self._batch = attributes
        elif name == "Code" and "curCode" in attributes:
            self._packed(attributes)

    def _end(self, name: str) -> None:
        self._path.pop()

    def _data(self, attributes: Mapping[str, str]) -> None:
        if attributes.get("WrongCode", "").lower() == "true":
            return  # the scanner itself took it back
        cells = {column: attributes.get(name, "") for name, column in _DATA.items()}
        partner = _FROM if self._type and TYPES[self._type].direction == IN else _TO
        cells["partner"] = attributes.get(partner, "")
        cells["type"] = self._type
        # Every scan has its time; the document's is that of the first.
        cells["time"] = self._times.setdefault(cells["number"], attributes.get("ActDate", ""))
        self._row(cells)

    def _packed(self, attributes: Mapping[str, str]) -> None:
        cells = {
            "product": self._relation.get("productCode", ""),
            "lot": self._batch.get("batchNo", ""),
            "made": self._batch.get("madeDate", ""),
            "expiry": self._batch.get("validateDate", ""),
            "code": attributes["curCode"],
            "level": attributes.get("packLayer", ""),
            "parent": attributes.get("parentCode", ""),
        }
        self._row(cells)

    def _row(self, cells: Mapping[str, str]) -> None:
        self.rows.append(Row(f"line {self.parser.CurrentLineNumber}", cells))

    def _doctype(self, *_: object) -> None:
        # Entities could make a small file endless, or read other files.
        raise BillFileError(
            f"line {self.parser.CurrentLineNumber}: XML with a DOCTYPE",
            hint="remove the DOCTYPE, or fetch the file again",
        )
