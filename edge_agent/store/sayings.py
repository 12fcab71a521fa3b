"""Everything ever said or ordered about packs, in the order taken; each act vouches for its part.

What is packed in what now follows from these rows alone, so they are the history too. They hold
each key once for each time that somebody named it, and never one for an event.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from edge_agent.store import acts
from edge_agent.store.driver import Tx
from edge_agent.store.keylist import packed, unpacked

# Verbs. Never renumber one.
BIND = 1  # these are in this pack
UNBIND = 2  # they were taken out of it
REPLACE = 3  # the first code is the unit's new one

VERBS = {BIND: "bind", UNBIND: "unbind", REPLACE: "replace"}

_HEAD = struct.Struct(">BBIQBI")
_NO_SHAPE = 255


class Saying(NamedTuple):
    """One row; see schema_0003.sql."""

    verb: int
    source: int
    parent: bytes
    level: int
    lot: int
    shape: int | None
    children: tuple[bytes, ...]


class Filed(NamedTuple):
    """A saying with its number, and that of its act."""

    number: int
    act: int
    saying: Saying


def file(
    tx: Tx, now_ms: int, who: str, what: str, body: dict[str, Any], said: Sequence[Saying]
) -> list[Filed]:
    """File one act, and what it says, in this order."""
    told = {"sayings": len(said), "digest": _digest(said).hex()}
    act = acts.append(tx, now_ms, who, what, body | told)
    (newest,) = tx.execute("SELECT coalesce(max(number), 0) FROM pack_saying").fetchone()
    filed = [Filed(newest + at, act, saying) for at, saying in enumerate(said, 1)]
    tx.executemany(
        "INSERT INTO pack_saying VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(number, act, *saying[:-1], packed(saying.children)) for number, act, saying in filed],
    )
    return filed


def filed(tx: Tx, after: int = 0) -> Iterator[Filed]:
    """Yield all sayings with a number above ``after``, in order."""
    yield from _filed(
        tx.execute(f"{_SELECT} WHERE number > ? ORDER BY number", (after,)),
    )


def about(tx: Tx, parents: Iterable[bytes], key: bytes) -> list[Filed]:
    """Return those about one of ``parents`` that are about ``key``, or name it."""
    found = []
    for parent in parents:
        for one in _filed(tx.execute(f"{_SELECT} WHERE parent = ?", (parent,))):
            if key == parent or key in one.saying.children:
                found.append(one)
    return sorted(found)


def first_changed(tx: Tx) -> int:
    """Return the number of the first act whose sayings are not those it vouches for, or of the
    first that says what no act vouches for; 0 if all is as it was filed."""
    vouched = set()
    for act in acts.acts(tx):
        if "digest" in act.body and act.what.startswith("pack."):
            said = _filed(tx.execute(f"{_SELECT} WHERE act = ? ORDER BY number", (act.number,)))
            if _digest([one.saying for one in said]).hex() != act.body["digest"]:
                return act.number
            vouched.add(act.number)
    stray = {act for (act,) in tx.execute("SELECT DISTINCT act FROM pack_saying")} - vouched
    return min(stray, default=0)


_SELECT = "SELECT number, act, verb, source, parent, level, lot, shape, children FROM pack_saying"


def _filed(rows: Iterable[Any]) -> Iterator[Filed]:
    for number, act, *said, children in rows:
        yield Filed(number, act, Saying._make((*said, tuple(unpacked(children)))))


def _digest(said: Iterable[Saying]) -> bytes:
    """SHA-256 over sayings; lengths make it unambiguous."""
    whole = hashlib.sha256()
    for verb, source, parent, level, lot, shape, children in said:
        keys = packed((parent,)) + packed(children)
        shape_octet = _NO_SHAPE if shape is None else shape
        whole.update(_HEAD.pack(verb, source, level, lot, shape_octet, len(keys)) + keys)
    return whole.digest()
