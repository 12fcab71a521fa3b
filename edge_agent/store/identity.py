"""Under which id a store books. Restored from a backup it gets a new one, from there on.

The store that was lost may have gone on after the backup, and given numbers to records that nobody
remembers here. Under a new id they are never given twice: a record or parcel is named by id and
number.
"""

from __future__ import annotations

import msgspec

from edge_agent.store import acts
from edge_agent.store.driver import Tx

RESTORED = "store.restore"


def store_id(tx: Tx, number: int | None = None) -> bytes:
    """Return the id, 16 octets: now, or that under which the record ``number`` is booked."""
    found = tx.execute(
        "SELECT body FROM act WHERE what = ?1 AND (?2 IS NULL OR record < ?2)"
        " ORDER BY number DESC LIMIT 1",
        (RESTORED, number),
    ).fetchone()
    if found:
        return bytes.fromhex(msgspec.json.decode(found[0])["store"])
    return _first_id(tx)


def store_ids(tx: Tx, number: int) -> list[bytes]:
    """Return the ids it has had while ``number`` was its last record."""
    since = [act.body["store"] for act in restores(tx) if act.record == number]
    return [store_id(tx, number), *map(bytes.fromhex, since)]


def last_record_before(tx: Tx, first: int, last: int) -> int:
    """Cut the range ``first`` … ``last`` where the id changes; return its new end."""
    (found,) = tx.execute(
        "SELECT min(record) FROM act WHERE what = ? AND record >= ? AND record < ?",
        (RESTORED, first, last),
    ).fetchone()
    return last if found is None else int(found)


def was_lost_after(tx: Tx, number: int) -> bool:
    """Say whether a store that had the record ``number`` was lost: then a receiver may have been
    sent it, and nobody here remembers."""
    sql = "SELECT 1 FROM act WHERE what = ? AND record >= ? LIMIT 1"
    return tx.execute(sql, (RESTORED, number)).fetchone() is not None


def restores(tx: Tx) -> list[acts.Act]:
    """Each time the store was restored."""
    return list(acts.acts_of(tx, RESTORED))


def _first_id(tx: Tx) -> bytes:
    (first,) = tx.execute("SELECT value FROM meta WHERE name = 'store_id'").fetchone()
    return bytes(first)
