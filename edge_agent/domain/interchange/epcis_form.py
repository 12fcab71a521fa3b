"""EPCIS 2.0 in JSON: each line is an ObjectEvent, what is in each pack an AggregationEvent.

GS1 codes become GS1 Digital Link URIs. 20-digit codes are no GS1 keys, so they become URIs under an
address that the user owns; an SGTIN is never invented for them. What the standard has no field for
(line, quantities, levels, our types) stands in extension fields. Persons stay out of EPCIS.

Source: EPCIS 2.0 and CBV 2.0 JSON schema for events and fields; GS1 Digital Link for the URIs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO
from urllib.parse import quote, unquote

import msgspec

from edge_agent.domain.documents import COUNT, IN, TYPES
from edge_agent.domain.interchange.bill import HEAD, LINE, Bill, BillCode, BillFileError, Row, rows
from edge_agent.domain.interchange.texts import wall
from edge_agent.domain.written import written

# What a written document leaves out.
SILENT = frozenset(("person",))

BASE = "https://trace.example/"  # of private URIs; a setting
_CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
_GS1 = "https://id.gs1.org/"
_TRACE = re.compile(r"/01/(\d{14})/21/([^/?#]+)$")
_SSCC = re.compile(r"/00/(\d{18})$")
_OFFSET = "+08:00"

# Our name: name in the standard, or of our extension.
_NAMES = {
    "event_time": "eventTime",
    "epcs": "epcList",
    "parent": "parentID",
    "children": "childEPCs",
    "transactions": "bizTransactionList",
    "head": "scandock:document",
    "line": "scandock:line",
    "units": "scandock:units",
    "events": "eventList",
    "body": "epcisBody",
}

# Direction or type: business step and disposition.
_STEPS = {
    IN: ("receiving", "in_progress"),
    COUNT: ("cycle_counting", "in_progress"),
    "sale_out": ("shipping", "in_transit"),
    "transfer_out": ("shipping", "in_transit"),
    "ward_supply": ("shipping", "in_transit"),
    "purchase_return_out": ("shipping", "returned"),
    "sales_return_in": ("receiving", "returned"),
    "consumer_return_in": ("receiving", "returned"),
    "recall_in": ("receiving", "recalled"),
    "recall_out": ("shipping", "recalled"),
    "sampling_out": ("sampling", "in_progress"),
    "scrapping": ("decommissioning", "inactive"),
    "stock_loss": ("decommissioning", "inactive"),
    "destruction": ("destroying", "destroyed"),
    "retail_sale": ("retail_selling", "retail_sold"),
    "internet_order": ("retail_selling", "retail_sold"),
    "vaccination": ("dispensing", "dispensed"),
    "dispensing": ("dispensing", "dispensed"),
}


class _Event(msgspec.Struct, rename=_NAMES.get):
    """The fields of an event that we read."""

    type: str
    event_time: str = ""
    action: str = ""
    epcs: list[str] = []
    parent: str = ""
    children: list[str] = []
    transactions: list[dict[str, str]] = []
    head: dict[str, str] = {}
    line: dict[str, str] = {}
    units: dict[str, dict[str, str]] = {}


class _Body(msgspec.Struct, rename=_NAMES.get):
    events: list[_Event]


class _File(msgspec.Struct, tag_field="type", tag="EPCISDocument", rename=_NAMES.get):
    body: _Body


def read(stream: BinaryIO) -> Iterator[Row]:
    """Yield the rows of a file; its text is read as a whole. Events of other kinds are passed over.

    Raises:
        BillFileError: it is no EPCIS document in JSON; says where.
    """
    try:
        file = msgspec.json.decode(stream.read(), type=_File)
    except msgspec.DecodeError as error:
        raise BillFileError(
            f"the file is no EPCIS 2.0 document in JSON: {error}",
            hint="EPCIS 1.x in XML must be converted by its sender",
        ) from None
    events = file.body.events
    around = {
        child: (f"eventList[{i}].childEPCs[{j}]", event)
        for i, event in enumerate(events)
        if event.type == "AggregationEvent" and event.action == "ADD"
        for j, child in enumerate(event.children)
    }
    cells_of: dict[str, dict[str, str]] = {}
    for i, event in enumerate(events):
        if event.type != "ObjectEvent" or event.action == "DELETE":
            continue
        cells = {**_head(event), **event.line}
        if not event.epcs:
            yield Row(f"eventList[{i}]", cells)
        for j, epc in enumerate(event.epcs):
            parent = around[epc][1].parent if epc in around else ""
            own = {"code": _code(epc), "parent": _code(parent), **event.units.get(epc, {})}
            cells_of[epc] = cells | own
            yield Row(f"eventList[{i}].epcList[{j}]", cells_of[epc])
    for epc, (place, event) in around.items():
        if epc not in cells_of:
            own = {"code": _code(epc), "parent": _code(event.parent), **event.units.get(epc, {})}
            # What is in a pack stands in its line, unless the file says that it is in another one.
            line = cells_of.get(_top(epc, around), _head(event))
            names = HEAD if "line" in own else (*HEAD, *LINE)
            line = {name: value for name, value in line.items() if name in names}
            yield Row(place, line | own)


def write(bills: Iterable[Bill], base: str = BASE) -> Iterator[str]:
    """Yield the pieces of a file.

    Args:
        base: beginning of the URIs of codes that are no GS1 keys, and of documents; ends in "/".
    """
    bills = list(bills)
    first = {
        "@context": [_CONTEXT, {"scandock": f"{base}epcis/"}],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": _time(max((bill.at_ms for bill in bills), default=0)),
    }
    yield msgspec.json.encode(first).decode()[:-1] + ',"epcisBody":{"eventList":['
    separator = "\n"
    for bill in bills:
        for event in _events(bill, base):
            yield separator + msgspec.json.encode(event).decode()
            separator = ",\n"
    yield "\n]}}\n"


def _events(bill: Bill, base: str) -> Iterator[dict[str, Any]]:
    flat = [row.cells for row in rows(bill)]
    step, disposition = _STEPS.get(bill.type) or _STEPS[TYPES[bill.type].direction]
    common: dict[str, Any] = {"eventTime": _time(bill.at_ms), "eventTimeZoneOffset": _OFFSET}
    business = {
        "bizStep": step,
        "disposition": disposition,
        "bizTransactionList": [
            {"type": "desadv", "bizTransaction": f"{base}document/{quote(bill.number, safe='')}"}
        ],
    }
    head = {name: flat[0][name] for name in HEAD if flat[0][name] and name not in SILENT}
    line_cells = {
        cells["line"]: {name: cells[name] for name in LINE if cells[name]} for cells in flat
    }
    roots = bill.roots()
    for line in bill.lines:
        listed = [code for code in roots if code.line == line.line]
        yield {
            "type": "ObjectEvent",
            **common,
            "action": "OBSERVE",
            "epcList": [_uri(code.key, base) for code in listed],
            **business,
            "scandock:document": head,
            "scandock:line": line_cells[str(line.line)],
            "scandock:units": {_uri(code.key, base): _unit(code) for code in listed},
        }
    inside: dict[bytes, list[BillCode]] = {}
    for code in bill.codes:
        if code.parent:
            inside.setdefault(code.parent, []).append(code)
    for parent, children in inside.items():
        yield {
            "type": "AggregationEvent",
            **common,
            "action": "ADD",
            "parentID": _uri(parent, base),
            "childEPCs": [_uri(code.key, base) for code in children],
            "bizStep": "packing",
            "scandock:document": head,
            "scandock:units": {
                _uri(code.key, base): line_cells[str(code.line)] | _unit(code) for code in children
            },
        }


def _unit(code: BillCode) -> dict[str, str]:
    told = {"level": code.level, "code_quantity": code.quantity}
    return {name: str(value) for name, value in told.items() if value}


def _head(event: _Event) -> dict[str, str]:
    if event.head:
        return event.head
    named = (one.get("bizTransaction", "") for one in event.transactions)
    numbers = [unquote(re.split("[/:]", one.rstrip("/"))[-1]) for one in named if one]
    return {"number": numbers[0] if numbers else "", "time": event.event_time}


def _top(epc: str, around: dict[str, tuple[str, _Event]]) -> str:
    seen = {epc}
    while epc in around and around[epc][1].parent not in seen:
        epc = around[epc][1].parent
        seen.add(epc)
    return epc


def _uri(key: bytes, base: str) -> str:
    text = written(key)
    if text.startswith("(01)"):
        serial = text[22:].replace("\\(", "(")
        return f"{_GS1}01/{text[4:18]}/21/{quote(serial, safe='')}"
    if text.startswith("(00)"):
        return f"{_GS1}00/{text[4:]}"
    return f"{base}code/{text}"


def _code(uri: str) -> str:
    """The code of a URI, as ``texts.code_in`` reads it; what is none stays as it is."""
    if found := _TRACE.search(uri):
        return f"(01){found[1]}(21)" + unquote(found[2]).replace("(", "\\(")
    if found := _SSCC.search(uri):
        return f"(00){found[1]}"
    last = uri.rsplit("/", 1)[-1]
    return last if last.isdigit() else uri


def _time(at_ms: int) -> str:
    """ISO 8601; a document without a time is dated 1970, which is read as no time."""
    return (wall(at_ms) or "1970-01-01 08:00:00").replace(" ", "T") + _OFFSET
