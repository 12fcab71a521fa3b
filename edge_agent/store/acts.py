"""What people and files did: one row for each act, append-only, each chained to the last."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from edge_agent.store.driver import Tx

GENESIS = bytes(32)

_HEAD = struct.Struct(">QQQIII")


class Act(NamedTuple):
    """One act.

    Attributes:
        number: acts are numbered through from 1.
        at_ms: UTC, milliseconds since 1970.
        record: number of the last record in the ledger when it was filed; 0 before the first.
        what: a dotted word, such as ``document.import``.
    """

    number: int
    at_ms: int
    record: int
    who: str
    what: str
    body: dict[str, Any]


def append(tx: Tx, now_ms: int, who: str, what: str, body: dict[str, Any]) -> int:
    """File an act.

    Args:
        who: a name by which people here know the person, or the name of what acted by itself.
        what: a dotted word: the thing, then what was done with it.
        body: everything that a later reader must know, as JSON can say it; octets as hexadecimal
            text. Of a person nothing but what ``domain.persons`` sealed.

    Returns:
        its number.
    """
    number, chain = head(tx)
    (record,) = tx.execute(
        "SELECT coalesce((SELECT number + n - 1 FROM ledger ORDER BY number DESC LIMIT 1), 0)"
    ).fetchone()
    told = msgspec.json.encode(body)
    values = (number + 1, now_ms, record, who.encode(), what.encode(), told)
    tx.execute(
        "INSERT INTO act VALUES (?, ?, ?, ?, ?, ?, ?)",
        (*values[:3], who, what, told.decode(), link(chain, *values)),
    )
    return number + 1


def link(
    chain: bytes, number: int, at_ms: int, record: int, who: bytes, what: bytes, body: bytes
) -> bytes:
    """SHA-256 over the last act's link and everything in this one; lengths make it unambiguous."""
    head = _HEAD.pack(number, at_ms, record, len(who), len(what), len(body))
    return hashlib.sha256(b"".join((chain, head, who, what, body))).digest()


def head(tx: Tx) -> tuple[int, bytes]:
    """Number and link of the last act."""
    found = tx.execute("SELECT number, chain FROM act ORDER BY number DESC LIMIT 1").fetchone()
    return (found[0], found[1]) if found else (0, GENESIS)


def newest_ms(tx: Tx) -> int:
    """When the last act was filed; UTC, milliseconds since 1970; 0 if there is none."""
    found = tx.execute("SELECT at_ms FROM act ORDER BY number DESC LIMIT 1").fetchone()
    return int(found[0]) if found else 0


def acts(tx: Tx, after: int = 0, most: int = -1) -> Iterator[Act]:
    """Yield the acts with a number above ``after``, in order; at most ``most`` unless negative."""
    yield from _told(
        tx.execute(
            "SELECT number, at_ms, record, who, what, body FROM act"
            " WHERE number > ? ORDER BY number LIMIT ?",
            (after, most),
        )
    )


def acts_of(tx: Tx, what: str) -> Iterator[Act]:
    """Yield all acts of one kind, in order."""
    yield from _told(
        tx.execute(
            "SELECT number, at_ms, record, who, what, body FROM act WHERE what = ? ORDER BY number",
            (what,),
        )
    )


def _told(rows: Any) -> Iterator[Act]:
    for number, at_ms, record, who, what, body in rows:
        yield Act(number, at_ms, record, who, what, msgspec.json.decode(body))
