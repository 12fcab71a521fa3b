"""What is told of a record is whole, is JSON, and does not hang on the way it was read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.domain.model import Entry
from edge_agent.domain.reading import Reader
from edge_agent.domain.rendering import Rendering
from edge_agent.domain.statement import Teller, iso8601
from protocol import cbor, decisions, reasons, wire
from protocol.shapes import Batch, FaultRecord, ScanRecord
from tests.edge_agent.test_decode import USUAL
from tests.edge_agent.words import code, octets, scan
from tests.protocol.draws import BATCHES

PAIRS = st.tuples(st.integers(1, 4), st.integers(0, 255))
ARRIVED_MS = 1_700_000_000_000


@st.composite
def entries(draw: st.DrawFn) -> tuple[Entry, Batch]:
    """A row of the ledger for some of the records of a batch."""
    batch = draw(BATCHES | USUAL)
    count = len(batch.records)
    skip = draw(st.integers(0, count - 1))
    n = draw(st.integers(1, count - skip))
    rulings = b"".join(bytes(pair) for pair in draw(st.lists(PAIRS, min_size=n, max_size=n)))
    body = cbor.dumps(wire.batch_item(batch))
    seq = batch.first_seq + skip
    return Entry(1, "cradle-1", batch.boot_id, seq, skip, ARRIVED_MS, body, rulings), batch


def told(entry: Entry) -> list[dict[str, Any]]:
    return [json.loads(text) for text in Teller().records(entry)]


@pytest.mark.requirement("C21")
@given(entries())
def test_every_booked_record_is_told_whole(drawn: tuple[Entry, Batch]) -> None:
    entry, batch = drawn
    statements = told(entry)

    assert len(statements) == len(entry.rulings) // 2
    for place, said in enumerate(statements):
        record = batch.records[entry.skip + place]
        assert (said["device"], said["boot"], said["seq"]) == (
            "cradle-1",
            batch.boot_id.hex(),
            record.seq,
        )
        seen_ms = ARRIVED_MS - (batch.sent_ms - record.at_ms)
        assert said["seen_at"] == iso8601(seen_ms)
        assert getattr(decisions, said["decision"]) == entry.rulings[2 * place]
        if isinstance(record, ScanRecord):
            for label, one in zip(record.labels, said["labels"], strict=True):
                octets = (
                    bytes.fromhex(one["data_hex"]) if "data_hex" in one else one["data"].encode()
                )
                assert octets == label.data
                if label.symbology.isascii():
                    assert one["symbology"] == label.symbology.decode()
                if label.reason != reasons.OK:
                    assert (one["kind"], one["key"]) == ("UNREAD", "")
        elif isinstance(record, FaultRecord):
            assert (said["fault"], said["times"]) == (record.fault, record.times)
        else:
            assert said["record_kind"] == record.kind


@given(entries())
def test_both_ways_of_reading_a_batch_tell_the_same(drawn: tuple[Entry, Batch]) -> None:
    entry, _ = drawn
    with pytest.MonkeyPatch.context() as only_the_long_way:
        only_the_long_way.setattr(Reader, "plain", lambda *_: None)
        long_way = Teller().records(entry)

    assert Teller().records(entry) == long_way


def test_a_receiver_gets_codes_in_the_form_of_its_profile_or_the_reason_why_not() -> None:
    gs1 = b"0108999999000011219A0001\x1d10LOT9"
    records = [scan(0, code(1)), scan(1, gs1, symbology=b"d2"), scan(2, b"leaflet")]
    body = octets(*records)
    entry = Entry(1, "cradle-1", b"boot-001", 0, 0, ARRIVED_MS, body, bytes((1, 0) * 3))

    def forms(template: str, width: int | None = None) -> list[dict[str, str]]:
        lines = Teller(rendering=Rendering(template, width)).records(entry)
        labels = [json.loads(line)["labels"][0] for line in lines]
        return [
            {name: one[name] for name in ("code", "code_refused") if name in one} for one in labels
        ]

    assert forms("raw") == [{"code": code(1).decode()}, {"code": gs1.decode()}, {}]
    first, second, third = forms("gtin+serial", 30)
    assert "does not fit" in first["code_refused"]
    assert (second, third) == ({"code": "089999990000119A0001"}, {})
    assert forms("raw", 20)[0] == {"code": code(1).decode()}
    assert "the field takes 20" in forms("raw", 20)[1]["code_refused"]
    assert "code" not in json.loads(Teller().records(entry)[0])["labels"][0]


@pytest.mark.parametrize(
    ("at_ms", "text"),
    [
        (1_763_800_200_125, "2025-11-22T08:30:00.125Z"),
        (0, "1970-01-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (-(2**60), "0001-01-01T00:00:00.000Z"),
        (2**60, "9999-12-31T23:59:59.999Z"),
    ],
)
def test_times_are_told_in_utc(at_ms: int, text: str) -> None:
    assert iso8601(at_ms) == text
