"""Documents: what they are and expect, what they counted, and which one a scan is meant for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from edge_agent.domain.comparing import Line
from edge_agent.domain.documents import (
    CANCELLED,
    EXPECTED,
    OPEN,
    STATES,
    Document,
    DocumentError,
    may_follow,
)
from edge_agent.store import acts
from edge_agent.store.codes import filled
from edge_agent.store.driver import Tx

_COLUMNS = (
    "id, number, type, partner, owner, operator, state, mode, at_ms, ordered, person, waybill"
)


class Expectation(NamedTuple):
    """That a document expects a unit. ``lot`` is an id, 0 if its line names none; ``level`` counts
    from the bottom, 0 if nobody says; ``quantity`` in smallest packs."""

    document: int
    line: int
    lot: int
    level: int
    quantity: int


class Counted(NamedTuple):
    """That a unit was counted. ``number`` of the record that did it; ``quantity`` in smallest
    packs; ``line`` is 0 if the document has none for it."""

    document: int
    key: bytes
    number: int
    line: int
    quantity: int


def add(tx: Tx, document: Document) -> int:
    """Write a new document and return its id; the id in ``document`` is not looked at.

    Raises:
        DocumentError: there is one of this number.
    """
    if tx.execute("SELECT 1 FROM document WHERE number = ?", (document.number,)).fetchone():
        raise DocumentError(
            f"document {document.number} is in the store already",
            hint=f"`scandock document show {document.number}` shows it; a correction by its sender"
            " needs a number of its own",
        )
    (number,) = tx.execute(
        "INSERT INTO document (number, type, partner, owner, operator, state, mode, at_ms,"
        " ordered, person, waybill) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        document[1:],
    ).fetchone()
    return int(number)


def add_lines(tx: Tx, document: int, rows: Iterable[tuple[int, str, int, int]]) -> None:
    """Write lines: number, product, lot id, quantity."""
    tx.executemany(
        "INSERT INTO document_line VALUES (?, ?, ?, ?, ?, 0)",
        ((document, *row) for row in rows),
    )


def expect(tx: Tx, document: int, rows: Iterable[tuple[bytes, int, int, int]]) -> None:
    """Write expected codes: key, line, level, quantity; in the order of the keys."""
    tx.executemany(
        "INSERT INTO expected VALUES (?, ?, ?, ?, ?)",
        ((key, document, line, level, quantity) for key, line, level, quantity in sorted(rows)),
    )


def named(tx: Tx, number: str) -> Document:
    """Return the document of this number.

    Raises:
        DocumentError: there is none.
    """
    row = tx.execute(f"SELECT {_COLUMNS} FROM document WHERE number = ?", (number,)).fetchone()
    if row is None:
        raise DocumentError(
            f"there is no document {number}", hint="`scandock document list` shows all"
        )
    return Document(*row)


def document(tx: Tx, id: int) -> Document:
    """Return the document of this id, which is there."""
    row = tx.execute(f"SELECT {_COLUMNS} FROM document WHERE id = ?", (id,)).fetchone()
    return Document(*row)


def all_documents(tx: Tx) -> Iterator[Document]:
    """Yield every document, the newest first."""
    for row in tx.execute(f"SELECT {_COLUMNS} FROM document ORDER BY id DESC"):
        yield Document(*row)


def open_documents(tx: Tx) -> list[Document]:
    """Return those that are open, in the order they came in."""
    return [
        Document(*row)
        for row in tx.execute(
            f"SELECT {_COLUMNS} FROM document WHERE state IN (1, 2) AND state = ? ORDER BY id",
            (OPEN,),
        )
    ]


def set_state(tx: Tx, document: Document, state: int) -> None:
    """Take a document over to ``state``.

    Raises:
        DocumentError: that cannot follow.
    """
    check_follows(document, state)
    tx.execute("UPDATE document SET state = ? WHERE id = ?", (state, document.id))


def check_follows(document: Document, state: int) -> None:
    """
    Raises:
        DocumentError: ``state`` cannot follow on that of ``document``.
    """
    if not may_follow(document.state, state):
        now, _, after = STATES[document.state]
        raise DocumentError(
            f"document {document.number} is {now}: it cannot be {STATES[state][0]} next",
            hint="what can follow: " + ", ".join(STATES[one][0] for one in after)
            if after
            else "what is over stays as it is; corrections are documents of their own",
        )


def open_document(tx: Tx, now_ms: int, who: str, document: Document) -> None:
    """Begin with a document: from now on its units may be scanned.

    Raises:
        DocumentError: it is open already, or over.
    """
    set_state(tx, document, OPEN)
    acts.append(tx, now_ms, who, "document.open", {"document": document.number})


def cancel(tx: Tx, now_ms: int, who: str, document: Document, why: str) -> None:
    """Give up a document of which nothing was counted.

    Raises:
        DocumentError: something was counted, or it is over.
    """
    if tx.execute("SELECT 1 FROM counted WHERE document = ? LIMIT 1", (document.id,)).fetchone():
        raise DocumentError(
            f"document {document.number} has counted units: it cannot be cancelled",
            hint="close it; what was booked is taken back by a document of return",
        )
    set_state(tx, document, CANCELLED)
    leave_stations(tx, document.id)
    acts.append(tx, now_ms, who, "document.cancel", {"document": document.number, "why": why})


def bound(tx: Tx, device: str) -> Document | None:
    """Return the document that is open at this station now."""
    row = tx.execute(
        f"SELECT {_COLUMNS} FROM document WHERE state = ? AND id ="
        " (SELECT document FROM bound WHERE device = ?)",
        (OPEN, device),
    ).fetchone()
    return Document(*row) if row else None


def bound_stations(tx: Tx) -> dict[str, int]:
    """Return the id of the document at each station that has one."""
    return dict(tx.execute("SELECT device, document FROM bound ORDER BY device").fetchall())


def bind_station(tx: Tx, now_ms: int, who: str, device: str, number: str) -> Document:
    """Work on a document at a station, in place of the one before; open it if it is expected.

    Raises:
        DocumentError: there is no such document, or it is over.
    """
    found = named(tx, number)
    if found.state == EXPECTED:
        open_document(tx, now_ms, who, found)
    elif found.state != OPEN:
        check_follows(found, OPEN)
    tx.execute(
        "INSERT INTO bound VALUES (?, ?)"
        " ON CONFLICT (device) DO UPDATE SET document = excluded.document",
        (device, found.id),
    )
    acts.append(tx, now_ms, who, "document.bind", {"document": number, "station": device})
    return document(tx, found.id)


def release_station(tx: Tx, now_ms: int, who: str, device: str) -> Document | None:
    """Work on no document at this station any more; returns the one it was."""
    found = bound(tx, device)
    tx.execute("DELETE FROM bound WHERE device = ?", (device,))
    if found is not None:
        body = {"document": found.number, "station": device}
        acts.append(tx, now_ms, who, "document.release", body)
    return found


def leave_stations(tx: Tx, document: int) -> None:
    """Take a document away from every station; for one that is over."""
    tx.execute("DELETE FROM bound WHERE document = ?", (document,))


def match(
    tx: Tx,
    key: bytes,
    around: Iterable[bytes],
    inside: Iterable[bytes] = (),
    types: Sequence[str] = (),
) -> list[Document]:
    """Return the open documents that a unit can be meant for, in the order they came in.

    One: it is that. Several: nobody can tell, and nothing is guessed. None: no open document
    expects the unit, a pack around it, or one inside it.

    Args:
        around: keys of the packs around it, as ``packs.ancestors``.
        inside: keys of those in it, as ``packs.descendants``; asked for only if nothing else is
            found, so leave it out where the unit is a smallest pack.
        types: of documents that this station takes; none for all.
    """
    found = expectations(tx, (key, *around)) or expectations(tx, inside)
    ids = sorted({one.document for some in found.values() for one in some})
    meant = [document(tx, id) for id in ids]
    return [one for one in meant if not types or one.type in types]


def expectations(tx: Tx, keys: Iterable[bytes]) -> dict[bytes, list[Expectation]]:
    """Return what open documents expect of ``keys``; nothing for those that none expects."""
    found: dict[bytes, list[Expectation]] = {}
    for some in filled(sorted(set(keys))):
        for key, *rest in tx.execute(
            "SELECT e.key, e.document, e.line, coalesce(l.lot, 0), e.level, e.quantity"
            " FROM expected e JOIN document d ON d.id = e.document AND d.state = 2"
            " LEFT JOIN document_line l ON l.document = e.document AND l.line = e.line"
            f" WHERE e.key IN ({_marks(some)})",
            some,
        ):
            found.setdefault(key, []).append(Expectation(*rest))
    return found


def lines(tx: Tx, document: int) -> list[Line]:
    """Return the lines of a document, in order."""
    return [
        Line(*row)
        for row in tx.execute(
            "SELECT l.line, l.product, coalesce(t.lot, ''), coalesce(t.expiry, ''), l.quantity,"
            " l.counted, coalesce(t.made, ''), l.lot"
            " FROM document_line l LEFT JOIN lot t ON t.id = l.lot"
            " WHERE l.document = ? ORDER BY l.line",
            (document,),
        )
    ]


def expected(tx: Tx, document: int) -> Iterator[tuple[bytes, int, int, int]]:
    """Yield the codes that a document expects: key, line, level, quantity; in order."""
    yield from tx.execute(
        "SELECT key, line, level, quantity FROM expected WHERE document = ? ORDER BY key",
        (document,),
    )


def uncounted(tx: Tx, document: int) -> list[tuple[bytes, int, int]]:
    """Return expected codes that were not counted themselves: key, line, quantity."""
    rows = tx.execute(
        "SELECT e.key, e.line, e.quantity FROM expected e LEFT JOIN counted c"
        " ON c.document = e.document AND c.key = e.key"
        " WHERE e.document = ? AND c.key IS NULL ORDER BY e.key",
        (document,),
    )
    return [(key, line, quantity) for key, line, quantity in rows]


def counted(tx: Tx, document: int, keys: Iterable[bytes]) -> dict[bytes, int]:
    """Return those of ``keys`` that this document counted, each with the record that did it."""
    found: dict[bytes, int] = {}
    for some in filled(sorted(set(keys))):
        found.update(
            tx.execute(
                f"SELECT key, number FROM counted WHERE document = ? AND key IN ({_marks(some)})",
                (document, *some),
            ).fetchall()
        )
    return found


def counted_units(tx: Tx, document: int) -> list[Counted]:
    """Return everything that a document counted, in the order of the keys."""
    return [
        Counted(*row)
        for row in tx.execute(
            "SELECT document, key, number, line, quantity FROM counted WHERE document = ?"
            " ORDER BY key",
            (document,),
        )
    ]


def touched(tx: Tx, document: int, keys: Iterable[bytes]) -> set[bytes]:
    """Return those of ``keys`` of which something inside was counted in this document."""
    found = set()
    for some in filled(sorted(set(keys))):
        for (key,) in tx.execute(
            f"SELECT key FROM touched WHERE document = ? AND key IN ({_marks(some)})",
            (document, *some),
        ):
            found.add(key)
    return found


def count(tx: Tx, rows: Iterable[Counted]) -> None:
    """Count units. None of them, nothing around and nothing inside them may be counted yet in the
    same document: ask ``counted`` and ``touched`` before."""
    rows = sorted(rows)
    tx.executemany("INSERT INTO counted VALUES (?, ?, ?, ?, ?)", rows)
    sums: dict[tuple[int, int], int] = {}
    for row in rows:
        sums[row.document, row.line] = sums.get((row.document, row.line), 0) + row.quantity
    tx.executemany(
        "UPDATE document_line SET counted = counted + ? WHERE document = ? AND line = ?",
        [(quantity, document, line) for (document, line), quantity in sums.items()],
    )


def touch(tx: Tx, rows: Iterable[tuple[int, bytes]]) -> None:
    """Note the packs around what was counted: document and key."""
    tx.executemany("INSERT OR IGNORE INTO touched VALUES (?, ?)", sorted(rows))


def _marks(keys: Sequence[bytes]) -> str:
    return ",".join("?" * len(keys))
