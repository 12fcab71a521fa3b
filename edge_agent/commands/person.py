"""Commands about persons: to whom what was handed, and to forget them again."""

from __future__ import annotations

from typing import Any

import msgspec

from edge_agent.commands import Order
from edge_agent.domain.facts import Sorter, names_a_unit
from edge_agent.domain.persons import Keys, Person, derived
from edge_agent.domain.statement import iso8601
from edge_agent.errors import AgentError
from edge_agent.store import erasures, keys, persons
from edge_agent.store.driver import Tx
from edge_agent.store.persons import Handing
from protocol import reasons
from protocol.shapes import Label


def link(tx: Tx, order: Order, *, person: dict[str, Any], codes: list[str], document: str) -> int:
    """File that the packs ``codes`` were handed to ``person``; return the number of the act."""
    units = [_unit(code) for code in codes]
    return persons.hand(
        tx,
        order.now_ms,
        order.who,
        _keys(tx, order),
        _person(person),
        units,
        document,
        order.draw,
    )


def find(tx: Tx, order: Order, *, person: dict[str, Any]) -> list[dict[str, Any]]:
    """Tell what was handed to ``person``."""
    found = persons.find(tx, order.now_ms, order.who, _keys(tx, order), _person(person))
    return [_told(one) for one in found]


def who_got(tx: Tx, order: Order, *, codes: list[str]) -> list[dict[str, Any]]:
    """Tell to whom the packs ``codes`` were handed."""
    units = [_unit(code) for code in codes]
    found = persons.recipients(tx, order.now_ms, order.who, _keys(tx, order), units)
    return [_told(one) for one in found]


def erase(tx: Tx, order: Order, *, person: dict[str, Any]) -> bool:
    """Forget ``person``; say whether anybody was found."""
    erased = persons.erase(tx, order.now_ms, order.who, _keys(tx, order), _person(person))
    if erased is not None:
        # Before the commit: erased once too often is better than not at all.
        erasures.note(order.config.keys.path, erased)
    return erased is not None


def _keys(tx: Tx, order: Order) -> Keys:
    path = order.config.keys.path / keys.PERSONS
    if persons.count(tx) == 0:
        return derived(keys.read_or_make(path, order.draw))
    found = derived(keys.read(path))
    persons.require(tx, found)
    return found


def _person(told: dict[str, Any]) -> Person:
    try:
        return msgspec.convert(told, Person)
    except msgspec.ValidationError as error:
        raise AgentError(f"the person's data: {error}") from None


def _unit(code: str) -> bytes:
    fact = Sorter().fact(Label(b"", code.encode(), reasons.OK))
    if fact.reason != reasons.OK or not names_a_unit(fact):
        raise AgentError(f"{code}: not the code of one pack", hint="scan it as it is printed")
    return fact.key


def _told(one: Handing) -> dict[str, Any]:
    return {
        "act": one.act,
        "at": iso8601(one.at_ms),
        "document": one.document,
        "units": [unit.hex() for unit in one.units],
        "person": one.person,
    }
