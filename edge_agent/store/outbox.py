"""What each receiver still has to be told: a cursor, and parcels with a frozen range of records.

Before a parcel is first tried, its range is on disk: so its name, by which the receiver knows it
again, is the same at every try. Before every try the parcel is RESERVED: found so at start-up,
nobody knows whether the receiver has it.

What a receiver refused is a dead letter: a whole parcel, or single records of one that it took
otherwise. It stands in nobody's way, and a person may have it tried again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from edge_agent.store import identity, ledger
from edge_agent.store.driver import Tx

# States. The first three are open, and a receiver has at most one open parcel.
RESERVED = 1  # may be on its way
WAITING = 2  # the receiver surely has not got it
UNKNOWN = 3  # nobody knows whether the receiver has it
REFUSED = 4  # set aside: a person must look
DELIVERED = 5

STATE_NAMES = {1: "reserved", 2: "waiting", 3: "unknown", 4: "refused", 5: "delivered"}

# Nothing is due later than this after it was settled. What seems to be was settled before the
# clock was set back.
WAIT_MAX_MS = 3_600_000


class Parcel(NamedTuple):
    """The records ``first`` … ``last``, for one receiver.

    Attributes:
        key: its name at the receiver; the same at every try.
        attempts: how often it was tried, this time included, since it was made or a person had it
            tried again.
        in_doubt: an earlier try may have arrived: ask before sending.
        only: the records whose fate is still open, in order; empty if that of all is.
    """

    receiver: str
    first: int
    last: int
    key: str
    attempts: int
    in_doubt: bool
    only: tuple[int, ...] = ()


class Letter(NamedTuple):
    """A record whose fate is not that of its parcel. ``state`` is UNKNOWN or REFUSED; ``code`` and
    ``message`` are the receiver's words for why."""

    number: int
    state: int
    code: str = ""
    message: str = ""


class Backlog(NamedTuple):
    """How a receiver stands. ``behind`` counts records not delivered and not set aside,
    ``refused`` dead letters."""

    behind: int
    state: str
    refused: int
    last_answer: str


class Open(NamedTuple):
    """The open parcel of a receiver. ``due_ms`` is UTC, milliseconds since 1970; ``left`` counts
    the records whose fate is open."""

    first: int
    last: int
    state: str
    attempts: int
    due_ms: int
    left: int
    answer: str


class Dead(NamedTuple):
    """A dead letter.

    Attributes:
        first, last: of its parcel.
        number: of the one record that was refused; 0 if it is the whole parcel.
        redriven: a person wants it tried again, and its turn has not come.
    """

    first: int
    last: int
    number: int
    code: str
    message: str
    redriven: bool


class Settled(NamedTuple):
    """A parcel whose fate is known: REFUSED or DELIVERED."""

    key: str
    first: int
    last: int
    state: int


def enrol(tx: Tx, receiver: str) -> None:
    """Make a receiver known. A new one is told everything, from the first record on."""
    tx.execute("INSERT OR IGNORE INTO receiver VALUES (?, 1)", (receiver,))


def receivers(tx: Tx) -> list[str]:
    """All that were ever made known, by name."""
    return [name for (name,) in tx.execute("SELECT name FROM receiver ORDER BY name")]


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
        return _redriven(tx, receiver, now_ms) or _freeze(tx, receiver, records_max, now_ms)
    first, last, state, attempts, due_ms = found
    if now_ms < due_ms <= now_ms + WAIT_MAX_MS:
        return int(due_ms - now_ms)
    tx.execute(
        "UPDATE parcel SET state = ?, attempts = ? WHERE receiver = ? AND first = ?",
        (RESERVED, attempts + 1, receiver, first),
    )
    return _parcel(tx, receiver, first, last, attempts + 1, in_doubt=state != WAITING)


def settle(
    tx: Tx,
    parcel: Parcel,
    state: int,
    due_ms: int,
    answer: str,
    letters: Sequence[Letter] = (),
) -> None:
    """Write down what became of a try.

    Args:
        state: of all records whose fate was open, but for ``letters``. With one of these UNKNOWN
            it must be UNKNOWN too, and means that only these are left.
    """
    if state == REFUSED and parcel.only:
        # The records beside them are delivered, or have been refused one by one.
        state = DELIVERED
        letters = [Letter(number, REFUSED, "", answer) for number in parcel.only]
    if state == DELIVERED or letters:
        tx.execute(
            "DELETE FROM letter WHERE receiver = ? AND number BETWEEN ? AND ? AND state = ?",
            (parcel.receiver, parcel.first, parcel.last, UNKNOWN),
        )
    tx.executemany(
        "INSERT INTO letter VALUES (?, ?, ?, ?, ?)", ((parcel.receiver, *one) for one in letters)
    )
    tx.execute(
        "UPDATE parcel SET state = ?, due_ms = ?, answer = ? WHERE receiver = ? AND first = ?",
        (state, due_ms, answer, parcel.receiver, parcel.first),
    )


def doubt(tx: Tx) -> None:
    """Take nothing for sure of what is on its way: another store may have sent it since."""
    tx.execute("UPDATE parcel SET state = ? WHERE state = ?", (UNKNOWN, WAITING))


def backlog(tx: Tx, receiver: str) -> Backlog:
    """Say how ``receiver`` stands."""
    (cursor,) = tx.execute(
        "SELECT coalesce((SELECT next_number FROM receiver WHERE name = ?), 1)", (receiver,)
    ).fetchone()
    behind = ledger.next_number(tx) - cursor
    (refused,) = tx.execute(
        "SELECT (SELECT count(*) FROM parcel WHERE receiver = ?1 AND state = 4)"
        " + (SELECT count(*) FROM letter WHERE receiver = ?1 AND state = 4)",
        (receiver,),
    ).fetchone()
    at_work = opened(tx, receiver)
    if at_work is None:
        return Backlog(behind, "idle" if behind == 0 else "waiting", refused, "")
    return Backlog(behind + at_work.left, at_work.state, refused, at_work.answer)


def opened(tx: Tx, receiver: str) -> Open | None:
    """Return the open parcel."""
    found = tx.execute(
        "SELECT first, last, state, attempts, due_ms, answer FROM parcel"
        " WHERE receiver = ? AND state IN (1, 2, 3)",
        (receiver,),
    ).fetchone()
    if found is None:
        return None
    first, last, state, attempts, due_ms, answer = found
    left = len(_only(tx, receiver, first, last)) or last - first + 1
    return Open(first, last, STATE_NAMES[state], attempts, due_ms, left, answer)


def dead(tx: Tx, receiver: str, first: int = 0) -> list[Dead]:
    """Return the dead letters in the order of their records; of one parcel, if ``first`` is
    given."""
    rows = tx.execute(
        "SELECT p.first, p.last, 0, '', p.answer, r.first IS NOT NULL FROM parcel p"
        " LEFT JOIN redrive r ON r.receiver = p.receiver AND r.first = p.first"
        " WHERE p.receiver = ?1 AND p.state = 4 AND ?2 IN (0, p.first)"
        " UNION ALL"
        " SELECT p.first, p.last, l.number, l.code, l.message, r.first IS NOT NULL FROM letter l"
        " JOIN parcel p ON p.receiver = l.receiver AND p.first ="
        " (SELECT max(first) FROM parcel WHERE receiver = l.receiver AND first <= l.number)"
        " LEFT JOIN redrive r ON r.receiver = p.receiver AND r.first = p.first"
        " WHERE l.receiver = ?1 AND l.state = 4 AND ?2 IN (0, p.first)"
        " ORDER BY 1, 3",
        (receiver, first),
    )
    return [
        Dead(first, last, number, code, message, bool(redriven))
        for first, last, number, code, message, redriven in rows
    ]


def redrive(tx: Tx, receiver: str, first: int = 0) -> list[Dead]:
    """Have the dead letters of a receiver, or of one parcel, tried again when their turn comes:
    under the name of their parcel, and asking first. Return those that were not to be already."""
    wanted = [one for one in dead(tx, receiver, first) if not one.redriven]
    tx.executemany(
        "INSERT OR IGNORE INTO redrive VALUES (?, ?)", ((receiver, one.first) for one in wanted)
    )
    return wanted


def settled(tx: Tx, receiver: str, since_ms: int) -> Iterator[Settled]:
    """Yield the parcels that were settled since then (UTC, milliseconds since 1970), in order."""
    for first, last, state in tx.execute(
        "SELECT first, last, state FROM parcel"
        " WHERE receiver = ? AND state IN (4, 5) AND due_ms >= ? ORDER BY first",
        (receiver, since_ms),
    ):
        yield Settled(_key(tx, receiver, first, last), first, last, state)


def pace(tx: Tx, receiver: str) -> str:
    """Return what ``keep_pace`` kept; empty before."""
    found = tx.execute("SELECT spent FROM pace WHERE receiver = ?", (receiver,)).fetchone()
    return str(found[0]) if found else ""


def keep_pace(tx: Tx, receiver: str, spent: str) -> None:
    """Keep how often a receiver was called (``connectors.limits``)."""
    tx.execute("INSERT OR REPLACE INTO pace VALUES (?, ?)", (receiver, spent))


def told(tx: Tx, number: int) -> list[tuple[str, str, str, int]]:
    """Say what each receiver knows of the record ``number``: its name, the state of the parcel
    with that record, or "queued", its last answer, and how many records are before it."""
    found = []
    for receiver, cursor in tx.execute("SELECT name, next_number FROM receiver").fetchall():
        if number >= cursor:
            found.append((receiver, "queued", "", number - cursor))
            continue
        first, last, state, answer = tx.execute(
            "SELECT first, last, state, answer FROM parcel WHERE receiver = ? AND first <= ?"
            " ORDER BY first DESC LIMIT 1",
            (receiver, number),
        ).fetchone()
        refused = tx.execute(
            "SELECT code, message FROM letter WHERE receiver = ? AND number = ? AND state = ?",
            (receiver, number, REFUSED),
        ).fetchone()
        if refused:
            state, answer = REFUSED, " ".join(filter(None, refused))
        elif (only := _only(tx, receiver, first, last)) and number not in only:
            state, answer = DELIVERED, ""
        found.append((receiver, STATE_NAMES[state], answer, 0))
    return found


def _redriven(tx: Tx, receiver: str, now_ms: int) -> Parcel | None:
    found = tx.execute(
        "SELECT first, last FROM redrive JOIN parcel USING (receiver, first)"
        " WHERE receiver = ? ORDER BY first LIMIT 1",
        (receiver,),
    ).fetchone()
    if found is None:
        return None
    first, last = found
    tx.execute("DELETE FROM redrive WHERE receiver = ? AND first = ?", (receiver, first))
    tx.execute(
        "UPDATE letter SET state = ?, code = '', message = ''"
        " WHERE receiver = ? AND number BETWEEN ? AND ?",
        (UNKNOWN, receiver, first, last),
    )
    tx.execute(
        "UPDATE parcel SET state = ?, attempts = 1, due_ms = ? WHERE receiver = ? AND first = ?",
        (RESERVED, now_ms, receiver, first),
    )
    return _parcel(tx, receiver, first, last, 1, in_doubt=True)


def _freeze(tx: Tx, receiver: str, records_max: int, now_ms: int) -> Parcel | None:
    (first,) = tx.execute("SELECT next_number FROM receiver WHERE name = ?", (receiver,)).fetchone()
    last = min(first + records_max, ledger.next_number(tx)) - 1
    if last < first:
        return None
    last = identity.last_record_before(tx, first, last)
    tx.execute(
        "INSERT INTO parcel VALUES (?, ?, ?, ?, 1, ?, '')",
        (receiver, first, last, RESERVED, now_ms),
    )
    tx.execute("UPDATE receiver SET next_number = ? WHERE name = ?", (last + 1, receiver))
    return _parcel(tx, receiver, first, last, 1, in_doubt=identity.was_lost_after(tx, first))


def _parcel(
    tx: Tx, receiver: str, first: int, last: int, attempts: int, *, in_doubt: bool
) -> Parcel:
    key = _key(tx, receiver, first, last)
    only = _only(tx, receiver, first, last)
    return Parcel(receiver, first, last, key, attempts, in_doubt, only)


def _key(tx: Tx, receiver: str, first: int, last: int) -> str:
    return f"{identity.store_id(tx, first).hex()}-{receiver}-{first}-{last}"


def _only(tx: Tx, receiver: str, first: int, last: int) -> tuple[int, ...]:
    """Those of a parcel that alone are still open; none if all are, or none is."""
    rows = tx.execute(
        "SELECT number FROM letter WHERE receiver = ? AND number BETWEEN ? AND ? AND state = ?"
        " ORDER BY number",
        (receiver, first, last, UNKNOWN),
    )
    return tuple(number for (number,) in rows)
