"""Documents: taken from files, opened, bound to stations, closed, given up."""

from __future__ import annotations

from typing import Any

import msgspec

from edge_agent.commands import Order
from edge_agent.domain.documents import (
    BY_NOTHING,
    EXPECTED,
    Document,
    DocumentError,
    lacking,
)
from edge_agent.domain.interchange.bill import Bill
from edge_agent.store import acts, bills, closing, documents
from edge_agent.store.driver import Tx


def take(tx: Tx, order: Order, *, told: list[Any], source: dict[str, Any]) -> list[str]:
    """Write the documents of a file; all, or none. Returns their numbers.

    Args:
        told: ``domain.interchange.bill.Bill`` as JSON has it.
        source: see ``store.bills.take``.
    """
    return [
        bills.take(tx, order.now_ms, order.who, bill, source).number
        for bill in msgspec.convert(told, list[Bill])
    ]


def open_(
    tx: Tx, order: Order, *, number: str, type_name: str, named: dict[str, str], station: str
) -> None:
    """Begin with a document, and work on it at ``station`` if that is not empty.

    Args:
        type_name: "" for a document that is in the store; otherwise a new one is begun, of which
            nobody said what it brings.
        named: partner, owner, operator, order, person, waybill of a new one.
    """
    if type_name:
        _begin(tx, order, number, type_name, named)
    found = documents.named(tx, number)
    if found.state == EXPECTED or not station:
        documents.open_document(tx, order.now_ms, order.who, found)
    if station:
        bind(tx, order, number=number, station=station)


def close(tx: Tx, order: Order, *, number: str) -> int:
    """Close a document. Returns how many open findings stand against it; 0: it is closed."""
    return len(closing.close(tx, order.now_ms, order.who, documents.named(tx, number)))


def cancel(tx: Tx, order: Order, *, number: str, why: str) -> None:
    """Give up a document of which nothing was counted."""
    documents.cancel(tx, order.now_ms, order.who, documents.named(tx, number), why)


def bind(tx: Tx, order: Order, *, number: str, station: str) -> None:
    """Work on a document at a station.

    Raises:
        DocumentError: there is no such document, it is over, or none of its kind belongs there.
    """
    row = next((one for one in order.config.stations if one.device == station), None)
    if row is None or row.documents == "none":
        raise DocumentError(
            f"{station} works without documents",
            hint=f'give it a [[stations]] in agent.toml: device = "{station}", documents = "bound"',
        )
    found = documents.named(tx, number)
    if row.types and found.type not in row.types:
        raise DocumentError(
            f"{number} is a {found.type}: {station} takes {', '.join(row.types)}",
            hint="bind it to another station, or change its types in agent.toml",
        )
    documents.bind_station(tx, order.now_ms, order.who, station, number)


def release(tx: Tx, order: Order, *, station: str) -> str:
    """Work on no document at a station. Returns the number of the one it was, or ""."""
    found = documents.release_station(tx, order.now_ms, order.who, station)
    return found.number if found else ""


def _begin(tx: Tx, order: Order, number: str, type_name: str, named: dict[str, str]) -> None:
    lacks = lacking(type_name, named["partner"], named["person"], named["waybill"])
    if lacks:
        raise DocumentError(
            f"document {number} of type {type_name} names no {' and no '.join(lacks)}",
            hint=f"give --{' --'.join(lacks)}",
        )
    head = (number, type_name, named["partner"], named["owner"], named["operator"])
    rest = (order.now_ms, named["order"], named["person"], named["waybill"])
    documents.add(tx, Document(0, *head, EXPECTED, BY_NOTHING, *rest))
    body = {"document": number, "type": type_name, "partner": named["partner"]}
    acts.append(tx, order.now_ms, order.who, "document.begin", body)
