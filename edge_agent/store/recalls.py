"""Recalls: what is called back, where each unit of it is now, and who got it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from edge_agent.domain import holds as scopes
from edge_agent.domain.documents import Document
from edge_agent.domain.holds import Hold
from edge_agent.errors import StoreError
from edge_agent.store import acts, codes, documents, holds, mentions, packs
from edge_agent.store.driver import Tx
from protocol import reasons


class Recall(NamedTuple):
    """One recall.

    Attributes:
        number: that of whoever calls back.
        level: 1 is the gravest, 3 the least.
        opened, closed: numbers of the acts; ``closed`` is 0 while it is on.
    """

    id: int
    number: str
    level: int
    opened: int
    closed: int


class Whereabouts(NamedTuple):
    """Where one unit is.

    Attributes:
        key: of the unit; nothing smaller inside it is known.
        by: of itself or of the pack around it that was booked last; empty if neither ever was.
        state: of domain.states; None if neither was ever booked.
        document: that gave the state; None if none did.
        read: it was read here, whatever came of it.
    """

    key: bytes
    by: bytes
    state: int | None
    document: Document | None
    read: bool


def start(
    tx: Tx,
    now_ms: int,
    who: str,
    number: str,
    level: int,
    targets: Sequence[tuple[int, bytes]],
    *,
    words: str,
) -> int:
    """Call back ``targets`` (scope and what, as a hold has them), and hold them from now on.

    Raises:
        StoreError: there is a recall of this number already.
    """
    if tx.execute("SELECT 1 FROM recall WHERE number = ?", (number,)).fetchone():
        raise StoreError(
            f"recall {number} is in the store already",
            hint="`scandock recall list` shows it; what is added to it needs a number of its own",
        )
    body = {
        "number": number,
        "level": level,
        "of": [[scopes.SCOPE_NAMES[scope], what.hex()] for scope, what in targets],
        "words": words,
    }
    act = acts.append(tx, now_ms, who, "recall.start", body)
    (recall,) = tx.execute(
        "INSERT INTO recall (number, level, opened) VALUES (?, ?, ?) RETURNING id",
        (number, level, act),
    ).fetchone()
    for scope, what in targets:
        hold = holds.place(tx, now_ms, who, scope, what, reasons.RECALLED, words=words)
        tx.execute("INSERT OR IGNORE INTO recall_hold VALUES (?, ?)", (recall, hold))
    return int(recall)


def end(tx: Tx, now_ms: int, who: str, number: str, *, words: str) -> None:
    """End a recall, and release what it alone holds.

    Raises:
        StoreError: there is none of this number going on.
    """
    recall = next((one for one in recalls(tx) if one.number == number), None)
    if recall is None or recall.closed:
        raise StoreError(
            f"recall {number}: {'there is none' if recall is None else 'it is over already'}",
            hint="`scandock recall list` shows them",
        )
    act = acts.append(tx, now_ms, who, "recall.end", {"number": number, "words": words})
    tx.execute("UPDATE recall SET closed = ? WHERE id = ?", (act, recall.id))
    for hold in _held_by(tx, recall.id):
        if not hold.released and not _is_held_by_another(tx, hold.id):
            holds.release(tx, now_ms, who, hold.id, words=words)


def recalls(tx: Tx) -> list[Recall]:
    """All of them, in the order they came."""
    return [
        Recall(*row)
        for row in tx.execute(
            "SELECT id, number, level, opened, coalesce(closed, 0) FROM recall ORDER BY id"
        )
    ]


def targets(tx: Tx, recall: int) -> list[tuple[int, bytes]]:
    """What a recall calls back: scope and what."""
    return [(hold.scope, hold.what) for hold in _held_by(tx, recall)]


def units_of_lots(tx: Tx, lots: Iterable[int]) -> set[bytes]:
    """Every unit, of whatever level, that a source or a label says is of one of these lots."""
    found: set[bytes] = set()
    for lot in lots:
        found.update(mentions.units_of_lot(tx, lot))
        found.update(packs.keys_of_lot(tx, lot))
        found.update(key for (key,) in tx.execute("SELECT key FROM printed WHERE lot = ?", (lot,)))
    return found


def note_printed(tx: Tx, rows: Iterable[tuple[int, bytes]]) -> None:
    """Note lots that labels print: lot id and key."""
    tx.executemany("INSERT OR IGNORE INTO printed VALUES (?, ?)", sorted(rows))


def printed_lot(tx: Tx, key: bytes) -> int:
    """The lot that the label of a unit prints, by its id; 0 if it prints none."""
    found = tx.execute("SELECT lot FROM printed WHERE key = ? LIMIT 1", (key,)).fetchone()
    return int(found[0]) if found else 0


def whereabouts(tx: Tx, keys: Iterable[bytes]) -> Iterator[Whereabouts]:
    """Say of each unit of ``keys``, and of each one inside them, where it is now.

    Whatever was booked last moved it: itself, or a pack around it.
    """
    inside: set[bytes] = set()
    for key in keys:
        inside.add(key)
        inside.update(packs.descendants(tx, key))
    parents = set(packs.children(tx, inside))
    leaves = sorted(inside - parents)
    around = packs.ancestors(tx, leaves)
    known = codes.units(tx, inside.union(*around.values()))
    named: dict[int, Document] = {}
    for key in leaves:
        moved = [known[one] for one in (key, *around.get(key, ())) if one in known]
        if not moved:
            yield Whereabouts(key, b"", None, None, bool(codes.met(tx, key)))
            continue
        last = max(moved, key=lambda unit: unit.booked or unit.number)
        if last.document and last.document not in named:
            named[last.document] = documents.document(tx, last.document)
        yield Whereabouts(key, last.key, last.state, named.get(last.document), True)


def _held_by(tx: Tx, recall: int) -> list[Hold]:
    return [
        Hold(*row)
        for row in tx.execute(
            "SELECT h.id, h.scope, h.what, h.reason, h.placed, coalesce(h.released, 0)"
            " FROM recall_hold r JOIN hold h ON h.id = r.hold WHERE r.recall = ? ORDER BY h.id",
            (recall,),
        )
    ]


def _is_held_by_another(tx: Tx, hold: int) -> bool:
    """Say whether a recall that is still on holds it as well."""
    found = tx.execute(
        "SELECT 1 FROM recall_hold h JOIN recall r ON r.id = h.recall"
        " WHERE h.hold = ? AND r.closed IS NULL",
        (hold,),
    ).fetchone()
    return found is not None
