"""Messages that could not be booked, kept whole for a person to look at. None is ever dropped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from edge_agent.store.driver import Tx


class Outcast(NamedTuple):
    """One refused message. ``reason`` of protocol.reasons; ``place`` is an offset in the octets
    or, for a message of the wrong shape, the index of the field."""

    at_ms: int
    topic: str
    payload: bytes
    reason: int
    place: int


def keep(tx: Tx, outcasts: Iterable[Outcast]) -> None:
    """Store ``outcasts``."""
    tx.executemany(
        "INSERT INTO quarantine (at_ms, topic, payload, reason, place) VALUES (?, ?, ?, ?, ?)",
        outcasts,
    )


def count(tx: Tx) -> int:
    """How many there are."""
    (found,) = tx.execute("SELECT coalesce(max(id), 0) FROM quarantine").fetchone()
    return int(found)


def kept(tx: Tx, after: int, most: int) -> Iterator[tuple[int, Outcast]]:
    """Yield up to ``most`` of those with a number above ``after``, oldest first, each numbered."""
    for number, *rest in tx.execute(
        "SELECT id, at_ms, topic, payload, reason, place FROM quarantine"
        " WHERE id > ? ORDER BY id LIMIT ?",
        (after, most),
    ):
        yield number, Outcast(*rest)
