"""What is known of each unit: its first record, who read it last and when, what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from edge_agent.domain.model import Unit
from edge_agent.store.driver import Tx

# A Unit without its class: what the writer makes half a million of in ten seconds.
Note: TypeAlias = tuple[bytes, int, int, int, int, int, int]

# Keys asked for at once. A list is filled up to the next of these sizes with its own last key, so
# that few statements serve for ever and SQLite need not read new ones.
_SIZES = (1, 8, 64, 512)
_ASK = {
    size: "SELECT key, number, boot, at_ms, state, document, booked FROM code"
    f" WHERE key IN ({','.join('?' * size)})"
    for size in _SIZES
}


def units(tx: Tx, keys: Iterable[bytes]) -> dict[bytes, Unit]:
    """Return those of ``keys`` that ever passed."""
    found = {}
    for some in filled(list(keys)):
        for row in tx.execute(_ASK[len(some)], some):
            found[row[0]] = Unit(*row)
    return found


def write(tx: Tx, notes: Iterable[Note]) -> None:
    """Write what is known now, in the order of the keys: neighbours share a page of the file.
    The number of the first record is never changed."""
    tx.executemany(
        "INSERT INTO code VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (key) DO UPDATE SET boot = excluded.boot, at_ms = excluded.at_ms,"
        " state = excluded.state, document = excluded.document, booked = excluded.booked",
        sorted(notes),
    )


def write_met(tx: Tx, rows: Iterable[tuple[bytes, int]]) -> None:
    """Note records that speak of units beside the one each first passed with."""
    tx.executemany("INSERT OR IGNORE INTO met VALUES (?, ?)", sorted(rows))


def met(tx: Tx, key: bytes) -> set[int]:
    """Return the records that speak of a unit beside the one it first passed with."""
    return {number for (number,) in tx.execute("SELECT number FROM met WHERE key = ?", (key,))}


def filled(keys: list[bytes]) -> Iterator[Sequence[bytes]]:
    """Cut ``keys`` into lists of the lengths that ``_SIZES`` names."""
    for at in range(0, len(keys), _SIZES[-1]):
        some = keys[at : at + _SIZES[-1]]
        size = next(size for size in _SIZES if size >= len(some))
        yield some + some[-1:] * (size - len(some))
