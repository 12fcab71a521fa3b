"""JSON: documents, their lines, the codes of each. It can say all that a bill says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO, TypeVar

import msgspec

from edge_agent.domain.interchange.bill import (
    CODE,
    HEAD,
    LINE,
    Bill,
    BillFileError,
    Cells,
    Row,
    rows,
)

_T = TypeVar("_T")


class _Code(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    code: str
    level: int = 0
    code_quantity: int = 0
    parent: str = ""


class _Line(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    line: int = 0
    product: str = ""
    lot: str = ""
    made: str = ""
    expiry: str = ""
    quantity: int = 0
    codes: list[_Code] = []


class _Document(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    number: str = ""
    type: str = ""
    time: str = ""
    partner: str = ""
    owner: str = ""
    operator: str = ""
    order: str = ""
    person: str = ""
    waybill: str = ""
    lines: list[_Line] = []


class _File(msgspec.Struct, forbid_unknown_fields=True):
    documents: list[_Document]


def read(stream: BinaryIO) -> Iterator[Row]:
    """Yield the rows of a file; its text is read as a whole.

    Raises:
        BillFileError: it is no JSON of this shape; says where.
    """
    try:
        file = msgspec.json.decode(stream.read(), type=_File)
    except msgspec.DecodeError as error:
        raise BillFileError(
            f"the file is no JSON of documents: {error}",
            hint='write {"documents": [{"number": …, "type": …, "lines": [{…, "codes": […]}]}]}',
        ) from None
    for i, document in enumerate(file.documents):
        head = {name: getattr(document, name) for name in HEAD}
        for j, line in enumerate(document.lines):
            place = f"$.documents[{i}].lines[{j}]"
            cells = head | {name: _text(getattr(line, name)) for name in LINE}
            if not line.codes:
                yield Row(place, cells)
            for k, code in enumerate(line.codes):
                own = {name: _text(getattr(code, name)) for name in CODE}
                yield Row(f"{place}.codes[{k}]", cells | own)


def write(bills: Iterable[Bill]) -> Iterator[str]:
    """Yield the pieces of a file."""
    yield '{"documents":['
    for number, bill in enumerate(bills):
        document = _Document()
        lines: dict[str, _Line] = {}
        for row in rows(bill):
            cells = row.cells
            if not lines:
                document = msgspec.convert({name: cells[name] for name in HEAD}, _Document)
            if cells["line"] not in lines:
                lines[cells["line"]] = _made(cells, LINE, _Line)
            if cells.get("code"):
                lines[cells["line"]].codes.append(_made(cells, CODE, _Code))
        document.lines = list(lines.values())
        yield ("," if number else "") + "\n" + msgspec.json.encode(document).decode()
    yield "\n]}\n"


def _text(value: str | int) -> str:
    return str(value) if value else ""


def _made(cells: Cells, names: Iterable[str], of: type[_T]) -> _T:
    said = {name: cells[name] for name in names if cells[name]}
    return msgspec.convert(said, of, strict=False)
