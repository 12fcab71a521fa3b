"""Shapes to CBOR items and back, and the encoders of the cradle that write into a given buffer.

A message is an array: version, kind, then the fields of its kind. Fields are only ever added at the
end; surplus ones are skipped, so that an old reader meets a new writer. protocol.cddl is the norm.
"""

from protocol import cbor, gs1, reasons
from protocol.compat import const
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

VERSION = const(1)

# Kinds of messages.
BATCH = const(1)
TAKEN = const(2)
VERDICTS = const(3)
STATE = const(4)
HOLDS = const(5)

# Kinds of records.
SCAN20 = const(0)  # one label of 20 digits and reason OK: the digits packed, two to the octet
SCAN = const(1)
FAULT = const(2)

RECORDS_MAX = const(256)
LABELS_MAX = const(16)
DATA_MAX = const(256)
RECORD_MAX = const(280)  # octets of the longest record the cradle writes: one label of 256

HELD_MAX = const(256)  # names of a whole list, and so of one message
HELD_OCTETS = const(3072)  # of all names of a list together
NAME_MAX = const(40)

_PACKED = const(10)
_BOOT_ID = const(8)
_NUMBER_MAX = const(0xFFFFFFFFFFFF)  # 8,900 years of milliseconds; sums stay far inside 64 bits

# ISO/IEC 15424 identifiers that travel as their place in this list; others as two octets.
# Only ever added to, at the end; the first 24 cost one octet.
SYMBOLOGIES = b"C0C1d1d2Q1Q3E0E4e0J1I0I1h0h1A0L2d7d8"


def put_scan(
    out: bytearray,
    at: int,
    dt_ms: int,
    symbology: int,
    data: bytes,
    start: int,
    end: int,
    reason: int,
) -> int:
    """Write a scan record of one label at ``out[at]`` and return the offset after it.

    Allocates nothing. The caller has seen to it that RECORD_MAX octets fit.

    Args:
        dt_ms: milliseconds since the record before it.
        symbology: its two octets as one number, first octet high; 0 for none.
        data: the label is ``data[start:end]``, at most 256 octets.
    """
    length = end - start
    short = length == 20 and reason == reasons.OK and gs1.is_digits(data, start, end)
    at = cbor.put_head(out, at, cbor.ARRAY, 4 if short else 3)
    at = cbor.put_head(out, at, cbor.UINT, SCAN20 if short else SCAN)
    at = cbor.put_head(out, at, cbor.UINT, dt_ms)
    if short:
        at = _put_symbology(out, at, symbology)
        at = cbor.put_head(out, at, cbor.BYTES, _PACKED)
        while start < end:
            out[at] = (data[start] & 15) << 4 | data[start + 1] & 15
            start += 2
            at += 1
        return at
    at = cbor.put_head(out, at, cbor.ARRAY, 3)
    at = _put_symbology(out, at, symbology)
    at = cbor.put_head(out, at, cbor.BYTES, length)
    while start < end:
        out[at] = data[start]
        start += 1
        at += 1
    return cbor.put_head(out, at, cbor.UINT, reason)


def put_fault(out: bytearray, at: int, dt_ms: int, fault: int, times: int) -> int:
    """Write a fault record at ``out[at]`` and return the offset after it."""
    at = cbor.put_head(out, at, cbor.ARRAY, 4)
    at = cbor.put_head(out, at, cbor.UINT, FAULT)
    at = cbor.put_head(out, at, cbor.UINT, dt_ms)
    at = cbor.put_head(out, at, cbor.UINT, fault)
    return cbor.put_head(out, at, cbor.UINT, times)


def put_batch_head(
    out: bytearray, at: int, boot_id: bytes, first_seq: int, base_ms: int, sent_ms: int, count: int
) -> int:
    """Write all of a batch that stands before its records; return the offset after it.

    Args:
        base_ms: when the record before ``first_seq`` was read, from which the first ``dt`` counts.
    """
    at = cbor.put_head(out, at, cbor.ARRAY, 7)
    at = cbor.put_head(out, at, cbor.UINT, VERSION)
    at = cbor.put_head(out, at, cbor.UINT, BATCH)
    at = cbor.put_head(out, at, cbor.BYTES, len(boot_id))
    for octet in boot_id:
        out[at] = octet
        at += 1
    at = cbor.put_head(out, at, cbor.UINT, first_seq)
    at = cbor.put_head(out, at, cbor.UINT, base_ms)
    at = cbor.put_head(out, at, cbor.UINT, sent_ms)
    return cbor.put_head(out, at, cbor.ARRAY, count)


def _put_symbology(out: bytearray, at: int, symbology: int) -> int:
    place = 0
    while place < len(SYMBOLOGIES):
        if SYMBOLOGIES[place] << 8 | SYMBOLOGIES[place + 1] == symbology:
            return cbor.put_head(out, at, cbor.UINT, place >> 1)
        place += 2
    if symbology == 0:
        return cbor.put_head(out, at, cbor.BYTES, 0)
    at = cbor.put_head(out, at, cbor.BYTES, 2)
    out[at] = symbology >> 8
    out[at + 1] = symbology & 0xFF
    return at + 2


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
    fields = _message(item, BATCH, 7)
    boot_id = _octets(fields, 2, _BOOT_ID)
    first_seq = _uint(fields, 3)
    at_ms = _uint(fields, 4)
    sent_ms = _uint(fields, 5)
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
    kind = _uint(item, 0)
    at_ms += _uint(item, 1)
    if kind == SCAN20:
        if len(item) < 4:
            raise WireError(reasons.FIELD, 0)
        digits = _unpack(_octets(item, 3, _PACKED))
        return ScanRecord(seq, at_ms, (Label(_symbology(item[2]), digits, reasons.OK),))
    if kind == SCAN:
        if not 1 <= len(item) - 2 <= LABELS_MAX:
            raise WireError(reasons.FIELD, 2)
        return ScanRecord(seq, at_ms, tuple([_read_label(one) for one in item[2:]]))
    if kind == FAULT:
        if len(item) < 4:
            raise WireError(reasons.FIELD, 2)
        return FaultRecord(seq, at_ms, _uint(item, 2), _uint(item, 3))
    return OtherRecord(seq, at_ms, kind)


def _read_label(item: object) -> Label:
    if not isinstance(item, list) or len(item) < 3:
        raise WireError(reasons.FIELD, 2)
    data = item[1]
    if not isinstance(data, bytes) or len(data) > DATA_MAX:
        raise WireError(reasons.FIELD, 2)
    return Label(_symbology(item[0]), data, _uint(item, 2))


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
        WireError: as ``read_batch``; KIND for a message that this firmware does not know.
    """
    if isinstance(item, list) and item[1:2] == [TAKEN]:
        fields = _message(item, TAKEN, 4)
        return Taken(_octets(fields, 2, _BOOT_ID), _uint(fields, 3))
    if isinstance(item, list) and item[1:2] == [HOLDS]:
        return _read_holds(_message(item, HOLDS, 5))
    fields = _message(item, VERDICTS, 5)
    rulings = fields[4]
    if not isinstance(rulings, bytes) or not 2 <= len(rulings) <= 2 * RECORDS_MAX:
        raise WireError(reasons.FIELD, 4)
    if len(rulings) % 2:
        raise WireError(reasons.FIELD, 4)
    return Verdicts(_octets(fields, 2, _BOOT_ID), _uint(fields, 3), rulings)


def _read_holds(fields: "list[object]") -> Holds:
    version, full, names = _uint(fields, 2), fields[3], fields[4]
    if not isinstance(full, bool):
        raise WireError(reasons.FIELD, 3)
    if not isinstance(names, list) or len(names) > HELD_MAX:
        raise WireError(reasons.FIELD, 4)
    last = b""
    for name in names:
        if not isinstance(name, bytes) or len(name) > NAME_MAX or name <= last:
            raise WireError(reasons.FIELD, 4)
        last = name
    return Holds(version, full, names)


def state_item(state: State) -> "list[object]":
    """Return the CBOR item of ``state``."""
    return [VERSION, STATE, state.online, state.boot_id, state.firmware, state.settings]


def read_state(item: object) -> State:
    """Read a message of the topic "state".

    Raises:
        WireError: as ``read_batch``.
    """
    fields = _message(item, STATE, 6)
    online, firmware, settings = fields[2], fields[4], fields[5]
    if not isinstance(online, bool):
        raise WireError(reasons.FIELD, 2)
    if not isinstance(firmware, str) or len(firmware.encode()) > 64:
        raise WireError(reasons.FIELD, 4)
    if not isinstance(settings, bytes) or len(settings) > 32:
        raise WireError(reasons.FIELD, 5)
    return State(online, _octets(fields, 3, _BOOT_ID), firmware, settings)


def _message(item: object, kind: int, least: int) -> "list[object]":
    if not isinstance(item, list) or len(item) < 2:
        raise WireError(reasons.FIELD, 0)
    if item[0] != VERSION or isinstance(item[0], bool):
        raise WireError(reasons.VERSION, 0)
    if item[1] != kind or isinstance(item[1], bool):
        raise WireError(reasons.KIND, 1)
    if len(item) < least:
        raise WireError(reasons.FIELD, len(item))
    return item


def _uint(fields: "list[object]", at: int) -> int:
    value = fields[at]
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _NUMBER_MAX:
        raise WireError(reasons.FIELD, at)
    return value


def _octets(fields: "list[object]", at: int, length: int) -> bytes:
    value = fields[at]
    if not isinstance(value, bytes) or len(value) != length:
        raise WireError(reasons.FIELD, at)
    return value
