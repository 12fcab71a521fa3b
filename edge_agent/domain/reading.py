"""A batch as the writer needs it: when each record was read, and what it says by itself.

Nearly every batch is a plain one: records of one label of twenty digits that begin with 8, in a
symbology whose data has no grammar of its own. Such a batch is read by a short way, in a tenth of
the time; everything else goes through protocol.wire and protocol.codes, label by label. Both ways
give the same for a plain batch, which a property test holds.
"""

from __future__ import annotations

from typing import NamedTuple

from edge_agent.domain import verdict
from edge_agent.domain.facts import Sorter
from edge_agent.domain.model import Case, Fact
from protocol import code_rules, reasons, wire
from protocol.code_rules import Rules
from protocol.shapes import Batch, FaultRecord, Label, ScanRecord

# What the wire allows at most (protocol.cddl, uint48).
_NUMBER_MAX = (1 << 48) - 1

_PLAIN_HEAD = [int, int, bytes, int, int, int, list]
# Octets of a plain batch beside its numbers: array, version, kind, boot_id. Of a plain record
# beside its dt: array, kind, symbology, head of the digits, digits.
_HEAD = 1 + 1 + 1 + 9
_RECORD = 1 + 1 + 1 + 1 + 10


class Reading(NamedTuple):
    """One batch.

    Attributes:
        at_ms: when each record was read, milliseconds since boot.
        cases: what each says by itself; for a single unit and nothing else, the unit's key alone.
    """

    boot_id: bytes
    first_seq: int
    at_ms: list[int]
    cases: list[bytes | Case]


class Reader:
    """Reads batches. One object serves for ever."""

    def __init__(self, rules: Rules = code_rules.DEFAULT) -> None:
        self._sorter = Sorter(rules)
        self._heads = self._sorter.heads
        self._plain_symbologies = self._sorter.digits_are_msfx20()

    def plain(self, item: object, octets: int) -> Reading | None:
        """Read the CBOR item of a plain batch; None for any other item, right or wrong.

        What it takes is made of plain integers and octets only, each in its shortest form.

        Args:
            octets: length of the message. Every other encoding that reads as the same item is
                longer than the shortest one, so the length tells whether it is that one.
        """
        if type(item) is not list or list(map(type, item)) != _PLAIN_HEAD:
            return None
        version, kind, boot_id, first_seq, base_ms, sent_ms, records = item
        if (
            version != wire.VERSION
            or kind != wire.BATCH
            or len(boot_id) != 8
            or not 1 <= len(records) <= wire.RECORDS_MAX
            or not 0 <= first_seq <= _NUMBER_MAX
            or not 0 <= base_ms <= _NUMBER_MAX
            or not 0 <= sent_ms <= _NUMBER_MAX
        ):
            return None
        at_ms = base_ms
        times: list[int] = []
        keys: list[bytes | Case] = []
        shortest = _HEAD + sum(map(_size, (first_seq, base_ms, sent_ms, len(records))))
        for record in records:
            if type(record) is not list or len(record) != 4:
                return None
            kind, dt_ms, symbology, packed = record
            if (
                type(kind) is not int
                or kind != wire.SCAN20
                or type(dt_ms) is not int
                or not 0 <= dt_ms <= _NUMBER_MAX
                or type(symbology) is not int
                or symbology not in self._plain_symbologies
                or type(packed) is not bytes
                or len(packed) != 10
            ):
                return None
            digits = packed.hex()
            if not digits.startswith(self._heads) or not digits.isdigit():
                return None
            at_ms += dt_ms
            times.append(at_ms)
            keys.append(int(digits).to_bytes(9, "big"))
            shortest += _RECORD + (1 if dt_ms < 24 else _size(dt_ms))
        return Reading(boot_id, first_seq, times, keys) if shortest == octets else None

    def any(self, item: object) -> Reading:
        """Read the CBOR item of any batch.

        Raises:
            WireError: as ``wire.read_batch``.
        """
        batch = wire.read_batch(item)
        at_ms = [record.at_ms for record in batch.records]
        return Reading(batch.boot_id, batch.first_seq, at_ms, self._cases(batch))

    def _cases(self, batch: Batch) -> list[bytes | Case]:
        cases: list[bytes | Case] = []
        for record in batch.records:
            if isinstance(record, ScanRecord):
                case = verdict.case([fact(self._sorter, label) for label in record.labels])
                alone = len(case.units) == 1 and case.ruling is None and not case.printed
                cases.append(case.units[0] if alone else case)
            else:
                fault = isinstance(record, FaultRecord)
                cases.append(verdict.FAULT if fault else verdict.OTHER)
        return cases


def fact(sorter: Sorter, label: Label) -> Fact:
    """Say what ``label`` is. One that its cradle held by its own list was read all the same."""
    if label.reason != reasons.RECALLED:
        return sorter.fact(label)
    found = sorter.fact(label._replace(reason=reasons.OK))
    return found._replace(reason=reasons.RECALLED)


def _size(n: int) -> int:
    """Octets of a CBOR integer, or of a head, in its shortest form."""
    if n < 24:
        return 1
    if n < 0x100:
        return 2
    if n < 0x10000:
        return 3
    return 5 if n < 0x100000000 else 9
