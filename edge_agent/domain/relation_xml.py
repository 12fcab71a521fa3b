"""The platform's relation XML, read piece by piece and written: which code is in which.

``Document`` holds ``Events``, ``Event`` (RelationCreate), ``Relation`` (the product), ``Batch``
(the lot) and ``Code``: curCode, packLayer (1 is the smallest), parentCode, and flag, the shape of
the parent. Some writers begin attributes with a small letter, so their case is passed over.

Source: the golden file of a project that writes such files, and an older generator; see the domain
    brief, section 2.1. What readers of the file were found to insist on: the order of the
    attributes, no byte order mark, lines that end with LF, the root on the declaration's line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import BinaryIO
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from edge_agent.domain.relations import Batch, RelationFileError, Row, level_of, shape_of

_CHUNK = 1 << 16
# Attribute, in the order in which it is written, and field.
_RELATION = {
    "productCode": "product_code",
    "subTypeNo": "sub_type",
    "cascade": "cascade",
    "packageSpec": "spec",
    "comment": "comment",
}
_BATCH = {
    "batchNo": "lot",
    "madeDate": "made",
    "validateDate": "expiry",
    "workshop": "workshop",
    "lineName": "line_name",
    "lineManager": "manager",
}
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_SCHEMA = "关联关系XML Schema-3.0.xsd"


def read(stream: BinaryIO) -> Iterator[Row]:
    """Yield the codes of a file as they come.

    Raises:
        RelationFileError: it is no XML, has no relations in it, or has a DOCTYPE.
    """
    reading = _Reading()
    try:
        while piece := stream.read(_CHUNK):
            reading.parser.Parse(piece, False)
            yield from reading.taken()
        reading.parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise RelationFileError(
            f"line {error.lineno}: no XML ({expat.errors.messages[error.code]})",
            hint="fetch the file again; it must be UTF-8",
        ) from None
    if not reading.relations:
        raise RelationFileError(
            "XML without a Relation", hint="name a relation file (关联关系), not a bill"
        )


def write(rows: Iterable[Row], licence: str = "") -> Iterator[str]:
    """Yield the text of a file, in pieces; UTF-8, without byte order mark. Rows of one batch stand
    together."""
    yield (
        '<?xml version="1.0" encoding="utf-8"?>'
        f'<Document xmlns:xsi="{_XSI}" xsi:noNamespaceSchemaLocation="{_SCHEMA}"'
        f" License={quoteattr(licence)}>\n"
        '<Events Version="3.0"><Event Name="RelationCreate">\n'
    )
    for batch, some in groupby(rows, key=lambda row: row.batch):
        told = batch._asdict()
        yield f"<Relation{_attributes({name: told[of] for name, of in _RELATION.items()})}>\n"
        yield f"<Batch{_attributes({name: told[of] for name, of in _BATCH.items()})}>\n"
        for row in some:
            code = {"curCode": row.code, "packLayer": str(row.level)}
            if row.parent:
                code["parentCode"] = row.parent
            yield f"<Code{_attributes(code | {'flag': str(row.shape or 0)})}/>\n"
        yield "</Batch>\n</Relation>\n"
    yield "</Event></Events></Document>\n"


def _attributes(named: dict[str, str]) -> str:
    return "".join(f" {name}={quoteattr(value)}" for name, value in named.items())


class _Reading:
    """Keeps what is said of product and lot until their codes have come."""

    def __init__(self) -> None:
        self.relations = 0
        self._batch = Batch()
        self._rows: list[Row] = []
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.StartDoctypeDeclHandler = self._doctype

    def taken(self) -> list[Row]:
        rows, self._rows = self._rows, []
        return rows

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        said = {key.lower(): value.strip() for key, value in attributes.items()}
        if name == "Relation":
            self.relations += 1
            self._batch = _said(Batch(), _RELATION, said)
        elif name == "Batch":
            self._batch = _said(self._batch, _BATCH, said)
        elif name == "Code" and self.relations:
            line = self.parser.CurrentLineNumber
            level = level_of(line, said.get("packlayer", ""))
            shape = shape_of(line, said.get("flag", ""))
            code, parent = said.get("curcode", ""), said.get("parentcode", "")
            self._rows.append(Row(line, code, level, parent, shape, self._batch))

    def _doctype(self, *_: object) -> None:
        # Entities could make a small file endless; the platform's file declares none.
        raise RelationFileError(
            f"line {self.parser.CurrentLineNumber}: a relation XML with a DOCTYPE",
            hint="remove the DOCTYPE, or fetch the file again",
        )


def _said(batch: Batch, names: dict[str, str], said: dict[str, str]) -> Batch:
    return batch._replace(**{of: said.get(name.lower(), "") for name, of in names.items()})
