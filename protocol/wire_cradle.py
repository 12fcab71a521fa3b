"""The cradle's side of the wire: encoders into a given buffer, and the reader of answers.

Whoever reads what a cradle writes has ``protocol.wire``, and these as well. No message is made an
object here: a cradle's memory is for labels.
"""

from protocol import cbor, gs1, reasons
from protocol.compat import const
from protocol.errors import WireError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

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

PACKED = const(10)
BOOT_ID = const(8)
_STATE_MAX = const(128)  # octets: version text up to 64, 16 of boot and settings, and their heads
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
        at = cbor.put_head(out, at, cbor.BYTES, PACKED)
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
    at = _put_octets(out, _put_start(out, at, 7, BATCH), cbor.BYTES, boot_id)
    at = cbor.put_head(out, at, cbor.UINT, first_seq)
    at = cbor.put_head(out, at, cbor.UINT, base_ms)
    at = cbor.put_head(out, at, cbor.UINT, sent_ms)
    return cbor.put_head(out, at, cbor.ARRAY, count)


def _put_start(out: bytearray, at: int, count: int, kind: int) -> int:
    """Begin a message of ``count`` fields, version and kind included."""
    at = cbor.put_head(out, at, cbor.ARRAY, count)
    at = cbor.put_head(out, at, cbor.UINT, VERSION)
    return cbor.put_head(out, at, cbor.UINT, kind)


def _put_octets(out: bytearray, at: int, major: int, text: bytes) -> int:
    at = cbor.put_head(out, at, major, len(text))
    for octet in text:
        out[at] = octet
        at += 1
    return at


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


def state(online: bool, boot_id: bytes, firmware: str, settings: bytes) -> bytearray:
    """Return the message of a cradle's state, as protocol.shapes has it."""
    text = firmware.encode()
    out = bytearray(_STATE_MAX)
    at = _put_start(out, 0, 6, STATE)
    out[at] = cbor.TRUE if online else cbor.FALSE
    at = _put_octets(out, at + 1, cbor.BYTES, boot_id)
    at = _put_octets(out, at, cbor.TEXT, text)
    return out[: _put_octets(out, at, cbor.BYTES, settings)]


def read_down(item: object) -> "list[Any]":
    """Read a message of the topic "down".

    Returns:
        version, kind, and its fields as protocol.shapes has them: TAKEN boot_id, next_seq; VERDICTS
        boot_id, first_seq, rulings; HOLDS version, full, names. What a newer agent may have added
        stands behind them.

    Raises:
        WireError: VERSION, KIND for a message that this firmware does not know, or FIELD; ``at`` is
            the index of the field.
    """
    if isinstance(item, list) and item[1:2] == [TAKEN]:
        fields = fields_of(item, TAKEN, 4)
    elif isinstance(item, list) and item[1:2] == [HOLDS]:
        return _read_holds(fields_of(item, HOLDS, 5))
    else:
        fields = fields_of(item, VERDICTS, 5)
        rulings = fields[4]
        if not isinstance(rulings, bytes) or not 2 <= len(rulings) <= 2 * RECORDS_MAX:
            raise WireError(reasons.FIELD, 4)
        if len(rulings) % 2:
            raise WireError(reasons.FIELD, 4)
    octets(fields, 2, BOOT_ID)
    uint(fields, 3)
    return fields


def _read_holds(fields: "list[Any]") -> "list[Any]":
    full, names = fields[3], fields[4]
    uint(fields, 2)
    if not isinstance(full, bool):
        raise WireError(reasons.FIELD, 3)
    if not isinstance(names, list) or len(names) > HELD_MAX:
        raise WireError(reasons.FIELD, 4)
    last = b""
    for name in names:
        if not isinstance(name, bytes) or len(name) > NAME_MAX or name <= last:
            raise WireError(reasons.FIELD, 4)
        last = name
    return fields


def fields_of(item: object, kind: int, least: int) -> "list[Any]":
    """Return the fields of the message ``item``, version and kind first.

    Args:
        least: how many there must be.
    """
    if not isinstance(item, list) or len(item) < 2:
        raise WireError(reasons.FIELD, 0)
    if item[0] != VERSION or isinstance(item[0], bool):
        raise WireError(reasons.VERSION, 0)
    if item[1] != kind or isinstance(item[1], bool):
        raise WireError(reasons.KIND, 1)
    if len(item) < least:
        raise WireError(reasons.FIELD, len(item))
    return item


def uint(fields: "list[Any]", at: int) -> int:
    """Return a field that must be a number of ours."""
    value = fields[at]
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _NUMBER_MAX:
        raise WireError(reasons.FIELD, at)
    return value


def octets(fields: "list[Any]", at: int, length: int) -> bytes:
    """Return a field that must be so many octets."""
    value = fields[at]
    if not isinstance(value, bytes) or len(value) != length:
        raise WireError(reasons.FIELD, at)
    return value
