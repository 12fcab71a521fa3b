"""Where documents speak of a unit or of a lot, whatever state they are in."""

from __future__ import annotations

from collections.abc import Iterable

from edge_agent.domain.documents import Document
from edge_agent.store import documents
from edge_agent.store.codes import filled
from edge_agent.store.driver import Tx


def of_unit(tx: Tx, key: bytes) -> list[tuple[Document, int]]:
    """Return the documents that expect ``key`` itself or counted it, in the order they came; with
    each the record that counted it, or 0."""
    return [
        (documents.document(tx, id), number)
        for id, number in tx.execute(
            "SELECT d.id, coalesce(c.number, 0) FROM document d"
            " LEFT JOIN counted c ON c.document = d.id AND c.key = ?1"
            " WHERE d.id IN (SELECT document FROM expected WHERE key = ?1"
            " UNION SELECT document FROM code WHERE key = ?1"
            " UNION SELECT document FROM finding WHERE key = ?1) ORDER BY d.id",
            (key,),
        ).fetchall()
    ]


def units_of_lot(tx: Tx, lot: int) -> set[bytes]:
    """Return every unit that a line of this lot expects or counted."""
    return {
        key
        for (key,) in tx.execute(
            "SELECT e.key FROM document_line l"
            " JOIN expected e ON e.document = l.document AND e.line = l.line"
            " WHERE l.lot = ?1 AND l.lot > 0"
            " UNION SELECT c.key FROM document_line l"
            " JOIN counted c ON c.document = l.document AND c.line = l.line"
            " WHERE l.lot = ?1 AND l.lot > 0",
            (lot,),
        )
    }


def lots_of(tx: Tx, keys: Iterable[bytes]) -> dict[bytes, set[int]]:
    """Return the lots that documents, whatever their state, say of ``keys``."""
    found: dict[bytes, set[int]] = {}
    for some in filled(sorted(set(keys))):
        for key, lot in tx.execute(
            "SELECT e.key, l.lot FROM expected e"
            " JOIN document_line l ON l.document = e.document AND l.line = e.line"
            f" WHERE l.lot > 0 AND e.key IN ({','.join('?' * len(some))})",
            some,
        ):
            found.setdefault(key, set()).add(lot)
    return found


def lot_of(tx: Tx, key: bytes) -> int:
    """The lot that a document says ``key`` is of, by its id; 0 if none says it."""
    found = tx.execute(
        "SELECT l.lot FROM expected e"
        " JOIN document_line l ON l.document = e.document AND l.line = e.line"
        " WHERE e.key = ? AND l.lot > 0 ORDER BY e.document LIMIT 1",
        (key,),
    ).fetchone()
    return int(found[0]) if found else 0


def live(tx: Tx) -> list[int]:
    """Return the documents that are to come or open, by their ids, in the order they came."""
    return [id for (id,) in tx.execute("SELECT id FROM document WHERE state IN (1, 2) ORDER BY id")]
