"""At a station with documents each unit is counted once, and held for what is wrong with it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TypeVar

import pytest

from edge_agent.domain import states, stations
from edge_agent.domain.documents import BY_CODES, BY_LINES, BY_NOTHING, CLOSED, EXPECTED, Document
from edge_agent.domain.holds import LOT, NOTHING_HELD, UNIT
from edge_agent.domain.model import Platform
from edge_agent.domain.products import Entry, Product, Scheme
from edge_agent.domain.stations import Station
from edge_agent.ingest.accept import Accept
from edge_agent.store import (
    codes,
    documents,
    findings,
    holds,
    kpi,
    lots,
    packing,
    packs,
    platform,
    products,
)
from edge_agent.store.driver import Tx
from edge_agent.store.sqlite import Store
from protocol import codes as protocol_codes
from protocol import decisions, reasons
from protocol.shapes import ScanRecord
from tests.edge_agent.words import PASS, REREAD, accepting, arrival, code, octets, scan, told, up

T = TypeVar("T")

NOW_MS = 1_700_000_000_000
DONE = (decisions.PASS, reasons.COMMAND_DONE)
CANNOT = (decisions.HOLD, reasons.COMMAND_REFUSED)
COUNTED = (decisions.AGAIN, reasons.SAME_DOCUMENT)

DOCK = Station("dock", "receive", stations.AUTO)
DESK = Station("desk", "pick", stations.BOUND)
TILL = Station("till", "dispense", stations.NONE, checks=frozenset({stations.REFLUX}))
BENCH = Station("bench", "pack")


def held(reason: int) -> tuple[int, int]:
    return (decisions.HOLD, reason)


def key(number: int) -> bytes:
    return int(code(number)).to_bytes(9, "big")


class Line:
    """The stations of one site, and what happens at them."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.accept = accepting(DOCK, DESK, TILL, BENCH)
        self._seq: dict[str, itertools.count[int]] = {}

    def reads(
        self,
        device: str,
        *frames: bytes | tuple[bytes, ...],
        after_ms: int = 60_000,
        symbology: bytes = b"C0",
    ) -> list[tuple[int, int]]:
        """Read ``frames`` at a cradle in one batch, each long after the one before; return the
        rulings."""
        seq = self._seq.setdefault(device, itertools.count())
        records: list[ScanRecord] = []
        for frame in frames:
            number = next(seq)
            labels = frame if isinstance(frame, tuple) else (frame,)
            at_ms = number * after_ms
            records.append(scan(number, *labels, at_ms=at_ms, symbology=symbology))
        with self.store.write() as tx:
            answers = self.accept(tx, [arrival(octets(*records), up(device), NOW_MS)])
        found = told(answers)
        return [found[record.seq] for record in records]

    def do(self, work: Callable[[Tx], T]) -> T:
        with self.store.write() as tx:
            return work(tx)

    def state(self, number: int) -> int:
        """What became of a unit, or of a pack around it."""
        unit = self.do(lambda tx: packs.where(tx, key(number)))
        assert unit is not None
        return unit.state

    def counted(self, document: int) -> dict[bytes, int]:
        return self.do(
            lambda tx: {one.key: one.quantity for one in documents.counted_units(tx, document)}
        )


@pytest.fixture
def line(store: Store) -> Line:
    return Line(store)


def document(line: Line, number: str, kind: str, mode: int = BY_NOTHING) -> int:
    what = Document(0, number, kind, "partner", "", "", EXPECTED, mode, NOW_MS)
    return line.do(lambda tx: documents.add(tx, what))


def purchase(line: Line, number: str, first: int, count: int) -> int:
    """A supplier's notice of units ``first`` …, open."""
    made = document(line, number, "purchase_in", BY_CODES)

    def fill(tx: Tx) -> None:
        lot = lots.lot_id(tx, "p1", "LOT1", expiry="2030-01-31")
        documents.add_lines(tx, made, [(1, "p1", lot, count)])
        documents.expect(tx, made, [(key(first + at), 1, 1, 1) for at in range(count)])
        documents.open_document(tx, NOW_MS, "tester", documents.document(tx, made))

    line.do(fill)
    return made


def case_of(line: Line, parent: int, *children: int, lot: int = 0) -> None:
    line.do(
        lambda tx: packing.bind(
            tx, NOW_MS, "tester", key(parent), [key(one) for one in children], level=2, lot=lot
        )
    )


@pytest.mark.requirement("I01", "I02")
def test_what_a_notice_announces_is_counted_once(line: Line) -> None:
    made = purchase(line, "ASN-1", 1, 3)

    assert line.reads("dock", code(1), code(2), code(1)) == [PASS, PASS, COUNTED]
    assert line.reads("dock", code(2), code(9)) == [COUNTED, held(reasons.UPSTREAM_MISSING)]
    assert line.counted(made) == {key(1): 1, key(2): 1}
    assert line.state(1) == states.ACCEPTED


def test_a_reread_at_once_is_a_reread_and_no_second_look(line: Line) -> None:
    purchase(line, "ASN-1", 1, 3)

    assert line.reads("dock", code(1), code(1), after_ms=100) == [PASS, REREAD]


def test_a_document_is_opened_worked_on_and_closed_by_cards(line: Line) -> None:
    purchase(line, "ASN-1", 1, 2)
    sale = document(line, "SO-1", "sale_out")

    assert line.reads("desk", code(1)) == [held(reasons.NO_DOCUMENT)]
    assert line.reads("desk", b"scandock:close", b"scandock:open:SO-9") == [CANNOT, CANNOT]
    assert line.reads("dock", code(1), code(2)) == [PASS, PASS]
    assert line.reads("desk", b"scandock:open:SO-1", code(1), b"scandock:close", code(2)) == [
        DONE,
        PASS,
        DONE,
        held(reasons.NO_DOCUMENT),
    ]
    assert line.counted(sale) == {key(1): 1}
    assert line.state(1) == states.SHIPPED
    assert line.do(lambda tx: documents.document(tx, sale)).state == CLOSED


@pytest.mark.requirement("I06")
def test_a_document_with_open_findings_is_not_closed(line: Line) -> None:
    made = purchase(line, "ASN-1", 1, 2)

    assert line.reads("desk", b"scandock:open:ASN-1", code(1), code(7), b"scandock:close") == [
        DONE,
        PASS,
        held(reasons.NOT_IN_DOCUMENT),
        CANNOT,
    ]
    kinds = [one.kind for one in line.do(lambda tx: findings.open_of(tx, made))]
    assert sorted(kinds) == ["missing", "not_in_document"]


@pytest.mark.requirement("T01", "O08")
def test_sold_twice_is_held_and_a_return_makes_it_legal_again(line: Line) -> None:
    purchase(line, "ASN-1", 1, 1)
    line.reads("dock", code(1))
    for number, kind, ruling in (
        ("SO-1", "sale_out", PASS),
        ("SO-2", "sale_out", held(reasons.OTHER_DOCUMENT)),
        ("RE-1", "sales_return_in", held(reasons.UPSTREAM_MISSING)),
    ):
        document(line, number, kind)
        assert line.reads("desk", b"scandock:open:" + number.encode(), code(1)) == [DONE, ruling]
    back = document(line, "RE-2", "sales_return_in", BY_CODES)
    line.do(lambda tx: documents.expect(tx, back, [(key(1), 0, 1, 1)]))
    document(line, "SO-3", "sale_out")

    assert line.reads("desk", b"scandock:open:RE-2", code(1)) == [DONE, PASS]
    assert line.state(1) == states.ACCEPTED
    assert line.reads("desk", b"scandock:open:SO-3", code(1)) == [DONE, PASS]


@pytest.mark.requirement("O01")
def test_a_case_counts_all_that_is_in_it_and_what_is_in_it_not_again(line: Line) -> None:
    purchase(line, "ASN-1", 1, 10)
    case_of(line, 100, *range(1, 11))
    sale = document(line, "SO-1", "sale_out")

    assert line.reads("dock", code(100), code(3)) == [PASS, held(reasons.PARENT_AND_CHILD)]
    assert line.state(3) == states.ACCEPTED
    assert line.reads("desk", b"scandock:open:SO-1", code(3), code(100)) == [
        DONE,
        PASS,
        held(reasons.PARENT_AND_CHILD),
    ]
    assert line.counted(sale) == {key(3): 1}
    assert [line.state(3), line.state(4)] == [states.SHIPPED, states.ACCEPTED]


def test_a_case_is_expected_by_what_is_in_it_only_if_all_of_that_is(line: Line) -> None:
    made = purchase(line, "ASN-1", 1, 10)
    case_of(line, 100, *range(1, 6))
    case_of(line, 200, *range(6, 12))

    assert line.reads("dock", code(100), code(200)) == [PASS, held(reasons.NOT_IN_DOCUMENT)]
    assert line.counted(made) == {key(100): 5}


def test_a_pack_and_its_case_in_one_frame_do_not_both_count(line: Line) -> None:
    made = purchase(line, "ASN-1", 1, 10)
    case_of(line, 100, *range(1, 11))

    assert line.reads("dock", (code(100), code(1))) == [held(reasons.PARENT_AND_CHILD)]
    assert line.reads("dock", (code(2), code(2), code(3))) == [PASS]
    assert line.counted(made) == {key(2): 1, key(3): 1}


@pytest.mark.requirement("I02")
def test_by_lines_product_lot_and_quantity_are_compared(line: Line) -> None:
    sale = document(line, "SO-1", "sale_out", BY_LINES)
    tablets = Entry(Scheme.MSFX20, code(1)[:7].decode(), Product("p1", "tablets"))

    def fill(tx: Tx) -> None:
        products.learn(tx, [tablets])
        right, other = (lots.lot_id(tx, "p1", lot) for lot in ("LOT1", "LOT2"))
        documents.add_lines(tx, sale, [(1, "p1", right, 3)])
        packing.bind(tx, NOW_MS, "tester", key(100), [key(1), key(2)], level=2, lot=right)
        packing.bind(tx, NOW_MS, "tester", key(200), [key(5)], level=2, lot=other)
        packing.bind(tx, NOW_MS, "tester", key(300), [key(6), key(7)], level=2, lot=right)

    line.do(fill)
    line.reads("bench", code(100), code(200), code(300))

    assert line.reads(
        "desk", b"scandock:open:SO-1", code(100), code(200), code(300), code(6), code(7)
    ) == [
        DONE,
        PASS,
        held(reasons.LOT_DIFFERS),
        held(reasons.SURPLUS),
        PASS,
        held(reasons.SURPLUS),
    ]
    (only,) = line.do(lambda tx: documents.lines(tx, sale))
    assert (only.counted, only.quantity) == (3, 3)


@pytest.mark.requirement("C02", "O07")
def test_lot_and_date_on_the_label_are_compared_with_the_notice(line: Line) -> None:
    made = purchase(line, "ASN-1", 1, 1)
    head = b"0108999999000011"
    labels = [
        head + b"219A1\x1d10LOT1\x1d17300131",
        head + b"219A2\x1d10LOT2\x1d17300131",
        head + b"219A3\x1d10LOT1\x1d17300228",
        head + b"219A4",
        head + b"219A5\x1d10LOT1\x1d17200131",
    ]
    keys = [protocol_codes.classify(b"d2", label).key for label in labels]
    line.do(lambda tx: documents.expect(tx, made, [(one, 1, 1, 1) for one in keys[:4]]))
    sold = document(line, "SO-1", "sale_out")

    assert line.reads("dock", *labels[:4], symbology=b"d2") == [
        PASS,
        held(reasons.LOT_DIFFERS),
        held(reasons.EXPIRY_DIFFERS),
        PASS,
    ]
    assert sorted(line.counted(made)) == [keys[0], keys[3]]
    line.reads("anywhere", labels[4], symbology=b"d2")
    assert line.reads("desk", b"scandock:open:SO-1") == [DONE]
    assert line.reads("desk", labels[4], symbology=b"d2") == [held(reasons.EXPIRED)]
    assert line.counted(sold) == {}


def test_a_hold_reaches_the_very_next_scan_at_every_station(line: Line) -> None:
    case_of(line, 100, 1, 2, lot=line.do(lambda tx: lots.lot_id(tx, "p1", "LOT1")))
    assert line.reads("anywhere", code(50)) == [PASS]
    place = holds.place

    def hold(tx: Tx) -> None:
        place(tx, NOW_MS, "tester", UNIT, key(50), reasons.SEALED, words="")
        place(tx, NOW_MS, "tester", LOT, b"1", reasons.RECALLED, words="")
        line.accept.holds = holds.held(tx)

    line.do(hold)

    assert line.reads("anywhere", code(50), code(1), code(51), code(51)) == [
        held(reasons.SEALED),
        held(reasons.RECALLED),
        PASS,
        held(reasons.SEEN_BEFORE),
    ]
    assert line.reads("bench", b"scandock:parent", code(2)) == [DONE, held(reasons.RECALLED)]


@pytest.mark.requirement("I09", "I11", "O02")
def test_a_hold_on_something_else_changes_nothing_at_a_plain_station(line: Line) -> None:
    def say(tx: Tx) -> None:
        bad = Platform(key(1), False, True, 2, "them", NOW_MS, "test")
        platform.learn(tx, [bad])
        for parent in (100, 200):
            packing.bind(tx, NOW_MS, "tester", key(parent), [key(2), key(3)], level=2)

    line.do(say)
    assert line.do(lambda tx: packs.disputed(tx, [key(2)])) == {key(2)}
    frames = (code(1), code(2), (code(3), code(4)), code(4), code(100), (code(1), code(5)))
    before = line.reads("one", *frames)
    line.do(lambda tx: holds.place(tx, NOW_MS, "tester", UNIT, key(50), 108, words=""))
    line.accept.holds = line.do(holds.held)
    again_elsewhere = line.reads("two", *frames)
    line.accept.holds = NOTHING_HELD

    assert before == [PASS, PASS, PASS, held(reasons.SEEN_BEFORE), PASS, held(reasons.SEEN_BEFORE)]
    assert again_elsewhere == line.reads("three", *frames)


def test_not_knowing_is_not_clean_where_the_station_must_ask(line: Line) -> None:
    def learn(number: int, reflux: int) -> None:
        fact = Platform(key(number), None, None, reflux, None, NOW_MS, "test")
        line.do(lambda tx: platform.learn(tx, [fact]))

    learn(2, 1)
    learn(3, 2)

    assert line.reads("till", code(1), code(2), code(3)) == [
        held(reasons.REFLUX_UNKNOWN),
        PASS,
        held(reasons.REFLUX_SUSPECT),
    ]
    learn(1, 1)
    assert line.reads("till", code(1)) == [PASS]


def test_hands_say_what_is_packed_in_what(line: Line) -> None:
    assert line.reads(
        "bench",
        b"scandock:parent",
        code(100),
        code(1),
        (code(2), code(3)),
        code(1),
        b"scandock:undo",
        b"scandock:children end",
        b"scandock:children end",
    ) == [DONE, PASS, PASS, PASS, REREAD, DONE, DONE, CANNOT]
    assert line.do(lambda tx: packs.children(tx, [key(100)])) == {key(100): (key(1), key(2))}
    # The next scan is an ordinary one.
    assert line.reads("bench", code(7), code(7)) == [PASS, held(reasons.SEEN_BEFORE)]


def test_what_is_being_packed_outlives_the_agent(
    line: Line, open_store: Callable[[], Store]
) -> None:
    line.reads("bench", b"scandock:parent", code(100), code(1))
    line.store = open_store()
    line.accept = accepting(BENCH)

    assert line.reads("bench", code(2), b"scandock:children end") == [PASS, DONE]
    assert line.do(lambda tx: packs.children(tx, [key(100)])) == {key(100): (key(1), key(2))}


@pytest.mark.parametrize(
    ("card", "ruling"),
    [
        (b"scandock:who", DONE),
        (b"scandock:mode:inventory", CANNOT),
        (b"scandock:undo", CANNOT),
        (b"scandock:open:SO-1", CANNOT),
        (b"scandock:children end", CANNOT),
    ],
)
def test_a_card_at_a_station_without_documents(
    line: Line, card: bytes, ruling: tuple[int, int]
) -> None:
    document(line, "SO-1", "sale_out")

    assert line.reads("bench", card) == [ruling]


def test_placeholders_pass_as_often_as_they_come(line: Line) -> None:
    passed = (decisions.PASS, reasons.PLACEHOLDER)
    document(line, "SO-1", "sale_out")

    assert line.reads("desk", b"scandock:open:SO-1", b"9" * 20, b"9" * 20) == [DONE, passed, passed]
    assert line.reads("anywhere", b"9" * 20) == [passed]


def test_the_figures_of_the_day_are_kept_in_the_same_transaction(line: Line) -> None:
    purchase(line, "ASN-1", 1, 3)
    line.reads("dock", code(1), code(1), code(9))

    with line.store.write() as tx:
        assert kpi.days(tx, 0, 1 << 40) == kpi.recount(tx)


@pytest.mark.requirement("O15")
def test_what_is_resent_is_answered_from_the_ledger_and_counts_nothing(line: Line) -> None:
    made = purchase(line, "ASN-1", 1, 3)
    payload = octets(scan(0, code(1)), scan(1, code(2)), scan(2, code(8)))

    def send(accept: Accept) -> dict[int, tuple[int, int]]:
        with line.store.write() as tx:
            return told(accept(tx, [arrival(payload, up("dock"), NOW_MS)]))

    first = send(line.accept)
    line.do(lambda tx: packing.bind(tx, NOW_MS, "tester", key(100), [key(1), key(2)], level=2))

    assert first == send(line.accept) == send(accepting())
    assert line.counted(made) == {key(1): 1, key(2): 1}
    assert len(line.do(lambda tx: codes.units(tx, [key(1), key(2), key(8)]))) == 2


@pytest.mark.requirement("T01", "Q05")
def test_a_case_of_which_a_pack_left_by_itself_does_not_leave_whole(line: Line) -> None:
    """Nor twice in one case; taken out by hand, the rest may go."""
    case_of(line, 2, 21, 22)
    assert line.reads("bench", code(2)) == [PASS]
    for number in ("OUT-A", "OUT-B"):
        document(line, number, "sale_out")
    line.do(lambda tx: documents.bind_station(tx, NOW_MS, "t", "desk", "OUT-A"))
    assert line.reads("desk", code(21)) == [PASS]
    line.do(lambda tx: documents.bind_station(tx, NOW_MS, "t", "desk", "OUT-B"))

    assert line.reads("desk", code(2)) == [held(reasons.OTHER_DOCUMENT)]
    line.do(lambda tx: packing.unbind(tx, NOW_MS, "t", key(2), [key(21)]))
    assert line.reads("desk", code(2)) == [PASS]
    assert (line.state(21), line.state(22)) == (states.SHIPPED, states.SHIPPED)


def test_a_case_of_unknown_content_counts_for_no_quantity(line: Line) -> None:
    made = document(line, "ASN-9", "purchase_in", BY_LINES)
    head = Entry(Scheme.MSFX20, "8999999", Product("p1", "x"), 2)
    line.do(lambda tx: products.learn(tx, [head]))
    line.do(lambda tx: documents.add_lines(tx, made, [(1, "p1", 0, 10)]))
    line.do(lambda tx: documents.bind_station(tx, NOW_MS, "t", "desk", "ASN-9"))

    assert line.reads("desk", code(5)) == [held(reasons.UPSTREAM_MISSING)]
    small = [int(b"8999991%013d" % (9 * 10**12 + one)).to_bytes(9, "big") for one in (1, 2)]
    line.do(lambda tx: packing.bind(tx, NOW_MS, "t", key(5), small, level=2))
    assert line.reads("desk", code(5)) == [PASS]
    assert line.counted(made) == {key(5): 2}
