"""Heads of this store: how far it has gone, whether it extends a head, and the file of them."""

from __future__ import annotations

import os
from pathlib import Path

from edge_agent.domain.head import Head
from edge_agent.store import acts, identity, ledger
from edge_agent.store.driver import Tx


def heads_file(store: Path) -> Path:
    """Where the heads of a store are kept beside it, one signed line each."""
    return store.with_suffix(".heads.jsonl")


def head(tx: Tx, now_ms: int) -> Head:
    """How far ``tx`` has gone."""
    next_number, chain = ledger.head(tx)
    return Head(identity.store_id(tx), now_ms, next_number - 1, chain, *acts.head(tx))


def contradiction(tx: Tx, head: Head) -> str:
    """Say why the store does not extend ``head``; "" if it does.

    Links are taken as they stand: whether they fit the rows is for ``verify`` to say.
    """
    found = tx.execute(
        "SELECT number + n - 1, chain FROM ledger WHERE number <= ? ORDER BY number DESC LIMIT 1",
        (head.records,),
    ).fetchone() or (0, ledger.GENESIS)
    if found[0] < head.records:
        return f"it had {head.records} records, and the ledger ends with record {found[0]}"
    if tuple(found) != (head.records, head.ledger):
        return f"up to record {head.records} it was another ledger"
    found = tx.execute(
        "SELECT number, chain FROM act WHERE number <= ? ORDER BY number DESC LIMIT 1",
        (head.acts,),
    ).fetchone() or (0, acts.GENESIS)
    if found[0] < head.acts:
        return f"it had {head.acts} acts, and the acts end with {found[0]}"
    if tuple(found) != (head.acts, head.act):
        return f"up to act {head.acts} they were others"
    if head.store not in identity.store_ids(tx, head.records):
        return f"it is of another store ({head.store.hex()})"
    return ""


def lines(path: Path) -> list[bytes]:
    """Read a file of heads; none if it is not there. A last line that was torn is no line.

    Raises:
        OSError: it cannot be read.
    """
    try:
        octets = path.read_bytes()
    except FileNotFoundError:
        return []
    return octets[: octets.rfind(b"\n") + 1].splitlines()


def keep(path: Path, line: bytes) -> None:
    """Put a line at the end of a file of heads; it is on disk when this returns.

    Raises:
        OSError: it cannot be written.
    """
    with path.open("ab+") as file:
        file.seek(0)
        whole = file.read().rfind(b"\n") + 1
        file.truncate(whole)
        file.write(line + b"\n")
        file.flush()
        os.fsync(file.fileno())
