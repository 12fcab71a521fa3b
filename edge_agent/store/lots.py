"""Production lots: a number for each, so that a recall and a hold can name one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from edge_agent.store.driver import Tx


class Lot(NamedTuple):
    """One lot. Dates are YYYY-MM-DD, or "" while nobody knows."""

    id: int
    product: str
    lot: str
    made: str
    expiry: str


def lot_id(tx: Tx, product: str, lot: str, made: str = "", expiry: str = "") -> int:
    """Return the number of a lot, a new one if it is not known yet.

    A date that was not known before is filled in. Where two sources say different dates, each has
    a lot of its own: which of them is right, people find out.
    """
    for found in _of(tx, product, lot):
        if _may_be(found.made, made) and _may_be(found.expiry, expiry):
            filled = (found.made or made, found.expiry or expiry)
            if filled != (found.made, found.expiry):
                tx.execute("UPDATE lot SET made = ?, expiry = ? WHERE id = ?", (*filled, found.id))
            return found.id
    (number,) = tx.execute(
        "INSERT INTO lot (product, lot, made, expiry) VALUES (?, ?, ?, ?) RETURNING id",
        (product, lot, made, expiry),
    ).fetchone()
    return int(number)


def lots(tx: Tx, ids: Iterable[int]) -> dict[int, Lot]:
    """Return the lots of these numbers."""
    found = {}
    for number in ids:
        row = tx.execute(
            "SELECT id, product, lot, made, expiry FROM lot WHERE id = ?", (number,)
        ).fetchone()
        if row:
            found[number] = Lot(*row)
    return found


def named(tx: Tx, lot: str, product: str = "") -> list[Lot]:
    """Return every lot that bears this number, of one product or of any."""
    return [
        Lot(*row)
        for row in tx.execute(
            "SELECT id, product, lot, made, expiry FROM lot"
            " WHERE lot = ?1 AND (?2 = '' OR product = ?2) ORDER BY id",
            (lot, product),
        )
    ]


def same(tx: Tx, id: int) -> list[int]:
    """Return the ids of all rows of one product and lot, whatever dates they bear."""
    return [id] + [
        other
        for (other,) in tx.execute(
            "SELECT other.id FROM lot one JOIN lot other USING (product, lot)"
            " WHERE one.id = ?1 AND other.id <> ?1 ORDER BY other.id",
            (id,),
        )
    ]


def newest(tx: Tx) -> int:
    """The highest id of a lot; 0 if there is none."""
    (id,) = tx.execute("SELECT coalesce(max(id), 0) FROM lot").fetchone()
    return int(id)


def _of(tx: Tx, product: str, lot: str) -> list[Lot]:
    return [
        Lot(*row)
        for row in tx.execute(
            "SELECT id, product, lot, made, expiry FROM lot WHERE product = ? AND lot = ?"
            " ORDER BY id",
            (product, lot),
        )
    ]


def _may_be(known: str, said: str) -> bool:
    return not known or not said or known == said
