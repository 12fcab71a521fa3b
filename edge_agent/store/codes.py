"""What is known of each unit: the record it first passed with, who read it last and when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from edge_agent.domain.model import Sighting
from edge_agent.store.driver import Tx

# Keys asked for at once. A list is filled up to the next of these sizes with its own last key, so
# that four statements serve for ever and SQLite need not read new ones.
_SIZES = (1, 8, 64, 512)
_ASK = {
    size: f"SELECT key, number, boot, at_ms FROM code WHERE key IN ({','.join('?' * size)})"
    for size in _SIZES
}


def sightings(tx: Tx, keys: Iterable[bytes]) -> dict[bytes, Sighting]:
    """Return the last sighting of each unit of ``keys`` that ever passed."""
    found = {}
    for some in _filled(list(keys)):
        for row in tx.execute(_ASK[len(some)], some):
            found[row[0]] = Sighting(*row)
    return found


def remember(tx: Tx, notes: Iterable[tuple[bytes, int, int, int]]) -> None:
    """Write sightings, in the order of the keys: neighbours share a page of the file."""
    tx.executemany(
        "INSERT INTO code VALUES (?, ?, ?, ?)"
        " ON CONFLICT (key) DO UPDATE SET boot = excluded.boot, at_ms = excluded.at_ms",
        sorted(notes),
    )


def _filled(keys: list[bytes]) -> Iterator[Sequence[bytes]]:
    for at in range(0, len(keys), _SIZES[-1]):
        some = keys[at : at + _SIZES[-1]]
        size = next(size for size in _SIZES if size >= len(some))
        yield some + some[-1:] * (size - len(some))
