"""To whom units were handed: sealed in acts, found by a keyed hash, erased by forgetting a key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import msgspec

from edge_agent.domain import persons
from edge_agent.domain.persons import Keys, Person
from edge_agent.store import acts
from edge_agent.store.driver import Tx

HANDED = "person.hand"
LOOKED = "person.look"
ERASED = "person.erase"


class Handing(NamedTuple):
    """One time that units were handed to a person.

    Attributes:
        act: number of the act that says so.
        units: keys of the units.
        person: None when the person has been erased.
    """

    act: int
    at_ms: int
    document: str
    units: list[bytes]
    person: Person | None


def hand(
    tx: Tx,
    now_ms: int,
    who: str,
    keys: Keys,
    person: Person,
    units: Sequence[bytes],
    document: str,
    draw: Callable[[int], bytes],
) -> int:
    """File that ``units`` were handed to ``person``, after a look at the identity document.

    Args:
        document: number of the document they left with, or "".
        draw: returns so many random octets.

    Returns:
        the number of the act.

    Raises:
        AgentError: the person's data are not what they must be (domain.persons.checked).
    """
    person = persons.checked(person)
    person_id, data_key = _known(tx, keys, person) or _new(tx, keys, person, draw)
    sealed = persons.seal(data_key, person_id, person, draw(persons.NONCE))
    body = {
        "person": person_id.hex(),
        "sealed": sealed.hex(),
        "units": [unit.hex() for unit in units],
        "document": document,
    }
    act = acts.append(tx, now_ms, who, HANDED, body)
    tx.executemany("INSERT INTO handed VALUES (?, ?, ?)", [(key, act, person_id) for key in units])
    return act


def find(tx: Tx, now_ms: int, who: str, keys: Keys, person: Person) -> list[Handing]:
    """Return what was handed to the person with this document. The look itself is an act."""
    person = persons.checked(person)
    known = _known(tx, keys, person)
    if known is None:
        return []
    acts.append(tx, now_ms, who, LOOKED, {"person": known[0].hex()})
    rows = tx.execute("SELECT DISTINCT act FROM handed WHERE person = ? ORDER BY act", (known[0],))
    return _handings(tx, keys, [act for (act,) in rows])


def recipients(tx: Tx, now_ms: int, who: str, keys: Keys, units: Iterable[bytes]) -> list[Handing]:
    """Return to whom any of ``units`` were handed, for a recall. The look itself is an act."""
    found: dict[int, bytes] = {}
    for unit in units:
        rows = tx.execute("SELECT act, person FROM handed WHERE key = ?", (unit,))
        found.update(rows.fetchall())
    for person_id in sorted(set(found.values())):
        acts.append(tx, now_ms, who, LOOKED, {"person": person_id.hex()})
    return _handings(tx, keys, sorted(found))


def handed(tx: Tx, units: Iterable[bytes]) -> set[bytes]:
    """Return which of ``units`` were handed to a person whose document was looked at."""
    sql = "SELECT 1 FROM handed WHERE key = ? LIMIT 1"
    return {unit for unit in units if tx.execute(sql, (unit,)).fetchone()}


def erase(tx: Tx, now_ms: int, who: str, keys: Keys, person: Person) -> bytes | None:
    """Forget the person with this document: what is sealed in acts can never be opened again.

    The key leaves the file and its log with this transaction (sqlite.Store); older backups have it
    still.

    Returns:
        the id that is to be erased again in a restored backup; None if nobody was found.
    """
    known = _known(tx, keys, persons.checked(person))
    if known is None:
        return None
    erase_ids(tx, now_ms, who, [known[0]])
    return known[0]


def count(tx: Tx) -> int:
    """How many persons are known."""
    (found,) = tx.execute("SELECT count(*) FROM person").fetchone()
    return int(found)


def require(tx: Tx, keys: Keys) -> None:
    """Refuse keys with which the persons here were not sealed: nobody would be found.

    Raises:
        AgentError: they are others.
    """
    for found in tx.execute("SELECT id, data_key FROM person LIMIT 1").fetchall():
        persons.unseal_key(keys, *found)


def erase_ids(tx: Tx, now_ms: int, who: str, ids: Iterable[bytes]) -> int:
    """Forget persons by their ids; return how many of them were still known."""
    tx.execute("PRAGMA secure_delete = ON").fetchall()
    count = 0
    for person_id in ids:
        sql = "DELETE FROM person WHERE id = ? RETURNING id"
        if tx.execute(sql, (person_id,)).fetchall():
            acts.append(tx, now_ms, who, ERASED, {"person": person_id.hex()})
            count += 1
    return count


def _known(tx: Tx, keys: Keys, person: Person) -> tuple[bytes, bytes] | None:
    """Id and data key of a person who was here before."""
    sql = "SELECT id, data_key FROM person WHERE lookup = ?"
    found = tx.execute(sql, (persons.lookup(keys, person),)).fetchone()
    return (found[0], persons.unseal_key(keys, *found)) if found else None


def _new(tx: Tx, keys: Keys, person: Person, draw: Callable[[int], bytes]) -> tuple[bytes, bytes]:
    person_id, data_key = draw(persons.ID), draw(persons.KEY)
    sealed = persons.seal_key(keys, person_id, data_key, draw(persons.NONCE))
    row = (person_id, persons.lookup(keys, person), sealed)
    tx.execute("INSERT INTO person VALUES (?, ?, ?)", row)
    return person_id, data_key


def _handings(tx: Tx, keys: Keys, numbers: Iterable[int]) -> list[Handing]:
    handings = []
    for number in numbers:
        (at_ms, text) = tx.execute(
            "SELECT at_ms, body FROM act WHERE number = ?", (number,)
        ).fetchone()
        body = msgspec.json.decode(text)
        person_id, sealed = bytes.fromhex(body["person"]), bytes.fromhex(body["sealed"])
        row = tx.execute("SELECT data_key FROM person WHERE id = ?", (person_id,)).fetchone()
        person = None
        if row is not None:
            data_key = persons.unseal_key(keys, person_id, row[0])
            person = persons.unseal(data_key, person_id, sealed)
        units = [bytes.fromhex(unit) for unit in body["units"]]
        handings.append(Handing(number, at_ms, body["document"], units, person))
    return handings
