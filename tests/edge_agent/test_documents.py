"""Documents: types and states as tables, import, matching, what is missing, how they end."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge_agent.domain import states
from edge_agent.domain.comparing import Goods, Line, place
from edge_agent.domain.documents import (
    BY_CODES,
    BY_LINES,
    BY_NOTHING,
    COUNT,
    IN,
    NEW,
    STATES,
    TYPES,
    Document,
    DocumentError,
    may_follow,
)
from edge_agent.domain.findings import DISPOSITIONS, KINDS, of_reason
from edge_agent.domain.interchange.bill import (
    COLUMNS,
    Bill,
    BillCode,
    BillFileError,
    BillLine,
)
from edge_agent.domain.interchange.formats import FORMATS
from edge_agent.store import acts, bills, closing, documents, findings, lots, packs
from edge_agent.store.documents import Counted
from edge_agent.store.driver import Tx
from edge_agent.store.sqlite import Store
from protocol import reasons
from protocol.codes import classify
from tests.edge_agent.words import code

NOW = 1_795_332_605_000
KEYS = [classify(b"", code(n)).key for n in range(60)]
PALLET, CASES, SMALL = KEYS[0], KEYS[1:3], KEYS[3:9]
L1 = BillLine(1, "P1", "L1", "2026-01-01", "2028-01-01", 0)


def tree(line: int = 1) -> tuple[BillCode, ...]:
    """A pallet of two cases of three smallest packs each."""
    cases = [BillCode(case, line, 2, 3, PALLET) for case in CASES]
    small = [BillCode(one, line, 1, 1, CASES[at // 3]) for at, one in enumerate(SMALL)]
    return (BillCode(PALLET, line, 3, 6, b""), *cases, *small)


def bill(
    number: str = "A-1",
    codes: tuple[BillCode, ...] = (),
    lines: tuple[BillLine, ...] = (L1,),
    type_name: str = "purchase_in",
) -> Bill:
    return Bill(number, type_name, NOW, "上药", "", "", "", "", "", lines, codes)


def take(tx: Tx, told: Bill, *, opened: bool = True) -> Document:
    found = bills.take(tx, NOW, "test", told, {})
    if opened:
        documents.open_document(tx, NOW, "test", found)
    return documents.document(tx, found.id)


def count(tx: Tx, document: Document, key: bytes, line: int, quantity: int) -> None:
    documents.count(tx, [Counted(document.id, key, 1, line, quantity)])
    around = packs.ancestors(tx, [key]).get(key, ())
    documents.touch(tx, [(document.id, one) for one in around])


def open_kinds(tx: Tx, document: Document) -> list[str]:
    return [one.kind for one in findings.open_of(tx, document.id)]


def test_types_are_sound() -> None:
    for name, of in TYPES.items():
        assert of.needs <= {NEW, *states.NAMES}, name
        assert of.gives is None if of.direction == COUNT else of.gives in states.NAMES, name
        assert (of.gives == states.ACCEPTED) == (of.direction == IN), name
        assert not of.needs & states.VOID, name
        if of.direction not in (IN, COUNT):
            assert NEW not in of.needs, f"{name}: what never came in cannot go out"
    events = [of.event for of in TYPES.values() if of.event]
    assert len(events) == len(set(events))


@pytest.mark.requirement("I07")
def test_every_reason_of_a_document_opens_a_finding() -> None:
    for name, kind in KINDS.items():
        assert kind.reason == reasons.OK or of_reason(kind.reason) == name
        assert all(kind.words)
        assert kind.next_chinese
        assert kind.next_english
        assert kind.settled_by
        assert set(kind.settled_by) <= set(DISPOSITIONS)
    for never_taken in ("recalled", "reflux_suspect", "sealed", "expired", "uncoded"):
        settled_by = KINDS[never_taken].settled_by
        assert not any(DISPOSITIONS[one][2] for one in settled_by), never_taken


@pytest.mark.parametrize("state", STATES)
def test_a_document_goes_only_where_its_state_lets_it(store: Store, state: int) -> None:
    with store.write() as tx:
        found = take(tx, bill(), opened=False)._replace(state=state)
        for following in STATES:
            if may_follow(state, following):
                documents.set_state(tx, found, following)
                assert documents.document(tx, found.id).state == following
            else:
                with pytest.raises(DocumentError, match="it cannot be"):
                    documents.set_state(tx, found, following)


@pytest.mark.requirement("I01")
def test_an_import_expects_the_tops_of_trees_and_packs_hold_the_rest(store: Store) -> None:
    with store.write() as tx:
        found = take(tx, bill(codes=tree()))

        assert found.mode == BY_CODES
        assert [row[0] for row in documents.expected(tx, found.id)] == [PALLET]
        assert packs.descendants(tx, PALLET) == [*CASES, *SMALL]
        (line,) = documents.lines(tx, found.id)
        assert line[:6] == (1, "P1", "L1", "2028-01-01", 6, 0)
        expectation = documents.expectations(tx, [PALLET, *CASES])
        assert expectation == {PALLET: [(found.id, 1, line.lot_id, 3, 6)]}
        assert packs.packs(tx, [PALLET])[PALLET].lot == line.lot_id
        assert [act.what for act in acts.acts(tx)][-2:] == ["document.import", "document.open"]


def test_a_document_that_is_not_open_expects_nothing(store: Store) -> None:
    with store.write() as tx:
        take(tx, bill(codes=tree()), opened=False)

        assert documents.expectations(tx, [PALLET]) == {}
        assert documents.match(tx, PALLET, ()) == []


def test_one_number_is_one_document(store: Store) -> None:
    with store.write() as tx:
        take(tx, bill())
    with pytest.raises(DocumentError, match="in the store already"), store.write() as tx:
        take(tx, bill())


def test_a_pack_and_what_it_holds_do_not_stand_side_by_side(store: Store) -> None:
    beside = (BillCode(PALLET, 1, 0, 0, b""), BillCode(SMALL[0], 1, 0, 0, b""))
    with store.write() as tx:
        take(tx, bill(codes=tree()))
    with pytest.raises(BillFileError, match="beside"), store.write() as tx:
        take(tx, bill("A-2", beside))


def test_without_numbers_in_the_file_the_tree_says_how_much_a_code_is(store: Store) -> None:
    with store.write() as tx:
        take(tx, bill(codes=tree()))
        other = take(tx, bill("A-2", (BillCode(CASES[0], 1, 0, 0, b""),)))

        assert documents.lines(tx, other.id)[0].quantity == 3


@pytest.mark.requirement("I18")
def test_a_file_against_a_known_tree_is_a_finding(store: Store) -> None:
    with store.write() as tx:
        take(tx, bill(codes=tree()))
        other = (BillCode(KEYS[20], 1, 2, 0, b""), BillCode(SMALL[0], 1, 1, 1, KEYS[20]))

        assert open_kinds(tx, take(tx, bill("A-2", other))) == ["pack_conflict"]


def test_a_lot_with_two_use_by_dates_is_a_finding(store: Store) -> None:
    with store.write() as tx:
        assert open_kinds(tx, take(tx, bill(codes=tree()))) == []
        other = take(tx, bill("A-2", (), (L1._replace(expiry="2029-01-01", quantity=1),)))

        (one,) = findings.open_of(tx, other.id)

        assert (one.kind, one.line) == ("expiry_differs", 1)
        assert one.detail.endswith("2026-01-01…2029-01-01, and was with 2026-01-01…2028-01-01")


def test_match_finds_the_one_document_by_code_by_pack_around_and_by_what_is_inside(
    store: Store,
) -> None:
    with store.write() as tx:
        first = take(tx, bill(codes=tree()))
        second = take(tx, bill("A-2", (BillCode(SMALL[0], 1, 1, 1, b""),), type_name="transfer_in"))
        around = packs.ancestors(tx, [SMALL[1]])[SMALL[1]]
        box = KEYS[30]
        third = take(tx, bill("A-3", (BillCode(KEYS[31], 1, 1, 1, b""),)))

        assert documents.match(tx, PALLET, ()) == [first]
        assert documents.match(tx, SMALL[1], around) == [first]
        assert documents.match(tx, box, (), [KEYS[31]]) == [third]
        assert documents.match(tx, KEYS[40], ()) == []
        both = documents.match(tx, SMALL[0], packs.ancestors(tx, [SMALL[0]])[SMALL[0]])
        assert both == [first, second]
        assert documents.match(tx, SMALL[0], around, (), ["transfer_in"]) == [second]


def test_a_station_works_on_one_document_until_it_is_over(store: Store) -> None:
    with store.write() as tx:
        first = take(tx, bill("A-1"), opened=False)
        take(tx, bill("A-2"))
        assert documents.bound(tx, "dock-1") is None

        bound = documents.bind_station(tx, NOW, "test", "dock-1", "A-1")

        assert bound == documents.bound(tx, "dock-1") == first._replace(state=2)
        assert documents.bind_station(tx, NOW, "test", "dock-1", "A-2").number == "A-2"
        assert documents.release_station(tx, NOW, "test", "dock-1").number == "A-2"  # type: ignore[union-attr]
        assert documents.bound(tx, "dock-1") is None
        documents.bind_station(tx, NOW, "test", "dock-1", "A-1")
        documents.cancel(tx, NOW, "test", documents.named(tx, "A-1"), "typed wrong")
        assert documents.bound(tx, "dock-1") is None
        with pytest.raises(DocumentError, match="A-1 is cancelled"):
            documents.bind_station(tx, NOW, "test", "dock-1", "A-1")


def test_what_was_counted_cannot_be_given_up_or_changed(store: Store) -> None:
    with store.write() as tx:
        found = take(tx, bill(codes=tree()))
        count(tx, found, PALLET, 1, 6)
        with pytest.raises(DocumentError, match="cannot be cancelled"):
            documents.cancel(tx, NOW, "test", found, "")
    for change in ("UPDATE counted SET quantity = 0", "DELETE FROM counted"):
        with pytest.raises(Exception, match="append-only"), store.write() as tx:
            tx.execute(change)


@pytest.mark.requirement("T23", "I05")
def test_closed_without_a_scan_everything_is_missing(store: Store) -> None:
    with store.write() as tx:
        found = take(tx, bill(codes=tree()), opened=False)

        still_open = closing.close(tx, NOW, "test", found)

        assert [(one.kind, one.key, one.detail) for one in still_open] == [
            ("missing", PALLET, "line 1: 0 of 6")
        ]
        report = closing.report(tx, found)
        assert (report.missing, report.verification.ok) == (6, False)
        assert documents.document(tx, found.id).state == found.state


# Mode, lines, what is counted (key, line, quantity), and the findings of the end.
ENDS = {
    "the pallet": (tree(), [L1], [(PALLET, 1, 6)], []),
    "its cases": (tree(), [L1], [(CASES[0], 1, 3), (CASES[1], 1, 3)], []),
    "a case and single packs": (
        tree(),
        [L1],
        [(CASES[0], 1, 3), *((one, 1, 1) for one in SMALL[3:])],
        [],
    ),
    "a case short": (tree(), [L1], [(CASES[0], 1, 3)], ["missing line 1: 3 of 6"]),
    "lines, right": ((), [L1._replace(quantity=2)], [(SMALL[0], 1, 1), (SMALL[5], 1, 1)], []),
    "lines, short": (
        (),
        [L1._replace(quantity=3)],
        [(SMALL[0], 1, 1)],
        ["missing line 1: 1 of 3"],
    ),
    "lines, too much": (
        (),
        [L1._replace(quantity=2)],
        [(CASES[0], 1, 3)],
        ["surplus line 1: 3 of 2"],
    ),
    "beside all lines": (
        (),
        [L1._replace(quantity=3)],
        [(CASES[0], 1, 3), (SMALL[5], 0, 1)],
        ["surplus line 0: 1 of 0"],
    ),
    "nobody said what comes": ((), [], [(PALLET, 0, 6)], ["upstream_missing line 0: 0 of 0"]),
}


@pytest.mark.requirement("I03", "I05", "I06")
@pytest.mark.parametrize("name", ENDS)
def test_what_the_end_of_a_document_shows(store: Store, name: str) -> None:
    codes, lines, scans, ends = ENDS[name]
    with store.write() as tx:
        take(tx, bill("tree", tree()))  # so that the trees are known in any case
        found = take(tx, bill("N", codes, tuple(lines)))
        assert found.mode == (BY_CODES if codes else BY_LINES if lines else BY_NOTHING)
        for scan in scans:
            count(tx, found, *scan)

        still_open = closing.close(tx, NOW, "test", found)

        assert [f"{one.kind} {one.detail}" for one in still_open] == ends
        report = closing.report(tx, found)
        assert report.counted == sum(quantity for _, _, quantity in scans)
        assert report.verification.ok == (not ends)
        assert documents.document(tx, found.id).state == (2 if ends else 3)


@pytest.mark.parametrize("line", [0, 1])
def test_a_pack_around_two_lines_counts_for_both(store: Store, line: int) -> None:
    lines = (L1, BillLine(2, "P1", "", "", "", 0))
    codes = tuple(BillCode(case, at, 2, 3, b"") for at, case in enumerate(CASES, 1))
    with store.write() as tx:
        take(tx, bill("tree", tree()))
        found = take(tx, bill("N", codes, lines))
        count(tx, found, PALLET, line, 6)

        report = closing.report(tx, found)

        assert [(one.quantity, one.counted) for one in report.lines] == [(3, 3), (3, 3)]
        assert closing.close(tx, NOW, "test", found) == []


# What is known of the goods, and the line and kind of finding they get.
PLACES = {
    "right": (Goods("P1", "L1", "2028-01-01"), 1, (1, "")),
    "lot unknown": (Goods("P1"), 1, (1, "")),
    "second line": (Goods("P1", "L2"), 1, (2, "")),
    "other lot": (Goods("P1", "L9"), 1, (1, "lot_differs")),
    "other expiry": (Goods("P1", "L1", "2029-01-01"), 1, (1, "expiry_differs")),
    "other product": (Goods("P9", "L1"), 1, (0, "not_in_document")),
    "product unknown": (Goods(), 1, (0, "not_in_document")),
    "too much": (Goods("P1", "L1"), 5, (1, "surplus")),
}


@pytest.mark.requirement("I02", "I05")
@pytest.mark.parametrize("name", PLACES)
def test_where_goods_without_an_expected_code_belong(name: str) -> None:
    goods, quantity, expected = PLACES[name]
    lines = [Line(1, "P1", "L1", "2028-01-01", 6, 2), Line(2, "P1", "L2", "", 6, 0)]

    assert place(lines, goods, quantity) == expected


@pytest.mark.requirement("I05", "O07")
def test_a_finding_is_settled_with_cause_disposition_and_feedback_and_corrected_by_a_new_act(
    store: Store,
) -> None:
    with store.write() as tx:
        found = take(tx, bill(codes=tree()))
        number = findings.open_finding(tx, NOW, "lot_differs", found.id, SMALL[0], "L2")
        again = findings.open_finding(tx, NOW, "lot_differs", found.id, SMALL[0], "L2, once more")
        assert number == again

        for wrong, words in ((("", "verified"), "without a cause"), (("x", "short"), "cannot be")):
            with pytest.raises(DocumentError, match=words):
                findings.settle(tx, NOW, number, *wrong, "wang", "")
        first = findings.settle(tx, NOW, number, "wrong label", "refused", "wang", "told them")
        assert findings.taken(tx, found.id, [SMALL[0]]) == {}
        second = findings.settle(tx, NOW, number, "they sent the lot", "corrected", "li", "")

        assert findings.taken(tx, found.id, [SMALL[0]]) == {SMALL[0]: {"lot_differs"}}
        assert [act.who for act in acts.acts_of(tx, "finding.settle")] == ["wang", "li"]
        assert second > first
        assert findings.told(tx, findings.one(tx, number))["cause"] == "they sent the lot"
        with pytest.raises(DocumentError, match="no finding 99"):
            findings.one(tx, 99)


@pytest.mark.requirement("I03", "I04")
def test_the_source_is_told_whether_all_was_right(store: Store) -> None:
    with store.write() as tx:
        good, bad, late = (take(tx, bill(n, tree())) for n in ("good", "bad", "late"))
        count(tx, good, PALLET, 1, 6)
        closing.close(tx, NOW, "test", good)
        (missing,) = closing.close(tx, NOW, "test", bad)
        findings.settle(tx, NOW, missing.id, "lost on the way", "short", "wang", "told them")
        closing.close(tx, NOW, "test", bad)
        closing.close(tx, NOW, "test", late)  # too early: nothing was scanned yet
        count(tx, late, PALLET, 1, 6)
        assert closing.close(tx, NOW, "test", late) == []

        told = {
            act.body["document"]: act.body["verification"]
            for act in acts.acts_of(tx, "document.close")
        }
    assert told["good"]["ok"]
    assert (told["good"]["receivable"], told["good"]["received"]) == (6, 6)
    assert told["bad"]["codes"] == ["missing"]
    assert not told["bad"]["ok"]
    assert told["late"]["ok"]  # what was missing was scanned after all


def test_what_was_expected_and_what_was_counted_comes_out_as_it_went_in(store: Store) -> None:
    told = bill(codes=tuple(sorted(tree())), lines=(L1._replace(quantity=6),))
    with store.write() as tx:
        found = take(tx, told)
        count(tx, found, CASES[0], 1, 3)

        assert bills.expected(tx, found) == told
        (line,) = (counted := bills.counted(tx, found)).lines
        assert line.quantity == 3
        assert [one.key for one in counted.codes] == sorted([CASES[0], *SMALL[:3]])
        assert [one.key for one in counted.roots()] == [CASES[0]]


def test_units_that_were_counted_for_no_line_get_one_by_product_and_lot(store: Store) -> None:
    with store.write() as tx:
        take(tx, bill("tree", tree()))
        found = take(tx, bill("N", (), (), "stock_take"))
        count(tx, found, CASES[0], 0, 3)
        count(tx, found, SMALL[5], 0, 1)
        count(tx, found, KEYS[50], 0, 1)

        lines = bills.counted(tx, found).lines

        assert [(line.lot, line.quantity) for line in lines] == [("L1", 4), ("", 1)]


def test_a_lot_is_one_whatever_is_known_of_its_dates(store: Store) -> None:
    with store.write() as tx:
        number = lots.lot_id(tx, "P1", "L1")

        assert lots.lot_id(tx, "P1", "L1", expiry="2028-01-01") == number
        assert lots.lot_id(tx, "P1", "L1", "2026-01-01") == number
        assert lots.lots(tx, [number])[number][1:] == ("P1", "L1", "2026-01-01", "2028-01-01")
        other = lots.lot_id(tx, "P1", "L1", expiry="2029-01-01")  # sources disagree
        assert other != number
        assert lots.lot_id(tx, "P2", "L1") not in (number, other)
        assert len(lots.named(tx, "L1")) == 3
        assert [lot.id for lot in lots.named(tx, "L1", "P1")] == [number, other]


def test_the_tables_in_the_documentation_are_those_of_the_program() -> None:
    text = (Path(__file__).parents[2] / "docs" / "documents.md").read_text()

    for name, of in TYPES.items():
        assert f"| `{name}` | {of.chinese} | {of.bill_type or ''} | {of.english} |" in text
    for name, kind in KINDS.items():
        assert f"| `{name}` | {kind.words[0]} | {kind.next_chinese} |" in text
    for name, form in FORMATS.items():
        assert f"| `{name}` |" in text
        assert ", ".join(sorted(form.silent)) in text
    assert all(f"| `{name}` | {chinese} |" in text for name, (chinese, _) in COLUMNS.items())
