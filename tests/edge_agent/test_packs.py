"""Packs: whoever says what in whatever order, they stay trees, and nothing is forgotten."""

from __future__ import annotations

from collections.abc import Collection
from itertools import permutations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from edge_agent.domain import packs as domain
from edge_agent.domain.packs import (
    DEEPEST,
    FILE,
    LOST,
    NOTICE,
    OWN,
    PARTIAL,
    PLATFORM,
    PROBLEMS,
    SPLIT,
    Problem,
    Statement,
    fits_ratio,
)
from edge_agent.domain.products import Entry, Product, Scheme
from edge_agent.domain.settling import Claim, settle
from edge_agent.domain.states import ACCEPTED, DISPENSED, REPLACED, SHIPPED
from edge_agent.domain.typed import octets
from edge_agent.domain.written import written
from edge_agent.store import (
    acts,
    codes,
    driver,
    keylist,
    lots,
    packing,
    packs,
    products,
    sayings,
    verify,
)
from edge_agent.store.driver import Tx
from edge_agent.store.sqlite import Store, View
from protocol import keys
from protocol.codes import classify
from tests.edge_agent import words
from tests.edge_agent.conftest import STORE_ID
from tests.edge_agent.words import accept, arrival, code, scan

NOW = 1_700_000_000_000
WHO = "li"


def key(number: int) -> bytes:
    return keys.msfx(code(number))


def of_level(level: int, number: int) -> bytes:
    """A code whose head the table of ``heads`` knows."""
    return keys.msfx(b"899999%d%013d" % (level, 9_000_000_000_000 + number))


def bind(tx: Tx, parent: bytes, *children: bytes, **said: Any) -> list[Problem]:
    return packing.bind(tx, NOW, WHO, parent, children, **said)


def rows(tx: Tx, table: str) -> list[Any]:
    return tx.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3").fetchall()


def state(tx: Tx) -> dict[str, Any]:
    """All that holds now, without the numbers of acts and sayings."""
    return {
        "link": rows(tx, "link"),
        "pack": [row[:8] for row in rows(tx, "pack")],
        "held": packs.children(tx, [row[0] for row in rows(tx, "pack")]),
        "lost": tx.execute(
            "SELECT key, other, kind, source FROM pack_problem WHERE source > 0 ORDER BY 1, 2, 3"
        ).fetchall(),
        "parted": [row[:2] for row in rows(tx, "parted")],
        "replaced": [row[:2] for row in rows(tx, "replaced")],
    }


@pytest.fixture
def heads(store: Store) -> Store:
    """A store that knows a product of 1:40:200 packs: pallet, case, smallest."""
    product = Product("P1", "维生素C片")
    with store.write() as tx:
        products.learn(
            tx,
            [
                Entry(Scheme.MSFX20, f"899999{level}", product, level, "1:40:200")
                for level in (1, 2, 3)
            ],
        )
    return store


# Laws.


def is_forest(links: Collection[tuple[bytes, bytes]]) -> bool:
    """One parent each, no cycle, not too deep: by the dullest way to find out."""
    parent = dict(links)
    if len(parent) != len(set(links)):
        return False
    for start in parent:
        line = [start]
        while line[-1] in parent:
            line.append(parent[line[-1]])
            if len(line) > DEEPEST:
                return False
    return True


class Packing(RuleBasedStateMachine):
    """Sources and hands that say and do anything, about few units, so that they meet."""

    units = st.integers(0, 7).map(key)
    some = st.lists(units, min_size=1, max_size=3)

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.store = Store(Path(self.folder.name, "scandock.db"), lambda: STORE_ID)
        self.claimed: dict[tuple[bytes, bytes], int] = {}
        self.parted: set[tuple[bytes, bytes]] = set()
        self.named: dict[bytes, bytes] = {}
        self.new = 100

    def now(self, one: bytes) -> bytes:
        while one in self.named:
            one = self.named[one]
        return one

    def claim(self, parent: bytes, children: list[bytes], source: int) -> None:
        for child in children:
            pair = (self.now(child), self.now(parent))
            if source == OWN:
                self.parted.discard(pair)
            if pair not in self.parted:
                self.claimed[pair] = max(source, self.claimed.get(pair, 0))

    def part(self, child: bytes) -> None:
        pairs = {pair for pair in self.claimed if pair[0] == child}
        self.parted |= pairs
        for pair in pairs:
            del self.claimed[pair]

    @rule(parent=units, children=some, source=st.sampled_from(sorted(domain.SOURCES)))
    def state_it(self, parent: bytes, children: list[bytes], source: int) -> None:
        with self.store.write() as tx:
            before = {link[:2] for link in rows(tx, "link")}
            problems = bind(tx, parent, *children, source=source)
            after = {link[:2] for link in rows(tx, "link")}
        self.claim(parent, children, source)
        # What was asked for is there, or it is told why not; what went is told, too.
        told = {(one.key, one.other) for one in problems}
        wanted = {(self.now(child), self.now(parent)) for child in children}
        assert wanted | before <= after | told

    @rule(file=st.lists(st.tuples(units, some), max_size=4))
    def import_a_file(self, file: list[tuple[bytes, list[bytes]]]) -> None:
        said = [Statement(parent, tuple(children)) for parent, children in file]
        with self.store.write() as tx:
            packing.take(tx, NOW, WHO, said, FILE, "pack.import", {"file": "relation.xml"})
        for parent, children in file:
            self.claim(parent, children, FILE)

    @rule(data=st.data())
    def take_out(self, data: st.DataObject) -> None:
        with self.store.write() as tx:
            links = rows(tx, "link")
            if not links:
                return
            child, parent, _ = data.draw(st.sampled_from(links))
            problems = packing.unbind(tx, NOW, WHO, parent, [child])
            after = {link[:2] for link in rows(tx, "link")}
        # What lost may hold now, and push out what is weaker; that is told.
        told = {(one.key, one.other) for one in problems}
        assert {link[:2] for link in links} <= after | told | {(child, parent)}
        self.part(child)

    @rule(parent=units, children=some)
    def put_elsewhere(self, parent: bytes, children: list[bytes]) -> None:
        goal = self.now(parent)
        with self.store.write() as tx:
            before = packs.parents(tx, {self.now(child) for child in children})
            packing.rebox(tx, NOW, WHO, parent, children)
        for child in {self.now(one) for one in children}:
            if child in before and before[child] != goal:
                self.part(child)
        self.claim(parent, children, OWN)

    @rule(old=units)
    def replace_it(self, old: bytes) -> None:
        self.new += 1
        new, old = key(self.new), self.now(old)
        with self.store.write() as tx:
            assert packing.replace(tx, NOW, WHO, old, new) == []
        self.named[old] = new

        def renamed(pair: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
            return (self.now(pair[0]), self.now(pair[1]))

        self.claimed = {renamed(pair): source for pair, source in self.claimed.items()}
        self.parted = {renamed(pair) for pair in self.parted}

    @invariant()
    def what_holds_are_trees_and_all_else_lost_to_a_better_claim(self) -> None:
        with self.store.write() as tx:
            holds = {(child, parent): source for child, parent, source in rows(tx, "link")}
            lost = {
                (child, parent): source
                for child, parent, source in tx.execute(
                    "SELECT key, other, source FROM pack_problem WHERE source > 0"
                )
            }
        assert is_forest(holds)
        assert holds | lost == self.claimed
        assert not holds.keys() & lost.keys()
        for pair, source in lost.items():
            better = [one for one, rank in holds.items() if rank >= source]
            assert not is_forest([*better, pair])

    @invariant()
    def both_sides_say_the_same(self) -> None:
        with self.store.write() as tx:
            links = {(child, parent) for child, parent, _ in rows(tx, "link")}
            known = [row[0] for row in rows(tx, "pack")]
            held = packs.children(tx, known)
            assert {(child, parent) for parent in held for child in held[parent]} == links
            assert packs.parents(tx, dict(links)) == dict(links)
            parent = dict(links)
            for pack in packs.packs(tx, known).values():
                below = {
                    child
                    for child in parent
                    if pack.key in packs.ancestors(tx, (child,)).get(child, ())
                }
                assert set(packs.descendants(tx, pack.key)) == below
                # Whoever has a row and holds nothing is a pack of unknown contents.
                assert pack.n == len(below - set(known))

    @precondition(lambda self: self.claimed)
    @rule()
    def follow_the_history(self) -> None:
        with TemporaryDirectory() as folder:
            again = Store(Path(folder, "scandock.db"), lambda: STORE_ID)
            with self.store.write() as tx, again.write() as other:
                for row in rows(tx, "pack_saying"):
                    other.execute(f"INSERT INTO pack_saying VALUES ({','.join('?' * 9)})", row)
                for one in sayings.filed(tx):
                    packing.follow(other, one)
                assert state(other) == state(tx)
                assert sayings.first_changed(tx) == 0
            again.close()

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()


Packing.TestCase.settings = settings(max_examples=20, stateful_step_count=15)
TestPacking = Packing.TestCase


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 5).map(key),
            st.lists(st.integers(0, 5).map(key), min_size=1, max_size=3),
            st.integers(0, 3),
            st.integers(0, 2),
        ),
        min_size=4,
        max_size=4,
    )
)
def test_sources_of_different_ranks_come_to_the_same_in_any_order(
    said: list[tuple[bytes, list[bytes], int, int]],
) -> None:
    statements = [
        (source, Statement(parent, tuple(children), level, lot))
        for source, (parent, children, level, lot) in zip(sorted(domain.SOURCES), said, strict=True)
    ]
    results = []
    for order in list(permutations(statements))[::5]:
        with TemporaryDirectory() as folder:
            store = Store(Path(folder, "scandock.db"), lambda: STORE_ID)
            with store.write() as tx:
                for source, statement in order:
                    packing.take(tx, NOW, WHO, [statement], source, "pack.bind", {})
                results.append(state(tx))
            store.close()
    assert all(result == results[0] for result in results)


@given(st.lists(st.binary(min_size=1, max_size=255)))
def test_a_list_of_keys_is_read_back(listed: list[bytes]) -> None:
    assert keylist.unpacked(keylist.packed(listed)) == sorted(listed)


@pytest.mark.requirement("Q03")
@given(
    st.permutations(
        [Claim(b"a", b"b", 1), Claim(b"b", b"c", 2), Claim(b"c", b"a", 3), Claim(b"a", b"d", 4)]
    )
)
def test_the_weakest_of_a_circle_gives_way(claims: list[Claim]) -> None:
    settled = settle(claims)

    assert settled.holds.keys() == {b"a", b"b", b"c"}
    assert settled.lost == [(Claim(b"a", b"b", 1), "two_parents")]


# Each problem.


@pytest.mark.requirement("Q03")
def test_a_higher_rank_wins_and_the_loser_is_told(store: Store) -> None:
    case, other, small = key(1), key(2), key(3)
    with store.write() as tx:
        assert bind(tx, case, small) == []
        assert bind(tx, other, small, source=NOTICE) == [Problem("two_parents", small, case)]
        assert packs.parents(tx, [small]) == {small: other}
        assert packs.disputed(tx, [case, other, small]) == {case, small}
        # The winner is taken out by hand: what a source said before that is over, too.
        assert packing.unbind(tx, NOW, WHO, other, [small]) == []
        assert packs.parents(tx, [small]) == {}
        assert packs.disputed(tx, [case, other, small]) == set()


def test_what_lost_holds_as_soon_as_nothing_is_against_it(store: Store) -> None:
    first, second, third = key(1), key(2), key(3)
    with store.write() as tx:
        bind(tx, second, first, source=PLATFORM)
        bind(tx, third, second, source=PLATFORM)
        assert bind(tx, first, third, source=FILE) == [Problem("cycle", third, first)]
        packing.unbind(tx, NOW, WHO, third, [second])
        assert packs.parents(tx, [first, second, third]) == {first: second, third: first}
        assert packs.problems(tx, standing=True) == []
        assert packs.problems(tx) == [Problem("cycle", third, first)]


@pytest.mark.requirement("Q01")
def test_six_levels_and_not_one_more(store: Store) -> None:
    with store.write() as tx:
        for number in range(DEEPEST - 1):
            assert bind(tx, key(number + 1), key(number)) == []
        top = DEEPEST - 1
        assert bind(tx, key(top + 1), key(top)) == [Problem("too_deep", key(top), key(top + 1))]
        assert len(packs.ancestors(tx, [key(0)])[key(0)]) == DEEPEST - 1


@pytest.mark.requirement("Q03")
def test_a_unit_in_itself(store: Store) -> None:
    with store.write() as tx:
        assert bind(tx, key(1), key(1)) == [Problem("cycle", key(1), key(1))]


@pytest.mark.requirement("Q03")
@pytest.mark.requirement("Q03")
def test_relation_files_with_one_code_in_two_packs(store: Store) -> None:
    with store.write() as tx:
        lot_a, lot_b = (lots.lot_id(tx, "P1", name) for name in ("A", "B"))
        bind(tx, key(1), key(9), source=FILE, lot=lot_a)
        found = bind(tx, key(2), key(9), source=FILE, lot=lot_b)
        assert found == [
            Problem("same_code", key(9), key(2)),
            Problem("activated_twice", key(9), b"", f"A #{lot_a}, B #{lot_b}"),
        ]
        found = bind(tx, key(1), source=FILE, lot=lot_b)
        assert [one.kind for one in found] == ["activated_twice"]
        found = bind(tx, key(1), source=NOTICE, lot=lot_b)
        assert [one.kind for one in found] == ["lot_differs"]
        assert packs.packs(tx, [key(1)])[key(1)].lot == lot_b
        assert set(packs.keys_of_lot(tx, lot_b)) == {key(1), key(2), key(9)}


@pytest.mark.requirement("Q01", "Q03")
@pytest.mark.requirement("Q03")
def test_levels_are_those_of_the_table(heads: Store) -> None:
    pallet, case, small = of_level(3, 1), of_level(2, 1), of_level(1, 1)
    with heads.write() as tx:
        found = bind(tx, case, small, source=FILE, level=3)
        assert found[0] == Problem("two_levels", case, b"", "2 (table), 3 (file)")
        assert bind(tx, small, case) == [Problem("wrong_level", case, small, "2 ≥ 1")]
        assert packs.parents(tx, [case, small]) == {small: case}
        bind(tx, pallet, case)
        assert {one.key: one.level for one in packs.packs(tx, [pallet, case, small]).values()} == {
            pallet: 3,
            case: 2,
            small: 1,
        }


@pytest.mark.parametrize("first", [0, 1])
def test_levels_that_sources_say_are_compared_in_either_order(store: Store, first: int) -> None:
    said = [(key(1), (key(2),)), (key(2), (key(3),))]
    with store.write() as tx:
        found = []
        for parent, held in (said[first], said[1 - first]):
            found += bind(tx, parent, *held, level=2, source=FILE)
        assert found == [Problem("wrong_level", key(2), key(1), "2 ≥ 2")]
        assert packs.parents(tx, [key(2)]) == {key(2): key(1)}


@pytest.mark.requirement("Q03")
def test_a_count_against_the_ratio_is_a_hint_that_passes(heads: Store) -> None:
    case = of_level(2, 1)
    with heads.write() as tx:
        smalls = [of_level(1, number) for number in range(5)]
        (hint,) = bind(tx, case, *smalls[:3])
        assert hint == Problem("count", case, b"", "3 (1:40:200)")
        assert bind(tx, case, *smalls) == []  # 40 x 5 = 200
        assert packs.problems(tx) == []
        assert bind(tx, of_level(2, 2), of_level(1, 9), shape=PARTIAL) == []


@pytest.mark.parametrize(
    ("ratio", "level", "n", "fits"),
    [
        ("1:5:10", 3, 5, True),
        ("1:5:10", 2, 10, True),  # ten in each
        ("1:5:10", 2, 2, True),  # ten in all
        ("1:5:10", 2, 3, False),
        ("1:5:2500", 2, 500, True),
        ("1:5:10", 1, 7, True),  # parts of a smallest pack
        ("1:5:10", 4, 7, True),  # the ratio does not speak of it
        ("1", 2, 7, True),
        ("", 2, 7, True),
        ("1：10", 2, 9, False),
        ("1:x", 2, 9, True),
    ],
)
def test_a_ratio_is_read_in_both_ways(ratio: str, level: int, n: int, fits: bool) -> None:
    assert fits_ratio(ratio, level, n) is fits


def test_no_paper_puts_back_what_a_hand_took_out(store: Store) -> None:
    case, small, other = key(1), key(2), key(3)
    with store.write() as tx:
        bind(tx, case, small, source=FILE)
        packing.unbind(tx, NOW, WHO, case)
        assert bind(tx, case, small, source=PLATFORM) == [Problem("parted", small, case)]
        assert packs.children(tx, [case]) == {}
        assert packing.unbind(tx, NOW, WHO, case, [small]) == [Problem("not_inside", small, case)]
        assert packing.rebox(tx, NOW, WHO, other, [small]) == []
        assert packing.rebox(tx, NOW, WHO, case, [small]) == []
        assert packs.parents(tx, [small]) == {small: case}
        verbs = [(one.saying.verb, one.saying.parent) for one in packs.history(tx, small)]
    assert verbs == [
        (sayings.BIND, case),
        (sayings.UNBIND, case),
        (sayings.BIND, case),
        (sayings.UNBIND, case),
        (sayings.BIND, other),
        (sayings.UNBIND, other),
        (sayings.BIND, case),
    ]


@pytest.mark.requirement("Q01")
def test_a_replaced_code_is_known_under_both_names(store: Store) -> None:
    case, small, new, newer = key(1), key(2), key(3), key(4)
    accept(store, arrival(words.octets(scan(0, code(2)))))
    with store.write() as tx:
        bind(tx, case, small, source=FILE)
        assert packing.replace(tx, NOW, WHO, small, new) == []
        assert packing.replace(tx, NOW, WHO, new, newer) == []
        assert bind(tx, case, small, source=FILE) == []  # the old file again
        assert packs.children(tx, [case]) == {case: (newer,)}
        assert packing.replace(tx, NOW, WHO, case, new) == [Problem("known_code", new, case)]
        assert codes.units(tx, [small])[small].state == REPLACED
        told = [one.saying.verb for one in packs.history(tx, newer)]
    # The last one is what was refused.
    assert told == [sayings.BIND, *[sayings.REPLACE] * 2, sayings.BIND, sayings.REPLACE]


def test_problems_are_told_in_both_languages() -> None:
    for kind in PROBLEMS:
        problem = Problem(kind, key(1), key(2), "3")
        assert written(key(1)) in problem.chinese
        assert written(key(1)) in problem.english
    assert set(LOST) < set(PROBLEMS)


# Questions.


def pallet(tx: Tx, cases: int = 4, each: int = 5) -> tuple[bytes, list[bytes]]:
    """A pallet of cases of smallest packs, by a relation file; and its cases."""
    top = key(0)
    names = [key(1_000_000 * (case + 1)) for case in range(cases)]
    said = [Statement(top, tuple(names), 3)]
    for case, name in enumerate(names):
        first = 1_000_000 * (case + 1) + 1
        said.append(Statement(name, tuple(map(key, range(first, first + each))), 2))
    assert packing.take(tx, NOW, WHO, said, FILE, "pack.import", {}) == []
    return top, names


def book(tx: Tx, unit: bytes, state: int, number: int) -> None:
    codes.write(tx, [(unit, number, 1, 0, state, 1, number)])


@pytest.mark.requirement("Q01")
def test_a_pallet_is_kept_once_and_costs_one_event(store: Store) -> None:
    with store.write() as tx:
        top, _ = pallet(tx)
        before = {name: len(rows(tx, name)) for name in ("link", "pack", "pack_saying", "act")}
    accept(store, arrival(words.octets(scan(0, code(0)))))
    with store.write() as tx:
        assert {name: len(rows(tx, name)) for name in before} == before
        assert [row[0] for row in rows(tx, "code")] == [top]
        assert len(rows(tx, "ledger")) == 1
        # The list of what is in a pack stands in its saying, and only there.
        assert tx.execute("SELECT count(*) FROM pack WHERE children NOT NULL").fetchone() == (0,)


@pytest.mark.requirement("T02", "Q01")
def test_which_smallest_packs_are_left(store: Store) -> None:
    with store.write() as tx:
        top, cases = pallet(tx)
        assert packs.packs(tx, [top])[top].n == len(packs.left(tx, top)) == 20
        book(tx, top, ACCEPTED, 1)
        book(tx, cases[0], SHIPPED, 2)
        single = packs.children(tx, cases)[cases[1]][0]
        book(tx, single, DISPENSED, 3)
        here = packs.children(tx, cases)[cases[1]][1]
        book(tx, here, ACCEPTED, 4)
        packing.unbind(tx, NOW, WHO, cases[2], packs.children(tx, cases)[cases[2]][:2])
        remaining = packs.left(tx, top)
        assert len(remaining) == 20 - 5 - 1 - 2
        assert single not in remaining
        assert here in remaining
        book(tx, top, SHIPPED, 5)
        assert packs.left(tx, top) == remaining


def test_what_is_left_among_many_others(store: Store) -> None:
    """Codes of other packs stand between those of this one."""
    with store.write() as tx:
        bind(tx, key(0), key(100), key(900), level=2)
        for number in range(1, 1000):
            book(tx, key(number), ACCEPTED if number == 900 else SHIPPED, number)
        assert packs.left(tx, key(0)) == [key(900)]
        assert packs.left(tx, key(1)) == []


def test_a_split_pack_counts_once_and_its_parts_are_asked_for_by_themselves(store: Store) -> None:
    with store.write() as tx:
        _, cases = pallet(tx, cases=1)
        small = packs.children(tx, cases)[cases[0]][0]
        parts = [key(number) for number in range(50, 54)]
        assert packing.split(tx, NOW, WHO, small, parts) == []
        assert packs.packs(tx, [small])[small].shape == SPLIT
        assert packs.packs(tx, cases)[cases[0]].n == len(packs.left(tx, cases[0])) == 5
        book(tx, parts[1], DISPENSED, 1)
        assert packs.left(tx, small) == [parts[0], *parts[2:]]


@pytest.mark.requirement("T02")
def test_where_a_pack_is_now(store: Store) -> None:
    with store.write() as tx:
        top, cases = pallet(tx)
        small = packs.children(tx, cases)[cases[0]][0]
        assert packs.where(tx, small) is None
        for booked, unit in enumerate((small, top, cases[0]), 1):
            book(tx, unit, SHIPPED, booked)
            last = packs.where(tx, small)
            assert last is not None
            assert (last.key, last.booked) == (unit, booked)


# Hands, evidence, names.


def test_hands_say_the_pack_first_and_then_what_it_holds() -> None:
    session = domain.Session()
    assert session.read([key(1), key(2)]) == domain.SEVERAL
    assert session.end() is None
    assert session.read([key(1)]) == domain.IS_PARENT
    assert session.read([key(1)]) == domain.AGAIN
    assert session.end() is None
    assert session.read([key(1), key(2), key(3)]) == domain.ADDED
    assert session.read([key(3), key(3)]) == domain.AGAIN
    assert session.undo() == key(3)
    assert session.end() == Statement(key(1), (key(2),))
    assert [session.undo() for _ in range(3)] == [key(2), key(1), b""]


def test_sayings_only_grow_and_their_act_vouches_for_them(store: Store) -> None:
    with store.write() as tx:
        bind(tx, key(1), key(2))
        bind(tx, key(1), key(3))
        assert sayings.first_changed(tx) == 0
    for sql in ("UPDATE pack_saying SET act = 9", "DELETE FROM pack_saying"):
        with pytest.raises(driver.Error, match="append-only"), store.write() as tx:
            tx.execute(sql)
    with store.write() as tx:
        tx.execute("DROP TRIGGER pack_saying_is_not_changed")
        tx.execute("UPDATE pack_saying SET level = 2 WHERE number = 2")
        last = [act.number for act in acts.acts(tx)][-1]
        assert sayings.first_changed(tx) == last
        tx.execute("UPDATE pack_saying SET level = 0 WHERE number = 2")
        assert sayings.first_changed(tx) == 0
        # Nobody ever filed this one.
        tx.execute(
            "INSERT INTO pack_saying SELECT 3, 9, verb, source, parent, level, lot, shape, children"
            " FROM pack_saying WHERE number = 2"
        )
        assert sayings.first_changed(tx) == 9
    finding = verify.verify(View(store.path)).finding
    assert finding == ("act 9", "what it said about packs was changed")


@pytest.mark.parametrize(
    ("symbology", "data"),
    [
        (b"C0", b"89999999000000000018"),
        (b"d2", b"0108999999000011219A(7\x1d10LOT"),
        (b"C1", b"00089999990000000015"),
    ],
)
def test_a_key_is_written_so_that_it_can_be_typed(symbology: bytes, data: bytes) -> None:
    unit = classify(symbology, data)
    typed = octets(written(unit.key))

    assert classify(typed.symbology, typed.data).key == unit.key
