"""What platforms said of single units: is the code active, was it paid for before, whose is it."""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter

from edge_agent.domain.model import Platform
from edge_agent.store.driver import Tx
from edge_agent.store.keylist import ask


def learn(tx: Tx, said: Iterable[Platform]) -> None:
    """Write down what was said; what an answer leaves open stays as it was known before."""
    tx.executemany(
        "INSERT INTO platform_fact VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET"
        " active = coalesce(excluded.active, active),"
        " cancelled = coalesce(excluded.cancelled, cancelled),"
        " reflux = coalesce(excluded.reflux, reflux), owner = coalesce(excluded.owner, owner),"
        " checked_ms = excluded.checked_ms, source = excluded.source",
        sorted(said, key=itemgetter(0)),
    )


def facts(tx: Tx, keys: Iterable[bytes]) -> dict[bytes, Platform]:
    """Return what is known of ``keys``; nothing for those that nobody asked about."""
    return {
        key: Platform(key, _yes(active), _yes(cancelled), *rest)
        for key, active, cancelled, *rest in ask(
            tx,
            "SELECT key, active, cancelled, reflux, owner, checked_ms, source"
            " FROM platform_fact WHERE key IN ({})",
            keys,
        )
    }


def _yes(value: int | None) -> bool | None:
    return None if value is None else bool(value)


def unasked(tx: Tx, document: int, due_ms: int, most: int) -> list[bytes]:
    """Return codes that a document expects, and of which it is not known whether they were paid
    for before; none that somebody was asked about after ``due_ms``."""
    return [
        key
        for (key,) in tx.execute(
            "SELECT e.key FROM expected e LEFT JOIN platform_fact f ON f.key = e.key"
            " WHERE e.document = ? AND (f.key IS NULL OR (f.reflux IS NULL AND f.checked_ms < ?))"
            " ORDER BY e.key LIMIT ?",
            (document, due_ms, most),
        )
    ]
