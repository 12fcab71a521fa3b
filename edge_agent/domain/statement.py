"""Booked records in the form that host systems and exports read: one JSON object a record."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import count
from typing import Any

import cbor2
import msgspec

from edge_agent.domain.facts import KIND_NAMES, Sorter, names_a_unit
from edge_agent.domain.model import Case, Entry
from edge_agent.domain.reading import Reader, fact
from edge_agent.domain.rendering import Rendering, RenderingError
from edge_agent.domain.wording import decision_name, reason_name
from protocol import code_rules, reasons, wire
from protocol.code_rules import Rules
from protocol.codes import Classifier
from protocol.shapes import FaultRecord, Label, OtherRecord, ScanRecord

_SYMBOLOGIES = [wire.SYMBOLOGIES[at : at + 2].decode() for at in range(0, len(wire.SYMBOLOGIES), 2)]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_MS = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // timedelta(milliseconds=1)
_LAST_MS = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // timedelta(milliseconds=1)


class Teller:
    """Tells what was booked. One object serves for ever."""

    def __init__(
        self, rules: Rules = code_rules.DEFAULT, rendering: Rendering | None = None
    ) -> None:
        """
        Args:
            rendering: how the receiver wants codes; each label that names a unit then also has
                ``code``, or ``code_refused``, which says why it does not fit.
        """
        self._reader = Reader(rules)
        self._sorter = Sorter(rules)
        self._classifier = Classifier(rules)
        self._rendering = rendering

    def records(self, entry: Entry) -> list[str]:
        """Return each record booked by ``entry``, in order, as a JSON object.

        Times are ISO 8601, UTC. ``seen_at`` is when the cradle read it: ``arrived_at``, when its
        batch reached the agent, less the age the record had when the batch was sent.
        """
        item: Any = cbor2.loads(entry.body)
        stop = entry.skip + len(entry.rulings) // 2
        plain = self._reader.plain(item, len(entry.body))
        if plain is not None and self._rendering is None:
            labels = map(_plain_label, item[6][entry.skip : stop], plain.cases[entry.skip : stop])
            at_ms = plain.at_ms[entry.skip : stop]
            sent_ms = item[5]
        else:
            batch = wire.read_batch(item)
            booked = batch.records[entry.skip : stop]
            labels = map(self._rest, booked)
            at_ms = [record.at_ms for record in booked]
            sent_ms = batch.sent_ms
        return _heads(entry, entry.arrived_ms - sent_ms, at_ms, labels)

    def _rest(self, record: ScanRecord | FaultRecord | OtherRecord) -> str:
        told: dict[str, object]
        if isinstance(record, ScanRecord):
            told = {"labels": [self._label(label) for label in record.labels]}
        elif isinstance(record, FaultRecord):
            told = {"fault": record.fault, "times": record.times}
        else:
            told = {"record_kind": record.kind}
        return msgspec.json.encode(told).decode()[1:]

    def _label(self, label: Label) -> dict[str, str]:
        found = fact(self._sorter, label)
        told = {"symbology": label.symbology.decode("ascii", "backslashreplace")}
        if label.data.isascii():
            told["data"] = label.data.decode("ascii")
        else:
            told["data_hex"] = label.data.hex()
        told["kind"] = KIND_NAMES[found.kind]
        told["key"] = found.key.hex()
        if found.reason != reasons.OK:
            told["reason"] = reason_name(found.reason)
        if self._rendering is not None and names_a_unit(found):
            told |= _rendered(self._rendering, self._classifier, label)
        return told


def _rendered(rendering: Rendering, classifier: Classifier, label: Label) -> dict[str, str]:
    code = classifier.code(label.symbology, label.data)
    try:
        return {"code": rendering.text(code, label.data)}
    except RenderingError as error:
        return {"code_refused": error.what}


def _heads(entry: Entry, booted_ms: int, at_ms: list[int], rests: Iterable[str]) -> list[str]:
    """Put before each record's own part what all kinds of records have. No name in it has
    anything that JSON would escape."""
    head = f'{{"device":"{entry.device}","boot":"{entry.boot_id.hex()}","seq":'
    arrived = f'"arrived_at":"{iso8601(entry.arrived_ms)}"'
    rulings = map(_ruling, entry.rulings[::2], entry.rulings[1::2])
    return [
        f'{head}{seq},"seen_at":"{iso8601(booted_ms + read_ms)}",{arrived},{ruling},{rest}'
        for seq, read_ms, ruling, rest in zip(count(entry.seq), at_ms, rulings, rests)
    ]


def _plain_label(record: list[Any], key: bytes | Case) -> str:
    """What ``_rest`` says of a record of a plain batch (domain.reading)."""
    assert isinstance(key, bytes)
    symbology, digits = _SYMBOLOGIES[record[2]], record[3].hex()
    return (
        f'"labels":[{{"symbology":"{symbology}","data":"{digits}","kind":"MSFX20"'
        f',"key":"{key.hex()}"}}]}}'
    )


@lru_cache(maxsize=1024)
def _ruling(decision: int, reason: int) -> str:
    return f'"decision":"{decision_name(decision)}","reason":"{reason_name(reason)}"'


def iso8601(at_ms: int) -> str:
    """Render milliseconds since 1970 in UTC, such as 2026-11-22T08:30:00.125Z.

    A cradle's clock may say anything: what lies beyond the calendar is rendered as its end.
    """
    if not _FIRST_MS <= at_ms <= _LAST_MS:
        at_ms = _FIRST_MS if at_ms < 0 else _LAST_MS
    return f"{_second(at_ms // 1000)}.{at_ms % 1000:03d}Z"


@lru_cache(maxsize=256)
def _second(second: int) -> str:
    return (_EPOCH + timedelta(seconds=second)).replace(tzinfo=None).isoformat()
