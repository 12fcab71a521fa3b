"""cbor2 and our own reader accept the same octets; the short way and the long one read the same."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import cbor2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edge_agent.domain import verdict
from edge_agent.domain.facts import Sorter
from edge_agent.domain.reading import Reader, Reading
from edge_agent.ingest import decode
from edge_agent.ingest.decode import Decoder, Message
from protocol import cbor, reasons, wire
from protocol.errors import ProtocolError, TopicError, WireError
from protocol.shapes import Batch, FaultRecord, Label, ScanRecord, State
from tests.edge_agent.words import SITE, octets, scan, up
from tests.protocol.draws import BATCHES, MSFX20, STATES, batches, items

LISTED = [wire.SYMBOLOGIES[at : at + 2] for at in range(0, len(wire.SYMBOLOGIES), 2)]

# What a line sends all day, and a few labels that only nearly look like it.
USUAL = batches(
    st.builds(
        ScanRecord,
        st.just(0),
        st.integers(0, 2**40) | st.integers(0, 300),
        st.builds(
            Label,
            st.sampled_from(LISTED),
            MSFX20 | st.sampled_from([b"79999999000000000018", b"8999999900000000001"]),
            st.just(reasons.OK),
        ).map(lambda label: (label,)),
    )
)


@st.composite
def mutilated(draw: st.DrawFn) -> bytes:
    """The octets of a batch, or of anything, with a few of them changed, gone, or added."""
    item = draw(BATCHES.map(wire.batch_item) | USUAL.map(wire.batch_item) | items())
    octets = bytearray(cbor.dumps(item))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(octets)))
        octets[at : at + draw(st.integers(0, 2))] = draw(st.binary(max_size=3))
    return bytes(octets)


def told(read: Callable[[], object]) -> object:
    """What ``read`` returns, or its error."""
    try:
        return read()
    except ProtocolError as error:
        return (type(error), error.reason, error.at)


FOREIGN_CBOR = [
    cbor2.dumps(item)
    for item in (
        [1.5],
        [datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)],
        [2**64],
        [-(2**64) - 1],
        cbor2.undefined,
        {"a": 1},
        {2: 1, 1: 2},
        cbor2.CBORTag(99, [1]),
    )
]
SHARED_CIRCLE = bytes.fromhex("d81c81d81d00")  # a list that holds itself
# Eight lists, each holding the one before it 99 times: 10^14 pieces in 2,000 octets.
LAUGHTER = bytes.fromhex("88d81c8100") + b"".join(
    bytes.fromhex("d81c9863") + bytes((0xD8, 0x1D, index)) * 99 for index in range(7)
)


@given(mutilated() | st.binary(max_size=40))
@example(SHARED_CIRCLE)
@example(LAUGHTER)
@example(bytes(cbor.MESSAGE_MAX + 1))
@example(b"\x00\x00")  # cbor2 does not mind octets after the end
@example(b"\xd9\xd9\xf7\x00")  # nor a tag that says "this is CBOR"
@example(b"\x9f\xff")
@example(b"\x81" * 9 + b"\x00")
@example(b"\xc0\x63abc")  # a tag whose content is wrong
@example(FOREIGN_CBOR[0])
@example(FOREIGN_CBOR[1])
@example(FOREIGN_CBOR[2])
@example(FOREIGN_CBOR[3])
@example(FOREIGN_CBOR[4])
@example(FOREIGN_CBOR[5])
@example(FOREIGN_CBOR[6])
@example(FOREIGN_CBOR[7])
def test_what_is_accepted_is_what_our_own_reader_accepts(octets: bytes) -> None:
    # By their text, so that True is not 1.
    assert repr(told(lambda: decode.loads(octets))) == repr(told(lambda: cbor.loads(octets)))


@given(mutilated())
def test_a_message_is_read_or_refused_as_the_long_way_does(octets: bytes) -> None:
    def long_way() -> Message:
        return Message("cradle-1", Reader().any(cbor.loads(octets)))

    assert told(lambda: Decoder(SITE)(up(), octets)) == told(long_way)


@given(BATCHES | USUAL)
def test_both_ways_of_reading_a_batch_agree(batch: Batch) -> None:
    item = wire.batch_item(batch)
    plain = Reader().plain(item, len(cbor.dumps(item)))

    long_way = Reader().any(item)

    assert plain in (None, long_way)
    assert long_way == Reading(
        batch.boot_id,
        batch.first_seq,
        [record.at_ms for record in batch.records],
        long_way.cases,
    )
    for record, case in zip(batch.records, long_way.cases, strict=True):
        if isinstance(record, ScanRecord):
            whole = verdict.case([Sorter().fact(label) for label in record.labels])
            alone = len(whole.units) == 1 and whole.ruling is None and not whole.printed
            assert case == (whole.units[0] if alone else whole)
        else:
            assert case == (verdict.FAULT if isinstance(record, FaultRecord) else verdict.OTHER)


def test_the_batch_of_an_ordinary_day_goes_the_short_way() -> None:
    payload = octets(*[scan(seq, b"89999999000000000018") for seq in range(64)])
    batch = cbor.loads(payload)

    assert Reader().plain(batch, len(payload)) == Reader().any(batch)
    assert Reader().plain(batch, len(payload) + 1) is None


@pytest.mark.parametrize("at", range(7))
@pytest.mark.parametrize("wrong", [None, True, -1, 2**48, b"", "", [], [[]], [[0, 0, 0]]])
def test_the_short_way_leaves_what_is_odd_to_the_long_one(at: int, wrong: object) -> None:
    batch = cbor.loads(octets(scan(0, b"89999999000000000018")))
    assert isinstance(batch, list)
    batch[at] = wrong

    assert Reader().plain(batch, len(cbor.dumps(batch))) is None
    with pytest.raises(WireError):
        Reader().any(batch)


@given(STATES)
def test_a_state_is_read(state: State) -> None:
    octets = cbor.dumps(wire.state_item(state))

    assert Decoder(SITE)("scandock/1/demo/c-1/state", octets) == Message("c-1", state)


@pytest.mark.parametrize(
    "topic",
    ["scandock/1/demo/c-1/down", "scandock/1/other/c-1/up", "scandock/1/demo/C1/up", "x", ""],
)
def test_a_topic_that_is_none_of_ours_is_refused(topic: str) -> None:
    with pytest.raises(TopicError):
        Decoder(SITE)(topic, octets(scan(0, b"89999999000000000018")))


@pytest.mark.parametrize(("leaf", "payload"), [("state", octets(scan(0, b"1"))), ("up", b"\xf6")])
def test_a_message_on_the_wrong_topic_is_refused(leaf: str, payload: bytes) -> None:
    with pytest.raises(WireError):
        Decoder(SITE)(f"scandock/1/demo/c-1/{leaf}", payload)
