"""What hands have begun to pack at a station, until they say that the pack is whole."""

from __future__ import annotations

import cbor2

from edge_agent.domain.packs import Session
from edge_agent.store.driver import Tx


def session(tx: Tx, device: str) -> Session | None:
    """Return what is being packed at this station; None if nothing is."""
    row = tx.execute("SELECT keys FROM session WHERE device = ?", (device,)).fetchone()
    if row is None:
        return None
    found = Session()
    found.parent, *found.children = cbor2.loads(row[0])
    return found


def keep(tx: Tx, device: str, session: Session) -> None:
    """Remember how far it has come."""
    tx.execute(
        "INSERT INTO session VALUES (?, ?) ON CONFLICT (device) DO UPDATE SET keys = excluded.keys",
        (device, cbor2.dumps([session.parent, *session.children])),
    )


def end(tx: Tx, device: str) -> None:
    """Nothing is being packed there any more."""
    tx.execute("DELETE FROM session WHERE device = ?", (device,))
