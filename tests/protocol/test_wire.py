"""The wire: what one side writes the other reads, newer or older, and nothing else gets through."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import cbor, reasons, wire, wire_cradle
from protocol.errors import WireError
from protocol.shapes import Batch, FaultRecord, Label, OtherRecord, ScanRecord, State
from tests.protocol import draws

BOOT_ID = b"bootboot"
SCAN20 = [0, 5, 3, bytes.fromhex("89999999000000000018")]
SCAN = [1, 5, [b"", b"8999", reasons.LENGTH]]
BATCH: list[object] = [1, 1, BOOT_ID, 7, 1000, 2000, [SCAN20]]
VERDICTS: list[object] = [1, 3, BOOT_ID, 7, b"\x01\x00"]
STATE: list[object] = [1, 4, True, BOOT_ID, "1.0", b"settings"]

MESSAGES = st.one_of(
    draws.BATCHES.map(wire.batch_item),
    draws.ANSWERS.map(wire.down_item),
    draws.STATES.map(wire.state_item),
)
READERS: list[Callable[[object], object]] = [wire.read_batch, wire.read_down, wire.read_state]


def over_the_wire(item: object) -> object:
    return cbor.loads(cbor.dumps(item))


@given(draws.BATCHES)
def test_a_batch_comes_out_as_it_went_in(batch: Batch) -> None:
    assert wire.read_batch(over_the_wire(wire.batch_item(batch))) == batch


@given(draws.ANSWERS)
def test_an_answer_comes_out_as_it_went_in(message: object) -> None:
    assert wire.read_down(over_the_wire(wire.down_item(message))) == message


@given(draws.STATES)
def test_a_state_comes_out_as_it_went_in(state: object) -> None:
    assert wire.read_state(over_the_wire(wire.state_item(state))) == state  # type: ignore[arg-type]


def put_batch(batch: Batch) -> bytes:
    """Encode ``batch`` as a cradle does, octet by octet into a given buffer."""
    out = bytearray(64 + wire.RECORD_MAX * len(batch.records))
    base_ms = last_ms = batch.records[0].at_ms
    count = len(batch.records)
    at = wire.put_batch_head(out, 0, batch.boot_id, batch.first_seq, base_ms, batch.sent_ms, count)
    for record in batch.records:
        start = at
        dt_ms = record.at_ms - last_ms
        if isinstance(record, FaultRecord):
            at = wire.put_fault(out, at, dt_ms, record.fault, record.times)
        else:
            assert isinstance(record, ScanRecord)
            ((symbology, data, reason),) = record.labels
            number = int.from_bytes(symbology, "big")
            framed = b"<<<" + data + b">>>"
            at = wire.put_scan(out, at, dt_ms, number, framed, 3, 3 + len(data), reason)
        assert at - start <= wire.RECORD_MAX
        last_ms = record.at_ms
    return bytes(out[:at])


@given(draws.CRADLE_BATCHES)
def test_the_cradles_encoders_write_the_octets_of_the_shapes(batch: Batch) -> None:
    assert put_batch(batch) == cbor.dumps(wire.batch_item(batch))


@given(draws.STATES)
def test_a_cradle_writes_its_state_as_the_agent_would(state: State) -> None:
    assert wire_cradle.state(*state) == cbor.dumps(wire.state_item(state))


def test_the_longest_record_fits_the_room_it_is_given() -> None:
    longest = ScanRecord(0, 2**64 - 1, (Label(b"Zz", b"\xff" * wire.DATA_MAX, 255),))
    out = bytearray(wire.RECORD_MAX)
    label = longest.labels[0]

    end = wire.put_scan(out, 0, longest.at_ms, 0x5A7A, label.data, 0, len(label.data), label.reason)

    assert end <= wire.RECORD_MAX


@pytest.mark.parametrize("reason", [reasons.OK, reasons.HEAD])
def test_only_a_good_code_of_twenty_digits_is_packed(reason: int) -> None:
    label = Label(b"C0", b"89999999000000000018", reason)
    batch = Batch(BOOT_ID, 0, 0, [ScanRecord(0, 0, (label,))])

    assert (b"\x89\x99\x99\x99" in put_batch(batch)) == (reason == reasons.OK)


@given(st.one_of(draws.items(), st.lists(draws.items(4), max_size=8)))
def test_any_other_item_is_refused_with_a_reason_and_a_place(item: object) -> None:
    for read in READERS:
        with pytest.raises(WireError) as refusal:
            read(item)
        assert refusal.value.reason in (reasons.VERSION, reasons.KIND, reasons.FIELD)


def refused(read: Callable[[object], object], item: object) -> WireError | None:
    try:
        read(item)
    except WireError as error:
        return error
    return None


@given(MESSAGES, draws.items(4), st.data())
def test_a_message_with_one_part_exchanged_is_read_or_refused(
    message: list[object], part: object, data: st.DataObject
) -> None:
    item: Any = copy.deepcopy(message)
    at = item
    while True:
        index = data.draw(st.integers(0, len(at) - 1))
        if not isinstance(at[index], list) or not at[index] or data.draw(st.booleans()):
            break
        at = at[index]
    at[index] = part

    for read in READERS:
        refusal = refused(read, item)
        assert refusal is None or (
            refusal.reason in (reasons.VERSION, reasons.KIND, reasons.FIELD)
            and 0 <= refusal.at < 7 + wire.RECORDS_MAX
        )


@given(draws.BATCHES, st.lists(draws.items(3), min_size=1, max_size=3))
def test_fields_of_a_newer_cradle_are_skipped(batch: Batch, newer: list[object]) -> None:
    item: Any = wire.batch_item(batch)
    item.extend(newer)
    for record in item[6]:
        if record[0] == wire.SCAN:
            for label in record[2:]:
                label.extend(newer)
        else:
            record.extend(newer)

    assert wire.read_batch(over_the_wire(item)) == batch


@given(draws.ANSWERS, st.lists(draws.items(3), min_size=1, max_size=3))
def test_fields_of_a_newer_agent_are_skipped(message: object, newer: list[object]) -> None:
    item: Any = wire.down_item(message)
    item.extend(newer)

    assert wire.read_down(over_the_wire(item)) == message


@given(draws.STATES, draws.items(3))
def test_fields_of_a_newer_state_are_skipped(state: object, newer: object) -> None:
    item = [*wire.state_item(state), newer]  # type: ignore[arg-type]

    assert wire.read_state(over_the_wire(item)) == state


@given(st.integers(wire.FAULT + 1, 2**32), st.lists(draws.items(3), max_size=3))
def test_a_record_of_an_unknown_kind_keeps_its_number_and_its_time(
    kind: int, fields: list[object]
) -> None:
    batch = wire.read_batch([1, 1, BOOT_ID, 7, 1000, 2000, [SCAN20, [kind, 5, *fields], SCAN20]])

    assert batch.records[1] == OtherRecord(8, 1010, kind)
    assert (batch.records[2].seq, batch.records[2].at_ms) == (9, 1015)


def exchanged(message: list[object], at: int, part: object) -> list[object]:
    return [*message[:at], part, *message[at + 1 :]]


REFUSED: dict[str, tuple[Callable[[object], object], object, int, int]] = {
    "no array": (wire.read_batch, {0: 1}, reasons.FIELD, 0),
    "empty": (wire.read_batch, [], reasons.FIELD, 0),
    "version 2": (wire.read_batch, exchanged(BATCH, 0, 2), reasons.VERSION, 0),
    "version true": (wire.read_batch, exchanged(BATCH, 0, True), reasons.VERSION, 0),
    "kind true": (wire.read_batch, exchanged(BATCH, 1, True), reasons.KIND, 1),
    "an answer going up": (wire.read_batch, VERDICTS, reasons.KIND, 1),
    "a batch going down": (wire.read_down, BATCH, reasons.KIND, 1),
    "an unknown kind, short": (wire.read_down, [1, 9], reasons.KIND, 1),
    "an unknown kind of another form": (wire.read_down, [1, 9, 0, "x"], reasons.KIND, 1),
    "a field missing": (wire.read_batch, BATCH[:6], reasons.FIELD, 6),
    "boot of 7 octets": (wire.read_batch, exchanged(BATCH, 2, b"7octets"), reasons.FIELD, 2),
    "seq negative": (wire.read_batch, exchanged(BATCH, 3, -1), reasons.FIELD, 3),
    "seq true": (wire.read_batch, exchanged(BATCH, 3, True), reasons.FIELD, 3),
    "seq that no store holds": (wire.read_batch, exchanged(BATCH, 3, 2**48), reasons.FIELD, 3),
    "time that no store holds": (wire.read_batch, exchanged(BATCH, 4, 2**48), reasons.FIELD, 4),
    "no record": (wire.read_batch, exchanged(BATCH, 6, []), reasons.FIELD, 6),
    "257 records": (wire.read_batch, exchanged(BATCH, 6, [SCAN20] * 257), reasons.FIELD, 6),
    "second record a number": (wire.read_batch, exchanged(BATCH, 6, [SCAN, 1]), reasons.FIELD, 8),
    "no digits": (
        wire.read_batch,
        exchanged(BATCH, 6, [[0, 5, 3, b"\xa9" * 10]]),
        reasons.FIELD,
        7,
    ),
    "9 packed octets": (
        wire.read_batch,
        exchanged(BATCH, 6, [[0, 5, 3, bytes(9)]]),
        reasons.FIELD,
        7,
    ),
    "symbology 18": (
        wire.read_batch,
        exchanged(BATCH, 6, [[0, 5, 18, bytes(10)]]),
        reasons.FIELD,
        7,
    ),
    "symbology of 1 octet": (
        wire.read_batch,
        exchanged(BATCH, 6, [[0, 5, b"C", bytes(10)]]),
        reasons.FIELD,
        7,
    ),
    "no label": (wire.read_batch, exchanged(BATCH, 6, [[1, 5]]), reasons.FIELD, 7),
    "17 labels": (
        wire.read_batch,
        exchanged(BATCH, 6, [[1, 5, *[SCAN[2]] * 17]]),
        reasons.FIELD,
        7,
    ),
    "label of 257 octets": (
        wire.read_batch,
        exchanged(BATCH, 6, [[1, 5, [3, bytes(257), 0]]]),
        reasons.FIELD,
        7,
    ),
    "fault without times": (wire.read_batch, exchanged(BATCH, 6, [[2, 5, 1]]), reasons.FIELD, 7),
    "no ruling": (wire.read_down, exchanged(VERDICTS, 4, b""), reasons.FIELD, 4),
    "257 rulings": (wire.read_down, exchanged(VERDICTS, 4, bytes(514)), reasons.FIELD, 4),
    "ruling without reason": (wire.read_down, exchanged(VERDICTS, 4, bytes(3)), reasons.FIELD, 4),
    "rulings a text": (wire.read_down, exchanged(VERDICTS, 4, "10"), reasons.FIELD, 4),
    "holds without names": (wire.read_down, [1, 5, 7, True], reasons.FIELD, 4),
    "full 1": (wire.read_down, [1, 5, 7, 1, []], reasons.FIELD, 3),
    "names a text": (wire.read_down, [1, 5, 7, True, "x"], reasons.FIELD, 4),
    "an empty name": (wire.read_down, [1, 5, 7, True, [b""]], reasons.FIELD, 4),
    "a name twice": (wire.read_down, [1, 5, 7, True, [b"a", b"a"]], reasons.FIELD, 4),
    "names out of order": (wire.read_down, [1, 5, 7, True, [b"b", b"a"]], reasons.FIELD, 4),
    "a name of 41 octets": (wire.read_down, [1, 5, 7, True, [bytes(41)]], reasons.FIELD, 4),
    "257 names": (
        wire.read_down,
        [1, 5, 7, True, [i.to_bytes(2, "big") for i in range(257)]],
        reasons.FIELD,
        4,
    ),
    "online 1": (wire.read_state, exchanged(STATE, 2, 1), reasons.FIELD, 2),
    "firmware of 66 octets": (wire.read_state, exchanged(STATE, 4, "é" * 33), reasons.FIELD, 4),
    "settings of 33 octets": (wire.read_state, exchanged(STATE, 5, bytes(33)), reasons.FIELD, 5),
}


@pytest.mark.parametrize(("read", "item", "reason", "at"), REFUSED.values(), ids=REFUSED)
def test_what_breaks_the_schema_is_refused_with_reason_and_field(
    read: Callable[[object], object], item: object, reason: int, at: int
) -> None:
    with pytest.raises(WireError) as refusal:
        read(item)

    assert (refusal.value.reason, refusal.value.at) == (reason, at)


@pytest.mark.parametrize(
    ("read", "item"),
    [
        (wire.read_batch, exchanged(BATCH, 6, [SCAN20] * 256)),
        (wire.read_batch, exchanged(BATCH, 6, [[1, 5, *[SCAN[2]] * 16]])),
        (wire.read_batch, exchanged(BATCH, 6, [[1, 5, [17, bytes(256), 0]]])),
        (wire.read_batch, exchanged(BATCH, 3, 2**48 - 1)),
        (wire.read_down, exchanged(VERDICTS, 4, bytes(512))),
        (wire.read_state, exchanged(STATE, 4, "é" * 32)),
    ],
    ids=["256 records", "16 labels", "256 octets", "seq 2**48-1", "256 rulings", "64 octets"],
)
def test_the_schema_is_allowed_up_to_its_limits(
    read: Callable[[object], object], item: object
) -> None:
    assert read(over_the_wire(item))
