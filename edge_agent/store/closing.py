"""The end of a document: what it lacks, whether it may be closed, and what its source is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from edge_agent.domain.comparing import Difference, Lack, Line, at_end
from edge_agent.domain.documents import BY_NOTHING, CLOSED, OUT, TYPES, Document
from edge_agent.domain.findings import BY_SCAN, KINDS, OF_THE_END
from edge_agent.domain.persons import BY_PERSON
from edge_agent.store import acts, classes, documents, findings, packs, persons, products
from edge_agent.store.documents import Counted
from edge_agent.store.driver import Tx
from edge_agent.store.findings import Finding


class Verification(NamedTuple):
    """What the source of the goods is told, also when everything was right.

    Attributes:
        ok: goods and document agreed in everything.
        codes: kinds of the findings that there were.
        text: 中文, one sentence.
        receivable: smallest packs that should have come; ``received``: that came.
    """

    ok: bool
    codes: list[str]
    text: str
    receivable: int
    received: int


class Report(NamedTuple):
    """Whether goods and document are consistent, line by line."""

    document: Document
    lines: list[Line]
    counted: int
    missing: int
    findings: list[Finding]
    verification: Verification


def close(tx: Tx, now_ms: int, who: str, document: Document) -> list[Finding]:
    """Close a document, unless something about it is not settled.

    What is missing or too much now becomes a finding; one of an earlier try that holds no more is
    settled. Units that nobody scanned at all are missing, every one.

    Returns:
        the open findings. None: it is closed.

    Raises:
        DocumentError: it is over already.
    """
    documents.check_follows(document, CLOSED)
    lines, lacking = _compared(tx, document)
    _refresh(tx, now_ms, who, document, lacking)
    if still_open := findings.open_of(tx, document.id):
        return still_open
    documents.set_state(tx, document, CLOSED)
    documents.leave_stations(tx, document.id)
    told = _verification(lines, findings.of_document(tx, document.id), lacking)
    acts.append(
        tx,
        now_ms,
        who,
        "document.close",
        {"document": document.number, "type": document.type, "partner": document.partner}
        | {"verification": told._asdict()},
    )
    return []


def report(tx: Tx, document: Document) -> Report:
    """Say how goods and document compare now; nothing is written."""
    lines, lacking = _compared(tx, document)
    found = findings.of_document(tx, document.id)
    return Report(
        document,
        lines,
        sum(unit.quantity for unit in documents.counted_units(tx, document.id)),
        sum(one.expected - one.counted for one in lacking if one.kind == "missing"),
        found,
        _verification(lines, found, lacking),
    )


def _compared(tx: Tx, document: Document) -> tuple[list[Line], list[Difference]]:
    """The lines with what was really counted for each, and what is missing or too much."""
    units = {unit.key: unit for unit in documents.counted_units(tx, document.id)}
    lacks, covering = _lacks(tx, document.id, units)
    # A pack around several expected ones was counted as one: each line gets its part of it.
    moved: dict[int, int] = {}
    for pack, parts in covering.items():
        for line, quantity in parts:
            moved[line] = moved.get(line, 0) + quantity
            moved[units[pack].line] = moved.get(units[pack].line, 0) - quantity
    lines = [
        line._replace(counted=line.counted + moved.get(line.line, 0))
        for line in documents.lines(tx, document.id)
    ]
    lacking = at_end(document.type, document.mode, lines, lacks)
    if document.mode != BY_NOTHING:
        lacking += _beside(tx, document.id, units, moved.get(0, 0))
    kind = TYPES[document.type]
    if kind.person and kind.direction == OUT:
        lacking += _handed_to_nobody(tx, units, {line.line: line.product for line in lines})
    return lines, lacking


def _lacks(
    tx: Tx, document: int, units: Mapping[bytes, Counted]
) -> tuple[list[Lack], dict[bytes, list[tuple[int, int]]]]:
    """Every expected code that is not wholly counted; and of each pack counted around expected
    ones, the line and quantity of each."""
    due = documents.uncounted(tx, document)
    around = packs.ancestors(tx, [key for key, _, _ in due])
    opened = documents.touched(tx, document, [key for key, _, _ in due])
    lacks = []
    covering: dict[bytes, list[tuple[int, int]]] = {}
    for key, line, quantity in due:
        pack = next((one for one in around.get(key, ()) if one in units), None)
        if pack is not None:
            covering.setdefault(pack, []).append((line, quantity))
            continue
        there = 0
        if key in opened:
            inside = packs.descendants(tx, key)
            there = sum(units[one].quantity for one in inside if one in units)
        if there < quantity:
            lacks.append(Lack(key, line, quantity, there))
    return lacks, covering


def _beside(tx: Tx, document: int, units: Mapping[bytes, Counted], moved: int) -> list[Difference]:
    """What was counted for no line is too much, unless a person said that it is right."""
    beside = [unit for unit in units.values() if unit.line == 0]
    right = findings.taken(tx, document, [unit.key for unit in beside])
    number = moved + sum(unit.quantity for unit in beside if unit.key not in right)
    return [Difference("surplus", 0, b"", 0, number)] if number > 0 else []


def _handed_to_nobody(
    tx: Tx, units: Mapping[bytes, Counted], of_line: Mapping[int, str]
) -> list[Difference]:
    """Units of products that may go to a known person only, and of which no person is on record.

    Args:
        of_line: product by number of the line.
    """
    known = products.entries(tx, units)
    named = {key: known[key].product.id if key in known else "" for key in units}
    product = {key: named[key] or of_line.get(unit.line, "") for key, unit in units.items()}
    of = classes.classes(tx, product.values())
    strict = [key for key in units if not BY_PERSON.isdisjoint(of[product[key]])]
    there = persons.handed(tx, strict)
    return [
        Difference("no_person", units[key].line, key, units[key].quantity, 0)
        for key in strict
        if key not in there
    ]


def _refresh(tx: Tx, now_ms: int, who: str, document: Document, lacking: list[Difference]) -> None:
    known = findings.of_document(tx, document.id)
    told = {(one.kind, one.key, one.line, one.detail) for one in known if one.settled}
    now = {(one.kind, one.key, one.line) for one in lacking}
    for one in known:
        at_the_end = one.kind in OF_THE_END and not one.settled
        # A surplus that a scan showed has a key, and stays until a person has looked.
        by_scan = one.kind in BY_SCAN and one.key != b""
        if at_the_end and not by_scan and (one.kind, one.key, one.line) not in now:
            findings.gone(tx, now_ms, who, one)
    for lack in lacking:
        if (lack.kind, lack.key, lack.line, lack.detail) not in told:
            findings.open_finding(
                tx, now_ms, lack.kind, document.id, lack.key, lack.detail, line=lack.line
            )


def _verification(
    lines: list[Line], found: list[Finding], lacking: list[Difference]
) -> Verification:
    kinds = {one.kind for one in found if one.outcome != findings.GONE}
    codes = sorted(kinds | {one.kind for one in lacking})
    names = "、".join(KINDS[kind].words[0] for kind in codes)
    return Verification(
        not codes,
        codes,
        f"核对不一致：{names}" if codes else "核对一致",
        sum(line.quantity for line in lines),
        sum(line.counted for line in lines),
    )
