"""The formats of documents by name: how each is read and written, and what it cannot say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, NamedTuple

from edge_agent.domain.interchange import csv_form, epcis_form, json_form, msfx_form
from edge_agent.domain.interchange.bill import Bill, BillFileError, Row


class Format(NamedTuple):
    """One of them.

    Attributes:
        read: yields rows; raises BillFileError where the file is none of this format.
        write: yields pieces of text.
        encoding: in which the pieces are written.
        silent: columns that it cannot say.
    """

    read: Callable[[BinaryIO], Iterator[Row]]
    write: Callable[[Iterable[Bill]], Iterator[str]]
    encoding: str
    silent: frozenset[str]


FORMATS = {
    "csv": Format(csv_form.read, csv_form.write, "utf-8-sig", frozenset()),
    "json": Format(json_form.read, json_form.write, "utf-8", frozenset()),
    "msfx": Format(msfx_form.read, msfx_form.write, "utf-8", msfx_form.SILENT),
    "epcis": Format(epcis_form.read, epcis_form.write, "utf-8", epcis_form.SILENT),
}


def recognised(stream: BinaryIO) -> str:
    """Tell the format of a file by how it begins; the stream is back at its start afterwards.

    Raises:
        BillFileError: it is empty.
    """
    head = stream.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
    stream.seek(0)
    if not head:
        raise BillFileError("the file is empty", hint="fetch it again")
    if head.startswith(b"<"):
        return "msfx"
    if head.startswith(b"{"):
        return "epcis" if b"EPCISDocument" in head else "json"
    return "csv"
