"""A document as files tell it: head, lines, codes with the packs around them; and as flat rows.

Every format is read into rows with the columns below, one for each code (or for a line without
codes), and written from the same rows. So there is one place that checks (``gathering``), and one
that knows what a document is. What a file leaves open is "" or 0 here too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeAlias

from edge_agent.domain.interchange.texts import wall
from edge_agent.domain.written import written
from edge_agent.errors import AgentError

# Column: what people in the trade write over it, and what stands in it.
COLUMNS = {
    "number": ("单据编号", "number of the document; needed"),
    "type": ("单据类型", "a type of documents, by name; needed"),
    "time": ("单据时间", "yyyy-MM-dd HH:mm:ss, 24 hours, Chinese time; or ISO 8601 with an offset"),
    "partner": ("往来单位", "who sends or gets the goods"),
    "owner": ("货主", "whose goods they are, if not this company's"),
    "operator": ("操作员", "who handles them"),
    "order": ("订单号", "number of the order it answers"),
    "person": ("处方或就诊号", "the host's word for a person, never a name or an identity number"),
    "waybill": ("运单号", "number of the parcel"),
    "line": ("行号", "number of the line, from 1; without it, equal goods are one line"),
    "product": ("产品编码", "the product's number, as in the product table"),
    "lot": ("批号", "lot"),
    "made": ("生产日期", "yyyy-MM-dd"),
    "expiry": ("有效期至", "yyyy-MM-dd"),
    "quantity": ("数量", "of the line, in smallest packs"),
    "code": ("追溯码", "20 digits, (01)…(21)…, or (00)…"),
    "level": ("包装级别", "of the pack, 1 is the smallest"),
    "code_quantity": ("码内数量", "smallest packs under the code"),
    "parent": ("父码", "code of the pack around it"),
}
HEAD = ("number", "type", "time", "partner", "owner", "operator", "order", "person", "waybill")
LINE = ("line", "product", "lot", "made", "expiry", "quantity")
CODE = ("code", "level", "code_quantity", "parent")

Cells: TypeAlias = Mapping[str, str]


class Row(NamedTuple):
    """One row. ``place`` says where it stands in its file, such as "line 7"."""

    place: str
    cells: Cells


class BillCode(NamedTuple):
    """One code. ``parent`` is the key of the pack around it, empty if none is named."""

    key: bytes
    line: int
    level: int
    quantity: int
    parent: bytes


class BillLine(NamedTuple):
    """One line; ``quantity`` in smallest packs."""

    line: int
    product: str
    lot: str
    made: str
    expiry: str
    quantity: int


class Bill(NamedTuple):
    """One document. ``at_ms`` is UTC, milliseconds since 1970, to the second; 0 if not said.
    Lines stand in the order of their numbers, codes in the order of their keys."""

    number: str
    type: str
    at_ms: int
    partner: str
    owner: str
    operator: str
    order: str
    person: str
    waybill: str
    lines: tuple[BillLine, ...]
    codes: tuple[BillCode, ...]

    def roots(self) -> list[BillCode]:
        """The codes that are in no other pack of this document."""
        listed = {code.key for code in self.codes}
        return [code for code in self.codes if code.parent not in listed]


class BillFileError(AgentError):
    """A file that is no document at all, or a document that a format cannot say."""


def rows(bill: Bill) -> Iterator[Row]:
    """Yield ``bill`` as rows: its lines in order, the codes of each behind it."""
    head = {"number": bill.number, "type": bill.type, "time": wall(bill.at_ms)}
    head |= {name: getattr(bill, name) for name in HEAD[3:]}
    of_line: dict[int, list[BillCode]] = {}
    for code in bill.codes:
        of_line.setdefault(code.line, []).append(code)
    for line in bill.lines:
        cells = head | {name: _shown(getattr(line, name)) for name in LINE}
        found = of_line.get(line.line, [])
        if not found:
            yield Row(f"line {line.line}", cells)
        for code in found:
            yield Row(
                f"line {line.line}",
                cells
                | {"code": written(code.key), "level": _shown(code.level)}
                | {
                    "code_quantity": _shown(code.quantity),
                    "parent": written(code.parent) if code.parent else "",
                },
            )


def _shown(value: str | int) -> str:
    return str(value) if value else ""
