"""Figures: every record is counted once, on its day, and the roll-up says what a recount says."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.domain import kpi as figures
from edge_agent.domain.kpi import Movement, Rate, Reads, Row, Tally
from edge_agent.domain.model import Case
from edge_agent.store import kpi, ledger, outbox
from edge_agent.store.outbox import Letter
from edge_agent.store.sqlite import Store
from protocol import decisions, reasons
from protocol.shapes import Label, ScanRecord
from tests.edge_agent.conftest import STORE_ID
from tests.edge_agent.words import BOOT, accept, arrival, code, octets, scan, up

GOOD = (decisions.PASS, reasons.OK)
DAY = 19_675  # 14 November 2023
NOON = DAY * 86_400_000 + 4 * 3_600_000  # of that day in China, UTC
ARTICLE = b"6901234567892"
GTIN = "06901234567892"


def rulings(*pairs: tuple[int, int]) -> bytes:
    return bytes(part for pair in pairs for part in pair)


# -- what is counted ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ruling", "counted"),
    [
        (GOOD, Reads(1, 0, 0, 1, 0, 0, 0, 1)),
        ((decisions.AGAIN, reasons.REREAD), Reads(1, 0, 0, 0, 1, 0, 0, 0)),
        ((decisions.HOLD, reasons.SEEN_BEFORE), Reads(1, 0, 0, 0, 0, 1, 0, 0)),
        ((decisions.HOLD, reasons.NOT_IN_DOCUMENT), Reads(1, 0, 0, 0, 0, 1, 0, 0)),
        ((decisions.REJECT, reasons.NO_READ), Reads(1, 1, 0, 0, 0, 0, 1, 0)),
        ((decisions.REJECT, reasons.NOT_DIGITS), Reads(1, 0, 1, 0, 0, 0, 1, 0)),
        ((decisions.REJECT, reasons.UNTERMINATED), Reads(1, 0, 1, 0, 0, 0, 1, 0)),
        ((decisions.REJECT, reasons.ARTICLE_NUMBER), Reads(1, 0, 1, 0, 0, 0, 1, 0)),
        ((decisions.AGAIN, reasons.CRADLE_FAULT), Reads()),
        ((decisions.HOLD, reasons.UNKNOWN_RECORD), Reads()),
        ((decisions.AGAIN, reasons.COMMAND_DONE), Reads()),
    ],
)
def test_what_a_record_counts_as(ruling: tuple[int, int], counted: Reads) -> None:
    assert figures.count([b"a"], rulings(ruling)) == counted


def test_a_record_counts_all_units_it_names_once_it_passes() -> None:
    tray = Case((b"a", b"b", b"c"), None)

    assert figures.count([tray], rulings(GOOD)).units == 3
    assert figures.count([tray, b"d"], rulings((decisions.HOLD, 41), GOOD)).units == 1


@given(st.lists(st.sampled_from([(d, r) for d in (1, 2, 3, 4) for r in (0, 3, 10, 40, 45, 108)])))
def test_decisions_sum_up_to_reads(pairs: list[tuple[int, int]]) -> None:
    found = figures.count([b"a"] * len(pairs), rulings(*pairs))

    assert found.reads == sum(reason != reasons.CRADLE_FAULT for _, reason in pairs)
    assert found.passed + found.again + found.held + found.rejected == found.reads


def test_a_day_begins_at_midnight_in_china() -> None:
    midnight = DAY * 86_400_000 - 8 * 3_600_000

    assert figures.day_of(midnight - 1) == DAY - 1
    assert figures.day_of(midnight) == figures.day_of(NOON) == DAY


def test_a_tally_has_one_row_for_each_day_and_cradle() -> None:
    tally = Tally()
    for device, at_ms, number in (("b", NOON, 7), ("a", NOON, 9), ("b", NOON, 3)):
        tally.note(device, at_ms, number, [b"a"] * 2, rulings(GOOD, GOOD))
    tally.note("b", NOON + 86_400_000, 11, [b"a"], rulings(GOOD))

    two = Reads(2, 0, 0, 2, 0, 0, 0, 2)
    assert tally.rows() == [
        Row(DAY, "a", 9, 10, two),
        Row(DAY, "b", 3, 8, two.plus(two)),
        Row(DAY + 1, "b", 11, 11, Reads(1, 0, 0, 1, 0, 0, 0, 1)),
    ]


# -- rates --------------------------------------------------------------------------------------

NONE: frozenset[str] = frozenset()


@pytest.mark.requirement("T13", "T14", "T15", "T16", "T17", "T18")
@pytest.mark.parametrize(
    ("lines", "scanned", "collected"),
    [
        ([], Rate(0, 0), Rate(0, 0)),
        ([Movement("collect", 10, 9, NONE)], Rate(9, 10), Rate(0, 1)),
        ([Movement("collect", 10, 10, NONE)], Rate(10, 10), Rate(1, 1)),
        # A surplus makes up for nothing.
        (
            [Movement("scan-in", 5, 9, NONE), Movement("scan-in", 5, 1, NONE)],
            Rate(6, 10),
            Rate(0, 0),
        ),
        # Exempt goods and registered stock without codes are in neither part nor whole.
        ([Movement("collect", 10, 0, NONE, exempt=True)], Rate(0, 0), Rate(0, 0)),
        ([Movement("collect", 10, 4, NONE, exempt=True)], Rate(0, 0), Rate(0, 0)),
        ([Movement("collect", 10, 6, NONE, no_code=4)], Rate(6, 6), Rate(1, 1)),
        ([Movement("collect", 10, 0, NONE, no_code=10)], Rate(0, 0), Rate(0, 0)),
    ],
)
def test_rates_of_documents(lines: list[Movement], scanned: Rate, collected: Rate) -> None:
    assert figures.scan_rate(lines) == scanned
    assert figures.collection_rate(lines) == collected


@pytest.mark.parametrize(
    ("rate", "target", "reached"),
    [
        (Rate(95, 100), 95, True),
        (Rate(9499, 10000), 95, False),
        (Rate(0, 0), 95, None),
        (Rate(1, 2), None, None),
        (Rate(999_999_999, 1_000_000_000), 100, False),  # no rounding up
    ],
)
def test_a_target_is_reached_or_not(rate: Rate, target: int | None, reached: bool | None) -> None:
    assert rate.reaches(target) is reached


# -- the store ----------------------------------------------------------------------------------


HELD = (decisions.HOLD, reasons.SEEN_BEFORE)
SPOILT = (decisions.REJECT, reasons.FOREIGN)
NO_CODE = (decisions.REJECT, reasons.ARTICLE_NUMBER)


def book(
    store: Store,
    *records: ScanRecord,
    told: tuple[tuple[int, int], ...] = (GOOD,),
    skip: int = 0,
    device: str = "cradle-1",
    at_ms: int = NOON,
) -> None:
    """Put a batch into the ledger with these rulings."""
    with store.write() as tx:
        found = ledger.mark(tx, device, BOOT)
        boot = found.boot if found else ledger.new_boot(tx, device, BOOT)
        row = ledger.Row(
            boot, device, BOOT, records[skip].seq, skip, at_ms, octets(*records), rulings(*told)
        )
        ledger.append(tx, [row])


@pytest.fixture
def filled(store: Store) -> Store:
    """A store with two days of two cradles, two bad reads and one tray in it."""
    book(store, scan(0, code(1)))
    book(store, scan(1, code(1)), told=(HELD,), at_ms=NOON + 60_000)
    book(store, scan(2, b"NOT-A-CODE"), told=(SPOILT,))
    book(store, scan(3, ARTICLE, symbology=b"E0"), told=(NO_CODE,))
    book(store, scan(4, code(2), code(3)))
    book(store, scan(0, code(4)), device="cradle-2", at_ms=NOON + 86_400_000)
    with store.write() as tx:
        kpi.add(tx, kpi.recount(tx))
    return store


@pytest.mark.requirement("C14")
def test_the_figures_of_a_day_are_one_row_for_each_cradle(filled: Store) -> None:
    with filled.write() as tx:
        rows = kpi.days(tx, DAY, DAY + 9)
        today = kpi.days(tx, DAY, DAY)

    assert [(row.day, row.device, row.first, row.last) for row in rows] == [
        (DAY, "cradle-1", 1, 5),
        (DAY + 1, "cradle-2", 6, 6),
    ]
    assert rows[0].reads == Reads(5, 0, 2, 2, 0, 1, 2, 3)
    assert today == rows[:1]


def test_added_rows_sum_up(store: Store) -> None:
    one = Reads(3, 1, 1, 1, 0, 0, 2, 1)
    with store.write() as tx:
        kpi.add(tx, [Row(DAY, "a", 5, 7, one)])
        kpi.add(tx, [Row(DAY, "a", 1, 4, one), Row(DAY, "b", 8, 9, one)])
        rows = kpi.days(tx, DAY, DAY)

    assert rows == [Row(DAY, "a", 1, 7, one.plus(one)), Row(DAY, "b", 8, 9, one)]


def test_the_figures_of_a_day_are_found_by_their_key(store: Store) -> None:
    """However many days there are: no scan of the table."""
    with store.write() as tx:
        plan = [
            row[3]
            for row in tx.execute("EXPLAIN QUERY PLAN SELECT * FROM kpi WHERE day BETWEEN 1 AND 1")
        ]

    assert plan == ["SEARCH kpi USING PRIMARY KEY (day>? AND day<?)"]


@pytest.mark.requirement("C15")
@pytest.mark.parametrize(
    ("settled", "accepted"),
    [
        ([], 0),
        ([outbox.DELIVERED] * 6, 4),
        ([outbox.DELIVERED] * 4, 1),  # the tray is not told yet
        ([outbox.REFUSED, *[outbox.DELIVERED] * 5], 3),  # the first unit is set aside
        ([*[outbox.DELIVERED] * 5, outbox.WAITING], 3),
        ([*[outbox.DELIVERED] * 5, outbox.UNKNOWN], 3),  # unknown is not accepted
    ],
)
def test_uploaded_is_what_the_receiver_accepted(
    filled: Store, settled: list[int], accepted: int
) -> None:
    with filled.write() as tx:
        outbox.enrol(tx, "erp")
        for state in settled:
            parcel = outbox.reserve(tx, "erp", 1, NOON)
            assert isinstance(parcel, outbox.Parcel)
            outbox.settle(tx, parcel, state, NOON, "")

        assert kpi.uploads(tx, "erp", DAY, DAY + 1) == Rate(accepted, 4)
        assert kpi.uploads(tx, "erp", DAY + 2, DAY + 3) == Rate(0, 0)


@pytest.mark.requirement("Q06")
def test_the_read_rate_is_known_by_cradle_and_product(filled: Store) -> None:
    with filled.write() as tx:
        found = kpi.by_head(tx, DAY, DAY + 1)
        first = kpi.by_head(tx, DAY, DAY)

    assert set(found) == {
        ("cradle-1", "8999999"),
        ("cradle-1", GTIN),  # the article number was read, the trace code beside it was not
        ("cradle-1", ""),
        ("cradle-2", "8999999"),
    }
    assert found["cradle-1", "8999999"].rate() == Rate(3, 3)
    assert found["cradle-1", GTIN].rate() == Rate(0, 1)
    assert found["cradle-1", "8999999"].units == 3
    assert set(first) == {place for place in found if place[0] == "cradle-1"}


@pytest.mark.requirement("Q06")
@pytest.mark.parametrize(
    ("labels", "head"),
    [
        ([(b"d2", b"0108999999000011219XYZ")], "08999999000011"),
        ([(b"d2", b"0108999999000011")], "08999999000011"),  # no unit, and still its product
        ([(b"E0", ARTICLE), (b"d2", b"0108999999000011")], GTIN),
        ([(b"E0", ARTICLE), (b"C0", code(1))], "8999999"),
        ([(b"d2", b"00089999999000000014")], ""),  # an SSCC is of no product
    ],
)
def test_a_gtin_tells_the_product_in_whatever_it_stands(
    store: Store, labels: list[tuple[bytes, bytes]], head: str
) -> None:
    record = scan(0)._replace(labels=tuple(Label(*one, reasons.OK) for one in labels))
    book(store, record)
    with store.write() as tx:
        kpi.add(tx, kpi.recount(tx))
        assert list(kpi.by_head(tx, DAY, DAY)) == [("cradle-1", head)]


def test_a_batch_may_be_accepted_in_parts(store: Store) -> None:
    book(
        store,
        scan(0, code(1), code(2)),
        scan(1, code(3)),
        scan(2, code(4), code(5), code(6)),
        told=(GOOD, GOOD, GOOD),
    )
    with store.write() as tx:
        kpi.add(tx, kpi.recount(tx))
        outbox.enrol(tx, "erp")
        found = []
        for state in (outbox.REFUSED, outbox.DELIVERED, outbox.DELIVERED):
            parcel = outbox.reserve(tx, "erp", 1, NOON)
            assert isinstance(parcel, outbox.Parcel)
            outbox.settle(tx, parcel, state, NOON, "")
            found.append(kpi.uploads(tx, "erp", DAY, DAY).part)

    assert found == [0, 1, 4]


def test_only_what_was_booked_is_counted_of_a_batch_cut_anew(store: Store) -> None:
    """A cradle may send a record again in a longer batch: it counts once."""
    batch = (scan(0, code(1)), scan(1, code(2), code(3)), scan(2, code(4), code(5)))
    book(store, *batch[:2], told=(GOOD, GOOD))
    book(store, *batch, skip=2)

    with store.write() as tx:
        rows = kpi.recount(tx)

    assert rows == [Row(DAY, "cradle-1", 1, 3, Reads(3, 0, 0, 3, 0, 0, 0, 5))]


def test_single_records_that_were_refused_are_not_accepted(store: Store) -> None:
    book(store, *(scan(seq, code(seq)) for seq in range(5)), told=(GOOD,) * 5)
    with store.write() as tx:
        kpi.add(tx, kpi.recount(tx))
        outbox.enrol(tx, "erp")
        for state, letters, accepted in (
            # Of an open parcel only what is in doubt is still to be told, and one is refused.
            (outbox.UNKNOWN, [Letter(2, outbox.UNKNOWN), Letter(3, outbox.REFUSED)], 3),
            (outbox.DELIVERED, [], 4),
        ):
            parcel = outbox.reserve(tx, "erp", 5, NOON)
            assert isinstance(parcel, outbox.Parcel)
            outbox.settle(tx, parcel, state, NOON, "", letters)
            assert kpi.uploads(tx, "erp", DAY, DAY) == Rate(accepted, 5)


READS = st.lists(
    st.tuples(
        st.sampled_from(["cradle-1", "cradle-2"]),
        st.lists(
            st.sampled_from(
                [(code(1),), (code(2),), (code(3), code(4)), (ARTICLE,), (b"?",), (code(1), b"?")]
            ),
            min_size=1,
            max_size=4,
        ),
        st.integers(0, 2),  # days later
        st.booleans(),  # the batch comes twice, the second time cut anew
    ),
    max_size=8,
)


@pytest.mark.requirement("C14")
@given(drawn=READS)
def test_the_roll_up_says_what_a_recount_says(
    drawn: list[tuple[str, list[tuple[bytes, ...]], int, bool]],
) -> None:
    """Whatever cradles send and however often: the ledger and the figures never part."""
    seqs = {"cradle-1": 0, "cradle-2": 0}
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder, "scandock.db"), lambda: STORE_ID)
        for device, records, later, twice in drawn:
            at_ms = NOON + later * 86_400_000
            batch = [scan(seqs[device] + i, *data) for i, data in enumerate(records)]
            seqs[device] += len(batch)
            accept(store, arrival(octets(*batch), up(device), at_ms))
            if twice:
                longer = [*batch, scan(seqs[device], code(9))]
                seqs[device] += 1
                accept(store, arrival(octets(*longer), up(device), at_ms))
        with store.write() as tx:
            rows, recounted = kpi.days(tx, 0, 1 << 20), kpi.recount(tx)
        store.close()

    assert rows == recounted
    assert sum(row.reads.reads for row in rows) == sum(seqs.values())
