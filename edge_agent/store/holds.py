"""Holds on disk: what is in force, who placed it, who ended it."""

from __future__ import annotations

from edge_agent.domain.holds import LOT, PRODUCT, SCOPE_NAMES, UNIT, Hold, Holds
from edge_agent.domain.wording import reason_name
from edge_agent.errors import StoreError
from edge_agent.store import acts, lots
from edge_agent.store.driver import Tx


def place(
    tx: Tx, now_ms: int, who: str, scope: int, what: bytes, reason: int, *, words: str
) -> int:
    """Hold a unit, a lot or a product. What is held for this reason already stays as it is.

    Args:
        what: as ``domain.holds.Hold.what``.
        words: why, for people.

    Returns:
        its number.
    """
    found = tx.execute(
        "SELECT id FROM hold WHERE scope = ? AND what = ? AND reason = ? AND released IS NULL",
        (scope, what, reason),
    ).fetchone()
    if found:
        return int(found[0])
    body = {"scope": SCOPE_NAMES[scope], "what": what.hex(), "reason": reason_name(reason)}
    act = acts.append(tx, now_ms, who, "hold.place", body | {"words": words})
    (number,) = tx.execute(
        "INSERT INTO hold (scope, what, reason, placed) VALUES (?, ?, ?, ?) RETURNING id",
        (scope, what, reason, act),
    ).fetchone()
    return int(number)


def release(tx: Tx, now_ms: int, who: str, number: int, *, words: str) -> None:
    """End a hold.

    Raises:
        StoreError: there is none of this number in force.
    """
    found = tx.execute("SELECT released FROM hold WHERE id = ?", (number,)).fetchone()
    if found is None or found[0] is not None:
        raise StoreError(
            f"hold {number}: {'there is none' if found is None else 'it is over already'}",
            hint="`scandock hold list` shows what is in force",
        )
    act = acts.append(tx, now_ms, who, "hold.release", {"hold": number, "words": words})
    tx.execute("UPDATE hold SET released = ? WHERE id = ?", (act, number))


def held(tx: Tx) -> Holds:
    """What is in force now.

    A lot is held in every row that the store has of it: sources that say different dates of one
    lot make several.
    """
    by_scope: dict[int, dict[bytes, int]] = {UNIT: {}, LOT: {}, PRODUCT: {}}
    for scope, what, reason in tx.execute(
        "SELECT scope, what, reason FROM hold WHERE released IS NULL ORDER BY id DESC"
    ):
        # Several reasons for one thing: the first one placed is the one that is told.
        by_scope[scope][what] = reason
    of_lots: dict[int, int] = {}
    for what, reason in by_scope[LOT].items():
        for lot in lots.same(tx, int(what)):
            of_lots.setdefault(lot, reason)
    products = {what.decode(): reason for what, reason in by_scope[PRODUCT].items()}
    return Holds(version(tx), by_scope[UNIT], of_lots, products, lots.newest(tx))


def is_current(tx: Tx, known: Holds) -> bool:
    """Say whether ``known`` is still all that is in force."""
    return version(tx) == known.version and (not known.lots or lots.newest(tx) == known.newest_lot)


def version(tx: Tx) -> int:
    """Number of the newest act that placed or released a hold; 0 before the first."""
    (newest,) = tx.execute(
        "SELECT max(coalesce((SELECT max(placed) FROM hold), 0),"
        " coalesce((SELECT max(released) FROM hold), 0))"
    ).fetchone()
    return int(newest)


def of_unit(tx: Tx, key: bytes) -> list[Hold]:
    """What is in force on this very unit."""
    return [
        Hold(*row)
        for row in tx.execute(
            "SELECT id, scope, what, reason, placed, 0 FROM hold"
            " WHERE scope = ? AND what = ? AND released IS NULL ORDER BY id",
            (UNIT, key),
        )
    ]


def listed(tx: Tx, *, also_over: bool) -> list[Hold]:
    """Holds in the order placed; those that are over only if asked for."""
    return [
        Hold(*row)
        for row in tx.execute(
            "SELECT id, scope, what, reason, placed, coalesce(released, 0) FROM hold"
            " WHERE released IS NULL OR ? ORDER BY id",
            (int(also_over),),
        )
    ]
