"""Rows to documents, and everything that is checked before a file may be held against goods.

What the supplier sends is a reference only if it is sound by itself: codes that are codes, known
products on known levels, dates that exist, nothing twice, trees that are trees, sums that agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from edge_agent.domain.documents import DocumentError, lacking
from edge_agent.domain.interchange.bill import HEAD, Bill, BillCode, BillLine, Cells, Row
from edge_agent.domain.interchange.texts import code_in, day, instant
from edge_agent.domain.packs import DEEPEST
from edge_agent.domain.products import Products
from edge_agent.domain.typed import TypedError
from edge_agent.domain.written import written
from protocol import codes
from protocol.codes import Classifier, Code

_T = TypeVar("_T")

_LEVEL_HINT = "count levels from the smallest pack, which is 1"
_NUMBER_MAX = 64  # characters
_QUANTITY_MAX = 10**9


class Refusal(NamedTuple):
    """Something that was not taken. ``place`` in the file; ``hint`` is the next step."""

    place: str
    what: str
    hint: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}\n  hint: {self.hint}"


class Gathered(NamedTuple):
    """What came of a file. With ``refusals`` the bills are what is left without them."""

    bills: list[Bill]
    refusals: list[Refusal]
    rows: int


class _Bad(Exception):
    """A row that cannot be taken: what, and the next step."""


@dataclass
class _Draft:
    place: str
    head: tuple[str, ...]
    at_ms: int
    lines: dict[int, BillLine] = field(default_factory=dict)
    line_of: dict[tuple[str, ...], int] = field(default_factory=dict)
    codes: dict[bytes, BillCode] = field(default_factory=dict)
    places: dict[bytes, str] = field(default_factory=dict)
    line_places: dict[int, str] = field(default_factory=dict)


def gather(
    rows: Iterable[Row],
    classifier: Classifier,
    products: Products | None = None,
    defaults: Mapping[str, str] | None = None,
) -> Gathered:
    """Make documents of rows.

    Args:
        classifier: with the rules of this site.
        products: with it, a code of unknown product or of another level than its row says is
            refused.
        defaults: what stands in a cell of the head that the file leaves empty.
    """
    return _Gathering(classifier, products, defaults or {}).run(rows)


class _Gathering:
    def __init__(
        self, classifier: Classifier, products: Products | None, defaults: Mapping[str, str]
    ) -> None:
        self._classifier = classifier
        self._products = products
        self._defaults = defaults
        self._drafts: dict[str, _Draft] = {}
        self._refusals: list[Refusal] = []

    def run(self, rows: Iterable[Row]) -> Gathered:
        count = 0
        for row in rows:
            count += 1
            try:
                self._take(row)
            except _Bad as bad:
                what, hint = bad.args
                self._refuse(row.place, what, hint)
        bills = [bill for draft in self._drafts.values() if (bill := self._bill(draft))]
        return Gathered(bills, self._refusals, count)

    def _refuse(self, place: str, what: str, hint: str) -> None:
        self._refusals.append(Refusal(place, what, hint))

    def _take(self, row: Row) -> None:
        cells = {name: value.strip() for name, value in row.cells.items()}
        draft = self._draft(row.place, cells)
        line = self._line(draft, cells)
        code = self._code(draft, cells, line) if cells.get("code") else None
        # Only now: a row is taken whole or not at all.
        if line.line not in draft.lines:
            draft.lines[line.line] = line
            draft.line_of[line[1:5]] = line.line
            draft.line_places[line.line] = row.place
        elif line.quantity:
            draft.lines[line.line] = line
        if code is not None:
            draft.codes[code.key] = code
            draft.places[code.key] = row.place

    def _draft(self, place: str, cells: Cells) -> _Draft:
        head = tuple(cells.get(name) or self._defaults.get(name, "") for name in HEAD)
        number = head[0]
        if not number or len(number) > _NUMBER_MAX or not number.isprintable():
            raise _Bad(
                f'number "{number}" of the document',
                f"write 1 to {_NUMBER_MAX} characters, or give --number",
            )
        at_ms = _read(instant, head[2], "time", "write yyyy-MM-dd HH:mm:ss, 24 hours")
        known = self._drafts.get(number)
        if known is None:
            try:
                lacks = lacking(head[1], head[3], head[7], head[8])
            except DocumentError as error:
                raise _Bad(error.what, error.hint) from None
            if lacks:
                raise _Bad(
                    f"document {number} of type {head[1]} names no {' and no '.join(lacks)}",
                    "fill the column, or give the option of that name",
                )
            self._drafts[number] = known = _Draft(place, head, at_ms)
        for name, first, value in zip(HEAD, known.head, head, strict=True):
            if first != value and name != "time":
                raise _Bad(
                    f'{name} "{value}" of document {number}, which had "{first}" before',
                    "one number is one document: give the other one its own",
                )
        return known

    def _line(self, draft: _Draft, cells: Cells) -> BillLine:
        made = _read(day, cells.get("made", ""), "made", "write yyyy-MM-dd")
        expiry = _read(day, cells.get("expiry", ""), "expiry", "write yyyy-MM-dd")
        if made and expiry and made >= expiry:
            raise _Bad(f"expiry {expiry} is not after made {made}", "compare with the pack")
        goods = (cells.get("product", ""), cells.get("lot", ""), made, expiry)
        number = _whole(cells, "line", _QUANTITY_MAX)
        if not number:
            # Equal goods are one line; other goods begin the next one.
            number = draft.line_of.get(goods) or max(draft.lines, default=0) + 1
        line = BillLine(number, *goods, _whole(cells, "quantity", _QUANTITY_MAX))
        known = draft.lines.get(number, line)
        if known[:5] != line[:5] or (known.quantity and line.quantity not in (0, known.quantity)):
            raise _Bad(
                f"line {number} says {_told(line)}, and said {_told(known)} before",
                "give other goods a line of their own",
            )
        return line

    def _code(self, draft: _Draft, cells: Cells, line: BillLine) -> BillCode:
        text = cells["code"]
        code = self._read_code(text)
        key = code.key
        if key in draft.codes:
            raise _Bad(f"code {text} stands at {draft.places[key]} already", "list each code once")
        level = _whole(cells, "level", DEEPEST)
        quantity = _whole(cells, "code_quantity", _QUANTITY_MAX)
        if level == 1 and quantity not in (0, 1):
            raise _Bad(
                f"code {text} is a smallest pack and holds {quantity}", "correct level or quantity"
            )
        parent = self._read_code(cells["parent"]).key if cells.get("parent") else b""
        if parent == key:
            raise _Bad(f"code {text} is its own parent", "name the pack around it")
        self._of_table(code, text, line, level)
        return BillCode(key, line.line, level, quantity, parent)

    def _read_code(self, text: str) -> Code:
        try:
            return code_in(text, self._classifier)
        except TypedError as error:
            raise _Bad(error.what, error.hint) from None

    def _of_table(self, code: Code, text: str, line: BillLine, level: int) -> None:
        """Hold a code against the product table. An SSCC says nothing of what is in it."""
        if self._products is None or code.kind == codes.SSCC:
            return
        entry = self._products.of(code, written(code.key).encode())
        if entry is None:
            raise _Bad(
                f"code {text} begins with no head of the product table",
                "complete the table, or ask the sender what it is",
            )
        if line.product and line.product != entry.product.id:
            raise _Bad(
                f'code {text} is product "{entry.product.id}", its row says "{line.product}"',
                "ask the sender which is right",
            )
        if level and entry.level and level != entry.level:
            raise _Bad(f"code {text} is of level {entry.level}, its row says {level}", _LEVEL_HINT)

    def _bill(self, draft: _Draft) -> Bill | None:
        listed = draft.codes
        for key in [key for key in listed if _loops(listed, key)]:
            self._refuse(
                draft.places[key], f"code {written(key)} is inside itself", "correct the parents"
            )
            del listed[key]
        self._levels(draft)
        self._sums(draft)
        if not draft.lines:
            return None
        lines = tuple(draft.lines[line] for line in sorted(draft.lines))
        packs = tuple(sorted(listed.values()))
        return Bill._make((*draft.head[:2], draft.at_ms, *draft.head[3:], lines, packs))

    def _levels(self, draft: _Draft) -> None:
        for key, code in list(draft.codes.items()):
            parent = draft.codes.get(code.parent)
            if parent and parent.level and code.level and parent.level <= code.level:
                self._refuse(
                    draft.places[key],
                    f"code {written(key)} of level {code.level} stands in"
                    f" {written(parent.key)} of level {parent.level}",
                    _LEVEL_HINT,
                )
                del draft.codes[key]

    def _sums(self, draft: _Draft) -> None:
        """Hold numbers against numbers, where the file says both."""
        inside: dict[bytes, list[BillCode]] = {}
        for code in draft.codes.values():
            inside.setdefault(code.parent, []).append(code)
        for parent, children in inside.items():
            around = draft.codes.get(parent)
            quantities = [_quantity(child) for child in children]
            if not around or not around.quantity or not all(quantities):
                continue
            if sum(quantities) != around.quantity:
                self._refuse(
                    draft.places[parent],
                    f"code {written(parent)} says {around.quantity} smallest packs, those listed"
                    f" in it make {sum(quantities)}",
                    "list all that is in it, or none",
                )
        self._line_sums(draft)

    def _line_sums(self, draft: _Draft) -> None:
        sums: dict[int, list[int]] = {}
        spread: set[int] = set()  # lines that share a pack with another one
        for code in draft.codes.values():
            around = draft.codes.get(code.parent)
            if around is None:
                sums.setdefault(code.line, []).append(_quantity(code))
            elif around.line != code.line:
                spread |= {around.line, code.line}
        for number, quantities in sums.items():
            said = draft.lines[number].quantity
            if said and number not in spread and all(quantities) and sum(quantities) != said:
                self._refuse(
                    draft.line_places[number],
                    f"line {number} says {said} smallest packs, its codes make {sum(quantities)}",
                    "ask the sender which is right",
                )


def _read(reader: Callable[[str], _T], text: str, name: str, hint: str) -> _T:
    try:
        return reader(text)
    except ValueError:
        raise _Bad(f'{name} "{text}"', hint) from None


def _whole(cells: Cells, name: str, most: int) -> int:
    text = cells.get(name, "")
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) < 12 and 1 <= int(text) <= most):
        raise _Bad(f'{name} "{text}"', f"write a whole number from 1 to {most}, or nothing")
    return int(text)


def _quantity(code: BillCode) -> int:
    """Smallest packs under a code; 0 if nobody says."""
    return 1 if code.level == 1 else code.quantity


def _told(line: BillLine) -> str:
    return ", ".join(str(value) for value in line[1:] if value) or "nothing"


def _loops(codes: Mapping[bytes, BillCode], key: bytes) -> bool:
    seen = {key}
    at = codes[key].parent
    while at in codes:
        if at in seen:
            return at == key
        seen.add(at)
        at = codes[at].parent
    return False
