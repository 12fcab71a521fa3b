"""Booked records in the form that host systems and exports read: one JSON object a record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import cbor2

from edge_agent.domain.facts import KIND_NAMES, Sorter
from edge_agent.domain.model import Entry
from edge_agent.domain.wording import decision_name, reason_name
from protocol import reasons, wire
from protocol.shapes import FaultRecord, Label, ScanRecord

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_MS = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // timedelta(milliseconds=1)
_LAST_MS = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // timedelta(milliseconds=1)


def records(entry: Entry, sorter: Sorter) -> Iterator[dict[str, Any]]:
    """Yield what was booked by ``entry``, in order.

    ``seen_at`` is when the cradle read it, ISO 8601, UTC: arrival less the age the record had when
    its batch was sent.
    """
    batch = wire.read_batch(cbor2.loads(entry.body))
    boot = entry.boot_id.hex()
    rulings = entry.rulings
    for place in range(len(rulings) // 2):
        record = batch.records[entry.skip + place]
        told: dict[str, Any] = {
            "device": entry.device,
            "boot": boot,
            "seq": entry.seq + place,
            "seen_at": iso8601(entry.arrived_ms - (batch.sent_ms - record.at_ms)),
            "decision": decision_name(rulings[2 * place]),
            "reason": reason_name(rulings[2 * place + 1]),
        }
        if isinstance(record, ScanRecord):
            told["labels"] = [_label(label, sorter) for label in record.labels]
        elif isinstance(record, FaultRecord):
            told["fault"] = record.fault
            told["times"] = record.times
        else:
            told["record_kind"] = record.kind
        yield told


def _label(label: Label, sorter: Sorter) -> dict[str, str]:
    fact = sorter.fact(label)
    told = {"symbology": label.symbology.decode("ascii", "backslashreplace")}
    if label.data.isascii():
        told["data"] = label.data.decode("ascii")
    else:
        told["data_hex"] = label.data.hex()
    told["kind"] = KIND_NAMES[fact.kind]
    told["key"] = fact.key.hex()
    if fact.reason != reasons.OK:
        told["reason"] = reason_name(fact.reason)
    return told


def iso8601(at_ms: int) -> str:
    """Render milliseconds since 1970 in UTC, such as 2026-11-22T08:30:00.125Z.

    A cradle's clock may say anything: what lies beyond the calendar is rendered as its end.
    """
    at_ms = min(max(at_ms, _FIRST_MS), _LAST_MS)
    return f"{_second(at_ms // 1000)}.{at_ms % 1000:03d}Z"


@lru_cache(maxsize=256)
def _second(second: int) -> str:
    return (_EPOCH + timedelta(seconds=second)).replace(tzinfo=None).isoformat()
