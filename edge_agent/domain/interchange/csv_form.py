"""CSV with a line of column names, in UTF-8 or GBK. It can say all that a bill says."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from edge_agent.domain.interchange.bill import COLUMNS, Bill, BillFileError, Row, rows

_ENCODINGS = ("utf-8-sig", "gb18030")  # the second is GBK and all that came after it
_CHUNK = 1 << 20
_NEEDED = "code", "product"  # one of them at least


def read(stream: BinaryIO) -> Iterator[Row]:
    """Yield the rows of a file, one at a time.

    Args:
        stream: at its start, and able to go back there.

    Raises:
        BillFileError: it is no CSV, or has no such columns.
    """
    text = io.TextIOWrapper(stream, _encoding(stream), newline="")
    reader = csv.reader(text, strict=True)
    try:
        titles = [_column(title) for title in next(reader, [])]
        if not set(_NEEDED) & set(titles) or len(set(titles)) != len(titles):
            raise BillFileError(
                f"the first line names the columns {', '.join(titles) or '(none)'}",
                hint="it must name each once, and product or code among them; known are "
                + ", ".join(f"{name} ({chinese})" for name, (chinese, _) in COLUMNS.items()),
            )
        line = reader.line_num + 1
        for cells in reader:
            if any(cells):
                if len(cells) > len(titles):
                    raise BillFileError(
                        f"line {line}: {len(cells)} cells under {len(titles)} columns",
                        hint="put cells with a comma in quotes",
                    )
                yield Row(f"line {line}", dict(zip(titles, cells, strict=False)))
            line = reader.line_num + 1
    except csv.Error as error:
        raise BillFileError(
            f"line {reader.line_num}: no CSV ({error})",
            hint='put cells with a comma or a quote in quotes, and write " inside as ""',
        ) from None
    finally:
        text.detach()


def write(bills: Iterable[Bill]) -> Iterator[str]:
    """Yield the lines of a file; encode it as utf-8-sig, which spreadsheets know."""
    line = io.StringIO()
    writer = csv.DictWriter(line, list(COLUMNS), restval="", lineterminator="\r\n")
    writer.writeheader()
    for bill in bills:
        for row in rows(bill):
            writer.writerow(dict(row.cells))
            yield line.getvalue()
            line.seek(0)
            line.truncate()
    yield line.getvalue()


def _encoding(stream: BinaryIO) -> str:
    """Find out by reading it all once, piece by piece."""
    for encoding in _ENCODINGS:
        decoder = codecs.getincrementaldecoder(encoding)()
        stream.seek(0)
        try:
            while piece := stream.read(_CHUNK):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        stream.seek(0)
        return encoding
    raise BillFileError(
        "the file is neither UTF-8 nor GBK text", hint="save it as `CSV UTF-8` and import that"
    )


def _column(title: str) -> str:
    title = title.strip()
    for name, (chinese, _) in COLUMNS.items():
        if title.lower() == name or title == chinese:
            return name
    return title
