"""What each receiver still has to be told: a cursor, and parcels with a frozen range of records.

Before a parcel is first tried, its range is on disk: so its name, by which the receiver knows it
again, is the same at every try. Before every try the parcel is RESERVED: found so at start-up,
nobody knows whether the receiver has it.
"""

from __future__ import annotations

from typing import NamedTuple

from edge_agent.store import ledger
from edge_agent.store.driver import Tx

# States. The first three are open, and a receiver has at most one open parcel.
RESERVED = 1  # may be on its way
WAITING = 2  # the receiver surely has not got it
UNKNOWN = 3  # nobody knows whether the receiver has it
REFUSED = 4  # set aside: a person must look
DELIVERED = 5

STATE_NAMES = {1: "reserved", 2: "waiting", 3: "unknown", 4: "refused", 5: "delivered"}


class Parcel(NamedTuple):
    """The records ``first`` … ``last``, for one receiver.

    Attributes:
        key: its name at the receiver; the same at every try.
        attempts: how often it was tried, this time included.
        in_doubt: an earlier try may have arrived: ask before sending.
    """

    receiver: str
    first: int
    last: int
    key: str
    attempts: int
    in_doubt: bool


class Backlog(NamedTuple):
    """How a receiver stands. ``behind`` counts records not delivered and not set aside."""

    behind: int
    state: str
    refused: int
    last_answer: str


def enrol(tx: Tx, receiver: str) -> None:
    """Make a receiver known. A new one is told everything, from the first record on."""
    tx.execute("INSERT OR IGNORE INTO receiver VALUES (?, 1)", (receiver,))


def reserve(tx: Tx, receiver: str, records_max: int, now_ms: int) -> Parcel | int | None:
    """Mark the next parcel as on its way.

    Returns:
        the parcel to send; or in how many ms the open one is due; or None if all is told.
    """
    found = tx.execute(
        "SELECT first, last, state, attempts, due_ms FROM parcel"
        " WHERE receiver = ? AND state IN (1, 2, 3)",
        (receiver,),
    ).fetchone()
    if found is None:
        return _freeze(tx, receiver, records_max, now_ms)
    first, last, state, attempts, due_ms = found
    if due_ms > now_ms:
        return int(due_ms - now_ms)
    tx.execute(
        "UPDATE parcel SET state = ?, attempts = ? WHERE receiver = ? AND first = ?",
        (RESERVED, attempts + 1, receiver, first),
    )
    return _parcel(tx, receiver, first, last, attempts + 1, in_doubt=state != WAITING)


def settle(tx: Tx, parcel: Parcel, state: int, due_ms: int, answer: str) -> None:
    """Write down what became of a try."""
    tx.execute(
        "UPDATE parcel SET state = ?, due_ms = ?, answer = ? WHERE receiver = ? AND first = ?",
        (state, due_ms, answer, parcel.receiver, parcel.first),
    )


def backlog(tx: Tx, receiver: str) -> Backlog:
    """Say how ``receiver`` stands."""
    (cursor,) = tx.execute(
        "SELECT coalesce((SELECT next_number FROM receiver WHERE name = ?), 1)", (receiver,)
    ).fetchone()
    behind = ledger.next_number(tx) - cursor
    (refused,) = tx.execute(
        "SELECT count(*) FROM parcel WHERE receiver = ? AND state = 4", (receiver,)
    ).fetchone()
    found = tx.execute(
        "SELECT first, last, state, answer FROM parcel WHERE receiver = ? AND state IN (1, 2, 3)",
        (receiver,),
    ).fetchone()
    if found is None:
        return Backlog(behind, "idle" if behind == 0 else "waiting", refused, "")
    first, last, state, answer = found
    return Backlog(behind + last - first + 1, STATE_NAMES[state], refused, answer)


def _freeze(tx: Tx, receiver: str, records_max: int, now_ms: int) -> Parcel | None:
    (first,) = tx.execute("SELECT next_number FROM receiver WHERE name = ?", (receiver,)).fetchone()
    last = min(first + records_max, ledger.next_number(tx)) - 1
    if last < first:
        return None
    tx.execute(
        "INSERT INTO parcel VALUES (?, ?, ?, ?, 1, ?, '')",
        (receiver, first, last, RESERVED, now_ms),
    )
    tx.execute("UPDATE receiver SET next_number = ? WHERE name = ?", (last + 1, receiver))
    return _parcel(tx, receiver, first, last, 1, in_doubt=False)


def _parcel(
    tx: Tx, receiver: str, first: int, last: int, attempts: int, *, in_doubt: bool
) -> Parcel:
    (store_id,) = tx.execute("SELECT value FROM meta WHERE name = 'store_id'").fetchone()
    key = f"{store_id.hex()}-{receiver}-{first}-{last}"
    return Parcel(receiver, first, last, key, attempts, in_doubt)
