"""Relation files, whatever their form: rows of code and parent, gathered to statements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from edge_agent.domain.packs import MIXED_PARTIAL
from edge_agent.errors import AgentError
from protocol import codes
from protocol.codes import Classifier


class RelationFileError(AgentError):
    """A file that names no relations of packs."""


class Batch(NamedTuple):
    """What a relation file says of a production lot and its product, in its own words.

    Attributes:
        cascade: packs of each level from the largest down, such as 1:5:10; a hint.
        made, expiry: YYYY-MM-DD, as written.
    """

    product_code: str = ""
    sub_type: str = ""
    cascade: str = ""
    spec: str = ""
    comment: str = ""
    lot: str = ""
    made: str = ""
    expiry: str = ""
    workshop: str = ""
    line_name: str = ""
    manager: str = ""


class Row(NamedTuple):
    """One code of a file.

    Attributes:
        line: in the file, from 1.
        level: of ``code``, from the bottom, 1 is the smallest pack; 0 if the file does not say.
        parent: the code of the pack it is in; "" if it is in none.
        shape: of that pack, 0 to 3 of domain.packs.SHAPES; None if the file does not say.
    """

    line: int
    code: str
    level: int = 0
    parent: str = ""
    shape: int | None = None
    batch: Batch = Batch()


class Said(NamedTuple):
    """A statement of a file; see ``domain.packs.Statement``. ``batch``: its place in the part."""

    parent: bytes
    children: list[bytes]
    level: int
    shape: int | None
    batch: int


class Part(NamedTuple):
    """As much of a file as is taken at once.

    Attributes:
        rows: how many codes it names.
        complaints: rows that were not taken, for people.
    """

    rows: int
    batches: list[Batch]
    statements: list[Said]
    complaints: list[str]


def parts(rows: Iterable[Row], classifier: Classifier, most: int) -> Iterator[Part]:
    """Gather ``rows`` to parts of about ``most``, so that no file is ever held whole."""
    gathering = _Gathering(classifier)
    for row in rows:
        gathering.add(row)
        if gathering.rows >= most:
            yield gathering.part()
            gathering = _Gathering(classifier)
    if gathering.rows:
        yield gathering.part()


class _Gathering:
    """One part, as it grows."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier
        self._batches: dict[Batch, int] = {}
        self._said: dict[tuple[bytes, int], Said] = {}
        self._complaints: list[str] = []
        self.rows = 0

    def add(self, row: Row) -> None:
        self.rows += 1
        key = self._key(row.line, row.code)
        parent = self._key(row.line, row.parent) if row.parent else b""
        if key is None or parent is None:
            return
        batch = self._batches.setdefault(row.batch, len(self._batches))
        if row.level > 1:
            self._take(key, batch, row.level, None)
        if parent:
            self._take(parent, batch, 0, row.shape).children.append(key)

    def part(self) -> Part:
        return Part(self.rows, list(self._batches), list(self._said.values()), self._complaints)

    def _take(self, parent: bytes, batch: int, level: int, shape: int | None) -> Said:
        known = self._said.get((parent, batch)) or Said(parent, [], 0, None, batch)
        known = known._replace(
            level=level or known.level, shape=known.shape if shape is None else shape
        )
        self._said[(parent, batch)] = known
        return known

    def _key(self, line: int, text: str) -> bytes | None:
        code = self._classifier.code(b"", text.encode("utf-8"))
        if codes.names_a_unit(code.kind):
            return code.key
        self._complaints.append(f'line {line}: "{text}" is no trace code')
        return None


def level_of(line: int, text: str) -> int:
    """Read a level; "" is 0.

    Raises:
        RelationFileError: it is no number from 1 to 6.
    """
    if text in ("", "1", "2", "3", "4", "5", "6"):
        return int(text or 0)
    raise RelationFileError(
        f'line {line}: level "{text}" is no number from 1 to 6', hint="1 is the smallest pack"
    )


def shape_of(line: int, text: str) -> int | None:
    """Read a shape; "" is None.

    Raises:
        RelationFileError: it is no number from 0 to 3.
    """
    if text == "":
        return None
    if len(text) == 1 and text.isdecimal() and int(text) <= MIXED_PARTIAL:
        return int(text)
    raise RelationFileError(
        f'line {line}: flag "{text}" is no number from 0 to 3',
        hint="0 is whole, 1 mixed, 2 not full, 3 both",
    )
