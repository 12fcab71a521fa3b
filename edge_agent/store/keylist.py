"""Many keys as one value of a row; and many keys asked for at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from edge_agent.store.codes import filled
from edge_agent.store.driver import Tx


def packed(keys: Iterable[bytes]) -> bytes:
    """Write ``keys`` in their order: an octet with the length of all of them, or 0 where they
    differ and each has an octet with its own before it."""
    ordered = sorted(keys)
    lengths = {len(key) for key in ordered}
    if len(lengths) == 1:
        return bytes(lengths) + b"".join(ordered)
    return b"\0" + b"".join(bytes((len(key),)) + key for key in ordered)


def unpacked(value: bytes) -> list[bytes]:
    """Read what ``packed`` wrote."""
    width = value[0]
    if width:
        return [value[at : at + width] for at in range(1, len(value), width)]
    keys = []
    at = 1
    while at < len(value):
        keys.append(value[at + 1 : at + 1 + value[at]])
        at += 1 + value[at]
    return keys


def ask(tx: Tx, sql: str, keys: Iterable[bytes]) -> Iterator[Any]:
    """Yield the rows of ``sql``, in which {} stands for the list of ``keys``."""
    for some in filled(sorted(keys)):
        yield from tx.execute(sql.format(",".join("?" * len(some))), some)
