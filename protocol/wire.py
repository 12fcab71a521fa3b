"""Shapes to CBOR items and back, and the encoders of the cradle that write into a given buffer.

A message is an array: version, kind, then the fields of its kind. Fields are only ever added at the
end; surplus ones are skipped, so that an old reader meets a new writer. protocol.cddl is the norm.
"""

from protocol import gs1, reasons, wire_cradle
from protocol.errors import WireError
from protocol.shapes import (
    Batch,
    FaultRecord,
    Holds,
    Label,
    OtherRecord,
    ScanRecord,
    State,
    Taken,
    Verdicts,
)
from protocol.wire_cradle import (
    BATCH,
    BOOT_ID,
    DATA_MAX,
    FAULT,
    HELD_MAX,
    HELD_OCTETS,
    HOLDS,
    LABELS_MAX,
    NAME_MAX,
    PACKED,
    RECORD_MAX,
    RECORDS_MAX,
    SCAN,
    SCAN20,
    STATE,
    SYMBOLOGIES,
    TAKEN,
    VERDICTS,
    VERSION,
    fields_of,
    octets,
    put_batch_head,
    put_fault,
    put_scan,
    uint,
)

__all__ = [
    "BATCH",
    "DATA_MAX",
    "FAULT",
    "HELD_MAX",
    "HELD_OCTETS",
    "HOLDS",
    "LABELS_MAX",
    "NAME_MAX",
    "RECORDS_MAX",
    "RECORD_MAX",
    "SCAN",
    "SCAN20",
    "STATE",
    "SYMBOLOGIES",
    "TAKEN",
    "VERDICTS",
    "VERSION",
    "batch_item",
    "down_item",
    "put_batch_head",
    "put_fault",
    "put_scan",
    "read_batch",
    "read_down",
    "read_state",
    "state_item",
]


def batch_item(batch: Batch) -> "list[object]":
    """Return the CBOR item of ``batch``, to be encoded by ``cbor.dumps``."""
    base_ms = last_ms = batch.records[0].at_ms
    records: "list[object]" = []
    for record in batch.records:
        records.append(_record_item(record, record.at_ms - last_ms))
        last_ms = record.at_ms
    return [VERSION, BATCH, batch.boot_id, batch.first_seq, base_ms, batch.sent_ms, records]


def _record_item(record: object, dt_ms: int) -> "list[object]":
    if isinstance(record, FaultRecord):
        return [FAULT, dt_ms, record.fault, record.times]
    if isinstance(record, OtherRecord):
        return [record.kind, dt_ms]
    assert isinstance(record, ScanRecord)
    labels = record.labels
    if len(labels) == 1 and labels[0].reason == reasons.OK and len(labels[0].data) == 20:
        data = labels[0].data
        if gs1.is_digits(data, 0, 20):
            packed = bytes((data[i] & 15) << 4 | data[i + 1] & 15 for i in range(0, 20, 2))
            return [SCAN20, dt_ms, _symbology_item(labels[0].symbology), packed]
    item: "list[object]" = [SCAN, dt_ms]
    for label in labels:
        item.append([_symbology_item(label.symbology), label.data, label.reason])
    return item


def _symbology_item(symbology: bytes) -> object:
    for place in range(0, len(SYMBOLOGIES), 2):
        if SYMBOLOGIES[place : place + 2] == symbology:
            return place >> 1
    return symbology


def read_batch(item: object) -> Batch:
    """Read a message of the topic "up".

    Raises:
        WireError: VERSION, KIND or FIELD; ``at`` is the index of the field. Inside a record, it is
            the record's index plus 7.
    """
    fields = fields_of(item, BATCH, 7)
    boot_id = octets(fields, 2, BOOT_ID)
    first_seq = uint(fields, 3)
    at_ms = uint(fields, 4)
    sent_ms = uint(fields, 5)
    records: "list[ScanRecord | FaultRecord | OtherRecord]" = []
    seq = first_seq
    items = fields[6]
    if not isinstance(items, list) or not 1 <= len(items) <= RECORDS_MAX:
        raise WireError(reasons.FIELD, 6)
    for one in items:
        try:
            record = _read_record(one, seq, at_ms)
        except WireError as error:
            raise WireError(error.reason, 7 + seq - first_seq) from None
        at_ms = record.at_ms
        records.append(record)
        seq += 1
    return Batch(boot_id, first_seq, sent_ms, records)


def _read_record(item: object, seq: int, at_ms: int) -> "ScanRecord | FaultRecord | OtherRecord":
    if not isinstance(item, list) or len(item) < 2:
        raise WireError(reasons.FIELD, 0)
    kind = uint(item, 0)
    at_ms += uint(item, 1)
    if kind == SCAN20:
        if len(item) < 4:
            raise WireError(reasons.FIELD, 0)
        digits = _unpack(octets(item, 3, PACKED))
        return ScanRecord(seq, at_ms, (Label(_symbology(item[2]), digits, reasons.OK),))
    if kind == SCAN:
        if not 1 <= len(item) - 2 <= LABELS_MAX:
            raise WireError(reasons.FIELD, 2)
        return ScanRecord(seq, at_ms, tuple([_read_label(one) for one in item[2:]]))
    if kind == FAULT:
        if len(item) < 4:
            raise WireError(reasons.FIELD, 2)
        return FaultRecord(seq, at_ms, uint(item, 2), uint(item, 3))
    return OtherRecord(seq, at_ms, kind)


def _read_label(item: object) -> Label:
    if not isinstance(item, list) or len(item) < 3:
        raise WireError(reasons.FIELD, 2)
    data = item[1]
    if not isinstance(data, bytes) or len(data) > DATA_MAX:
        raise WireError(reasons.FIELD, 2)
    return Label(_symbology(item[0]), data, uint(item, 2))


def _symbology(item: object) -> bytes:
    if isinstance(item, bytes) and len(item) in (0, 2):
        return item
    if isinstance(item, int) and not isinstance(item, bool) and 0 <= item < len(SYMBOLOGIES) // 2:
        return SYMBOLOGIES[item * 2 : item * 2 + 2]
    raise WireError(reasons.FIELD, 2)


def _unpack(packed: bytes) -> bytes:
    digits = packed.hex().encode()
    if not digits.isdigit():
        raise WireError(reasons.FIELD, 3)
    return digits


def down_item(message: object) -> "list[object]":
    """Return the CBOR item of a ``Taken``, ``Verdicts`` or ``Holds``."""
    if isinstance(message, Taken):
        return [VERSION, TAKEN, message.boot_id, message.next_seq]
    if isinstance(message, Holds):
        return [VERSION, HOLDS, message.version, message.full, message.names]
    assert isinstance(message, Verdicts)
    return [VERSION, VERDICTS, message.boot_id, message.first_seq, message.rulings]


def read_down(item: object) -> "Taken | Verdicts | Holds":
    """Read a message of the topic "down".

    Raises:
        WireError: as ``read_batch``; KIND for a message that a cradle does not know.
    """
    fields = wire_cradle.read_down(item)
    if fields[1] == TAKEN:
        return Taken(fields[2], fields[3])
    if fields[1] == HOLDS:
        return Holds(fields[2], fields[3], fields[4])
    return Verdicts(fields[2], fields[3], fields[4])


def state_item(state: State) -> "list[object]":
    """Return the CBOR item of ``state``."""
    return [VERSION, STATE, state.online, state.boot_id, state.firmware, state.settings]


def read_state(item: object) -> State:
    """Read a message of the topic "state".

    Raises:
        WireError: as ``read_batch``.
    """
    fields = fields_of(item, STATE, 6)
    online, firmware, settings = fields[2], fields[4], fields[5]
    if not isinstance(online, bool):
        raise WireError(reasons.FIELD, 2)
    if not isinstance(firmware, str) or len(firmware.encode()) > 64:
        raise WireError(reasons.FIELD, 4)
    if not isinstance(settings, bytes) or len(settings) > 32:
        raise WireError(reasons.FIELD, 5)
    return State(online, octets(fields, 3, BOOT_ID), firmware, settings)
