"""What Hypothesis draws for this room: every shape of the wire, and the codes of the trade."""

from __future__ import annotations

from datetime import date
from itertools import accumulate

from hypothesis import strategies as st

from protocol import reasons, wire
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

Record = ScanRecord | FaultRecord | OtherRecord

NUMBER_MAX = 2**40  # ms and seq: far above what will ever be reached, below what the wire refuses

BOOT_IDS = st.binary(min_size=8, max_size=8)
NUMBERS = st.integers(0, NUMBER_MAX)
REASONS = st.integers(0, 255)


def digits(least: int, most: int) -> st.SearchStrategy[bytes]:
    return st.text("0123456789", min_size=least, max_size=most).map(str.encode)


def checked(body: bytes) -> bytes:
    """Append the GS1 check digit to the digits ``body``, by the words of the standard."""
    total = sum(int(chr(c)) * (1 if i % 2 else 3) for i, c in enumerate(reversed(body)))
    return body + str(-total % 10).encode()


MSFX20 = digits(12, 12).map(lambda tail: b"89999999" + tail)
GTINS = digits(5, 5).map(lambda tail: checked(b"08999999" + tail))

# One in three is a whole code of twenty digits, as on a line.
SYMBOLOGIES = st.one_of(
    st.sampled_from([wire.SYMBOLOGIES[i : i + 2] for i in range(0, len(wire.SYMBOLOGIES), 2)]),
    st.just(b""),
    st.text("]AQdz09", min_size=2, max_size=2).map(str.encode),
)
LABELS = st.one_of(
    st.builds(Label, SYMBOLOGIES, MSFX20, st.just(reasons.OK)),
    st.builds(Label, SYMBOLOGIES, digits(19, 21), REASONS),
    st.builds(Label, SYMBOLOGIES, st.binary(max_size=wire.DATA_MAX), REASONS),
)

# Records by themselves: a wait instead of a time, and no number yet.
SCANS = st.builds(
    ScanRecord, st.just(0), NUMBERS, st.lists(LABELS, min_size=1, max_size=4).map(tuple)
)
SINGLE_SCANS = st.builds(ScanRecord, st.just(0), NUMBERS, st.tuples(LABELS))
FAULTS = st.builds(FaultRecord, st.just(0), NUMBERS, REASONS, NUMBERS)
OTHERS = st.builds(OtherRecord, st.just(0), NUMBERS, st.integers(wire.FAULT + 1, 255))


@st.composite
def batches(draw: st.DrawFn, records: st.SearchStrategy[Record]) -> Batch:
    """A batch of ``records``, numbered without gaps."""
    drawn = draw(st.lists(records, min_size=1, max_size=6))
    first_seq = draw(NUMBERS)
    times = accumulate(record.at_ms for record in drawn)
    numbered = [
        record._replace(seq=seq, at_ms=at_ms)
        for seq, (record, at_ms) in enumerate(zip(drawn, times, strict=True), start=first_seq)
    ]
    return Batch(draw(BOOT_IDS), first_seq, draw(NUMBERS), numbered)


CRADLE_BATCHES = batches(SINGLE_SCANS | FAULTS)  # what the cradle's own encoders can write
BATCHES = batches(SCANS | FAULTS | OTHERS)


TAKEN = st.builds(Taken, BOOT_IDS, NUMBERS)
RULINGS = st.binary(min_size=1, max_size=256).map(lambda octets: octets * 2)
VERDICTS = st.builds(Verdicts, BOOT_IDS, NUMBERS, RULINGS)
NAMES = st.sets(st.binary(min_size=1, max_size=wire.NAME_MAX), max_size=12).map(sorted)
HOLDS = st.builds(Holds, NUMBERS, st.booleans(), NAMES)
ANSWERS = TAKEN | VERDICTS | HOLDS
STATES = st.builds(State, st.booleans(), BOOT_IDS, st.text(max_size=16), st.binary(max_size=32))

# Where one length of a head ends and the next begins.
EDGES = [0, 23, 24, 255, 256, 65_535, 65_536, 2**32 - 1, 2**32, 2**64 - 1]


def items(most: int = 12) -> st.SearchStrategy[object]:
    """Anything of our slice of CBOR, a few levels deep."""
    leaves = (
        st.none()
        | st.booleans()
        | st.integers(-(2**64), 2**64 - 1)
        | st.sampled_from(EDGES)
        | st.binary(max_size=30)
        | st.text(max_size=10)
    )
    keys = st.integers(0, 2**64 - 1) | st.sampled_from(EDGES)
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
        max_leaves=most,
    )


SET82 = b"!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
SERIALS = st.lists(st.sampled_from(SET82), min_size=1, max_size=20).map(bytes)
DATES = st.dates(date(2000, 1, 1), date(2099, 12, 31)).flatmap(
    lambda day: st.sampled_from([day.strftime("%y%m%d"), day.strftime("%y%m00")])
)
VALUES: dict[bytes, st.SearchStrategy[bytes]] = {
    b"00": digits(9, 9).map(lambda tail: checked(b"08999999" + tail)),
    b"01": GTINS,
    b"10": SERIALS,
    b"11": DATES.map(str.encode),
    b"17": DATES.map(str.encode),
    b"21": SERIALS,
}


@st.composite
def element_strings(draw: st.DrawFn) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """A GS1 element string of our application identifiers in any order, and what it holds.

    FNC1 stands where it must, and sometimes where it only may.
    """
    ais = draw(st.permutations(list(VALUES)))[: draw(st.integers(1, len(VALUES)))]
    elements = [(ai, draw(VALUES[ai])) for ai in ais]
    string = draw(st.sampled_from([b"", b"\x1d"]))
    for ai, value in elements:
        must = ai in (b"10", b"21") and (ai, value) != elements[-1]
        string += ai + value + (b"\x1d" if must or draw(st.booleans()) else b"")
    return string, elements
