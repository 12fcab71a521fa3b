"""Documents of files into the store, and out of it again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from edge_agent.domain.comparing import Line
from edge_agent.domain.documents import BY_CODES, BY_LINES, BY_NOTHING, EXPECTED, Document
from edge_agent.domain.interchange.bill import Bill, BillCode, BillFileError, BillLine
from edge_agent.domain.packs import NOTICE, Statement
from edge_agent.domain.written import written
from edge_agent.store import acts, documents, findings, lots, packing, packs, products
from edge_agent.store.documents import Counted
from edge_agent.store.driver import Tx


def take(tx: Tx, now_ms: int, who: str, bill: Bill, source: dict[str, Any]) -> Document:
    """Write a document that a file told, with the trees it told.

    Trees go to ``store.packs``, and are not spread out here: expected is what is in no other pack
    of the document. Where the file contradicts what is known of a pack, that is a finding.

    Args:
        source: name, format and digest of the file; for the act.

    Raises:
        DocumentError: there is a document of this number.
        BillFileError: it lists a pack and something that is in it as if they stood side by side.
    """
    roots = bill.roots()
    lines_said = any(line.quantity for line in bill.lines)
    mode = BY_CODES if roots else BY_LINES if lines_said else BY_NOTHING
    head = (bill.number, bill.type, bill.partner, bill.owner, bill.operator)
    at_ms = bill.at_ms or now_ms
    rest = (bill.order, bill.person, bill.waybill)
    id = documents.add(tx, Document(0, *head, EXPECTED, mode, at_ms, *rest))
    lot_of = {line.line: _lot(tx, now_ms, id, line) for line in bill.lines}
    statements = _statements(bill, lot_of)
    problems = packing.take(
        tx, now_ms, who, statements, NOTICE, "pack.notice", {"document": bill.number}
    )
    _check_side_by_side(tx, bill.number, roots)
    known = packs.packs(tx, [code.key for code in roots])
    quantities = {
        code.key: code.quantity or (known[code.key].n if code.key in known else 0) or 1
        for code in roots
    }
    sums: dict[int, int] = {}
    for code in roots:
        sums[code.line] = sums.get(code.line, 0) + quantities[code.key]
    documents.add_lines(
        tx,
        id,
        [
            (line.line, line.product, lot_of[line.line], line.quantity or sums.get(line.line, 0))
            for line in bill.lines
        ],
    )
    documents.expect(
        tx, id, [(code.key, code.line, code.level, quantities[code.key]) for code in roots]
    )
    for key, english in {problem.key: problem.english for problem in problems}.items():
        findings.open_finding(tx, now_ms, "pack_conflict", id, key, english)
    acts.append(
        tx,
        now_ms,
        who,
        "document.import",
        {"document": bill.number, "type": bill.type, "partner": bill.partner}
        | {"lines": len(bill.lines), "codes": len(bill.codes), "expected": len(roots), **source},
    )
    return documents.document(tx, id)


def expected(tx: Tx, document: Document) -> Bill:
    """Return what a document expects, with the trees below it, as a file tells it."""
    roots = list(documents.expected(tx, document.id))
    lines = [_told(line) for line in documents.lines(tx, document.id)]
    codes = [BillCode(key, line, level, quantity, b"") for key, line, level, quantity in roots]
    return _bill(document, lines, [*codes, *_below(tx, codes)])


def counted(tx: Tx, document: Document) -> Bill:
    """Return what a document counted, with the trees below it: what the next one in the chain is
    told. Units that were counted for no line get lines by product and lot."""
    lines = {line.line: line for line in documents.lines(tx, document.id)}
    units = documents.counted_units(tx, document.id)
    line_of = _lines_for(tx, [unit for unit in units if unit.line not in lines], lines)
    known = packs.packs(tx, [unit.key for unit in units])
    codes = []
    sums: dict[int, int] = {}
    for unit in units:
        line = line_of.get(unit.key, unit.line)
        pack = known.get(unit.key)
        level = pack.level if pack else int(unit.quantity == 1)
        codes.append(BillCode(unit.key, line, level, unit.quantity, b""))
        sums[line] = sums.get(line, 0) + unit.quantity
    told = [_told(lines[line]._replace(quantity=number)) for line, number in sums.items()]
    return _bill(document, told, [*codes, *_below(tx, codes)])


def _check_side_by_side(tx: Tx, number: str, roots: list[BillCode]) -> None:
    listed = {code.key for code in roots}
    for key, around in packs.ancestors(tx, listed).items():
        for pack in around:
            if pack in listed:
                raise BillFileError(
                    f"document {number} lists {written(key)} beside {written(pack)} around it",
                    hint="list the pack alone, or name it as parent of what is in it",
                )


def _lot(tx: Tx, now_ms: int, document: int, line: BillLine) -> int:
    if not line.lot:
        return 0
    number = lots.lot_id(tx, line.product, line.lot, line.made, line.expiry)
    for other in lots.named(tx, line.lot, line.product):
        if other.product == line.product and other.id != number:
            detail = f"lot {line.lot} is told with {line.made or '?'}…{line.expiry or '?'}"
            detail += f", and was with {other.made or '?'}…{other.expiry or '?'}"
            findings.open_finding(
                tx, now_ms, "expiry_differs", document, b"", detail, line=line.line
            )
    return number


def _statements(bill: Bill, lot_of: dict[int, int]) -> list[Statement]:
    """What the file says of packs: what is in each, and level and lot of each."""
    listed = {code.key: code for code in bill.codes}
    inside: dict[bytes, list[bytes]] = {}
    for code in bill.codes:
        if code.parent:
            inside.setdefault(code.parent, []).append(code.key)
    # A code of which nobody says that it is more than a smallest pack is none that holds something.
    heads = inside.keys() | {code.key for code in bill.codes if code.level > 1}
    found = []
    for key in sorted(heads):
        own = listed.get(key)
        level, lot = (own.level, lot_of[own.line]) if own else (0, 0)
        children = tuple(inside.get(key, ()))
        if children or level or lot:
            found.append(Statement(key, children, level, lot))
    return found


def _below(tx: Tx, roots: Iterable[BillCode]) -> list[BillCode]:
    """Everything in ``roots``, each in the line of its root."""
    found: list[BillCode] = []
    level = list(roots)
    while level:
        held = packs.children(tx, [code.key for code in level])
        known = packs.packs(tx, [key for keys in held.values() for key in keys])
        level = [
            BillCode(
                key,
                code.line,
                known[key].level if key in known else 1,
                (known[key].n if key in known else 0) or 1,
                code.key,
            )
            for code in level
            for key in held.get(code.key, ())
        ]
        found += level
    return found


def _lines_for(tx: Tx, units: list[Counted], lines: dict[int, Line]) -> dict[bytes, int]:
    """Give each unit a line of its product and lot; new ones are added to ``lines``."""
    keys = [unit.key for unit in units]
    around = packs.ancestors(tx, keys)
    known = packs.packs(tx, {*keys, *(key for some in around.values() for key in some)})
    table = products.entries(tx, keys)
    line_of = {}
    by_goods = {(line.product, line.lot_id): line.line for line in lines.values()}
    for key in keys:
        near = (known[one].lot for one in (key, *around.get(key, ())) if one in known)
        lot = next((one for one in near if one), 0)
        product = table[key].product.id if key in table else ""
        number = by_goods.setdefault((product, lot), max(lines, default=0) + 1)
        line_of[key] = number
        if number not in lines:
            said = lots.lots(tx, [lot]).get(lot)
            named = (said.lot, said.expiry) if said else ("", "")
            lines[number] = Line(number, product, *named, 0, 0, said.made if said else "", lot)
    return line_of


def _told(line: Line) -> BillLine:
    return BillLine(line.line, line.product, line.lot, line.made, line.expiry, line.quantity)


def _bill(document: Document, lines: list[BillLine], codes: list[BillCode]) -> Bill:
    head = (document.number, document.type, document.at_ms // 1000 * 1000, document.partner)
    rest = (document.owner, document.operator, document.order, document.person, document.waybill)
    return Bill(*head, *rest, tuple(sorted(lines)), tuple(sorted(codes)))
