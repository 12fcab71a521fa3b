"""A relation table as CSV: a column of parents, a column of children, and the parents' level."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator

from edge_agent.domain.relations import RelationFileError, Row, level_of

# Column, and what people in the trade write over it. The first two must be there.
COLUMNS = {"parent": "父码", "child": "子码", "level": "父码级别"}
_NEEDED = ("parent", "child")


def read(lines: Iterable[str]) -> Iterator[Row]:
    """Yield the codes of a table as they come.

    Raises:
        RelationFileError: it has no such columns, or is no CSV.
    """
    reader = csv.reader(lines, strict=True)
    try:
        titles = [_column(title) for title in next(reader, [])]
        if not set(_NEEDED) <= set(titles):
            raise RelationFileError(
                f"the first line names the columns {', '.join(titles) or '(none)'}",
                hint="it must name parent (父码) and child (子码); level (父码级别) may be added",
            )
        for cells in reader:
            row = {title: cell.strip() for title, cell in zip(titles, cells, strict=False)}
            if not any(row.values()):
                continue
            line, parent = reader.line_num, row.get("parent", "")
            if level := level_of(line, row.get("level", "")):
                yield Row(line, parent, level)
            yield Row(line, row.get("child", ""), 0, parent)
    except (csv.Error, UnicodeDecodeError) as error:
        raise RelationFileError(
            f"line {reader.line_num}: no CSV in UTF-8 ({error})", hint="save it as `CSV UTF-8`"
        ) from None


def _column(title: str) -> str:
    title = title.strip().removeprefix("\ufeff")
    return next((name for name, said in COLUMNS.items() if title in (name, said)), title)
