"""However often and however cut a cradle repeats itself, each record is booked once."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from edge_agent.domain.model import Answer, Entry
from edge_agent.domain.stations import Station
from edge_agent.ingest.accept import Arrival
from edge_agent.ingest.decode import Decoder
from edge_agent.store import codes, ledger
from edge_agent.store.sqlite import Store
from protocol import batch, cbor, wire
from protocol.shapes import ScanRecord
from protocol.window import IGNORED, Window
from tests.edge_agent.words import (
    BOOT,
    PASS,
    REREAD,
    SEEN,
    SITE,
    accept,
    accepting,
    announcement,
    arrival,
    code,
    octets,
    scan,
    told,
    up,
)


class Cradle:
    """The cradle's own window and batch cutter, and what it was told."""

    def __init__(self, name: str, boot: bytes) -> None:
        self.name = name
        self.boot = boot
        self.now_ms = 0
        self.read: list[bytes] = []
        self.taken = 0
        self.rulings: dict[int, tuple[int, int]] = {}
        self._window = Window(8, 560, 100, 400)

    def scan(self, data: bytes, wait_ms: int) -> None:
        self.now_ms += wait_ms
        at = self._window.room()
        if at < 0:
            return
        buf = self._window.buf
        dt_ms = self.now_ms - self._window.last_ms()
        end = wire.put_scan(buf, at, dt_ms, 0x4330, data, 0, len(data), 0)
        assert self._window.add(end, self.now_ms) == len(self.read)
        self.read.append(data)

    def send(self, room: int) -> bytes:
        """The next batch, of at most ``room`` octets; empty if there is none."""
        window = self._window
        window.overdue(self.now_ms)
        until = batch.cut(window, batch.HEAD_MAX + room)
        if until == window.sent:
            return b""
        out = bytearray(1500)
        end = batch.put(out, 0, window, until, self.boot, self.now_ms)
        window.mark_sent(until, self.now_ms)
        return bytes(out[:end])

    def hear(self, answer: Answer) -> None:
        if self._window.taken(answer.next_seq, self.now_ms) != IGNORED:
            self.taken = max(self.taken, answer.next_seq)
        for seq, ruling in told([answer]).items():
            # The same record is never judged in two ways.
            assert self.rulings.setdefault(seq, ruling) == ruling


def read(entry: Entry) -> list[tuple[int, bytes, tuple[int, ...]]]:
    """Seq, label and ruling of every record that ``entry`` books."""
    batch = wire.read_batch(cbor.loads(entry.body))
    found = []
    for place in range(len(entry.rulings) // 2):
        record = batch.records[entry.skip + place]
        assert isinstance(record, ScanRecord)
        assert record.seq == entry.seq + place
        ruling = tuple(entry.rulings[2 * place : 2 * place + 2])
        found.append((record.seq, record.labels[0].data, ruling))
    return found


class RepeatingCradles(RuleBasedStateMachine):
    """Two cradles, a network that loses, doubles and reorders both ways, an agent that restarts."""

    labels = tuple(code(number) for number in range(6))
    stations: tuple[Station, ...] = ()

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "scandock.db"
        self.store = Store(self.path, lambda: bytes(16))
        self.cradles = [Cradle("cradle-1", b"boot-001"), Cradle("cradle-2", b"boot-001")]
        self.reached = {cradle.name: 0 for cradle in self.cradles}
        self.going_up: list[tuple[Cradle, bytes]] = []
        self.coming_down: list[Answer] = []

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            self.folder.cleanup()

    @rule(which=st.booleans(), number=st.integers(0, 99), wait_ms=st.sampled_from([1, 90, 6000]))
    def scan(self, which: bool, number: int, wait_ms: int) -> None:
        self.cradles[which].scan(self.labels[number % len(self.labels)], wait_ms)

    @rule(which=st.booleans(), room=st.integers(40, 1000), wait_ms=st.sampled_from([0, 500]))
    def send(self, which: bool, room: int, wait_ms: int) -> None:
        cradle = self.cradles[which]
        cradle.now_ms += wait_ms
        payload = cradle.send(room)
        if payload:
            self.going_up.append((cradle, payload))

    @rule(which=st.booleans())
    def announce(self, which: bool) -> None:
        cradle = self.cradles[which]
        message = Decoder(SITE)(f"scandock/1/{SITE}/{cradle.name}/state", announcement(cradle.boot))
        self.book([Arrival(message, b"", 0)])

    @rule(data=st.data(), count=st.integers(1, 4), keep=st.booleans())
    def arrive(self, data: st.DataObject, count: int, keep: bool) -> None:
        """Some batches arrive, in any order, in one transaction; they may arrive again later."""
        if not self.going_up:
            return
        places = st.integers(0, len(self.going_up) - 1)
        chosen = data.draw(st.lists(places, min_size=1, max_size=count))
        self.book(
            [
                arrival(payload, up(cradle.name))
                for cradle, payload in (self.going_up[place] for place in chosen)
            ]
        )
        if not keep:
            gone = set(chosen)
            self.going_up = [one for i, one in enumerate(self.going_up) if i not in gone]

    @rule()
    def lose_everything_on_the_way_up(self) -> None:
        self.going_up.clear()

    @rule(data=st.data(), keep=st.booleans())
    def answer(self, data: st.DataObject, keep: bool) -> None:
        """One answer reaches its cradle, in any order; it may come again later, or never."""
        if not self.coming_down:
            return
        place = data.draw(st.integers(0, len(self.coming_down) - 1))
        answer = self.coming_down[place] if keep else self.coming_down.pop(place)
        next(one for one in self.cradles if one.name == answer.device).hear(answer)

    @rule()
    def restart_the_agent(self) -> None:
        self.store.close()
        self.store = Store(self.path, lambda: bytes(16))
        self.coming_down.clear()

    def book(self, arrivals: list[Arrival]) -> None:
        with self.store.write() as tx:
            answers = accepting(*self.stations)(tx, arrivals)
        self.coming_down += answers
        for answer in answers:
            before = self.reached[answer.device]
            self.reached[answer.device] = max(before, answer.next_seq)
            assert answer.next_seq >= before

    @invariant()
    def each_record_is_booked_once_in_order_and_whole(self) -> None:
        if not hasattr(self, "store"):
            return
        with self.store.write() as tx:
            entries = list(ledger.entries(tx, 1, 10_000))
        numbers = [entry.number + i for entry in entries for i in range(len(entry.rulings) // 2)]
        assert numbers == list(range(1, len(numbers) + 1))
        for cradle in self.cradles:
            booked = [
                one for entry in entries if entry.device == cradle.name for one in read(entry)
            ]
            assert [seq for seq, _, _ in booked] == list(range(self.reached[cradle.name]))
            assert [data for _, data, _ in booked] == cradle.read[: len(booked)]
            assert cradle.taken <= len(booked)

    @invariant()
    def what_a_cradle_was_told_stands_in_the_ledger(self) -> None:
        if not hasattr(self, "store"):
            return
        with self.store.write() as tx:
            for cradle in self.cradles:
                mark = ledger.mark(tx, cradle.name, cradle.boot)
                runs = ledger.rulings(tx, mark.boot, 0, mark.next_seq) if mark else []
                booked = told([Answer(cradle.name, cradle.boot, 0, runs)])
                assert cradle.rulings.items() <= booked.items()

    @invariant()
    def each_unit_passed_once(self) -> None:
        if not hasattr(self, "store"):
            return
        with self.store.write() as tx:
            entries = list(ledger.entries(tx, 1, 10_000))
        passed = [data for entry in entries for _, data, ruling in read(entry) if ruling == PASS]
        assert len(passed) == len(set(passed))


TestRepeatingCradles = RepeatingCradles.TestCase


def test_the_three_meanings_across_batches(store: Store) -> None:
    first = arrival(octets(scan(0, code(1), at_ms=0), scan(1, code(2), at_ms=10)))
    second = arrival(octets(scan(2, code(1), at_ms=5000), scan(3, code(1), at_ms=10_001)))

    assert told(accept(store, first)) == {0: PASS, 1: PASS}
    assert told(accept(store, second)) == {2: REREAD, 3: SEEN}


def test_the_three_meanings_within_one_batch(store: Store) -> None:
    whole = octets(
        scan(0, code(1), at_ms=0), scan(1, code(1), at_ms=5000), scan(2, code(1), at_ms=10_001)
    )

    assert told(accept(store, arrival(whole))) == {0: PASS, 1: REREAD, 2: SEEN}


def test_another_cradle_sees_a_unit_as_seen_before(store: Store) -> None:
    here = arrival(octets(scan(0, code(1))), up("cradle-1"))
    there = arrival(octets(scan(0, code(1))), up("cradle-2"))

    answers = accept(store, here, there)

    assert [told([answer]) for answer in answers] == [{0: PASS}, {0: SEEN}]


def test_a_unit_set_aside_for_its_neighbour_can_still_pass(store: Store) -> None:
    damaged = b"8999999900000000001?"
    together = arrival(octets(scan(0, code(1), damaged)))
    beside_a_known_one = arrival(octets(scan(1, code(9)), scan(2, code(9), code(1), at_ms=60_000)))
    alone = arrival(octets(scan(3, code(1), at_ms=61_000)))

    assert told(accept(store, together))[0][0] == 3
    assert told(accept(store, beside_a_known_one))[2] == SEEN
    assert told(accept(store, alone)) == {3: PASS}


def test_one_unit_twice_in_a_frame_passes_once(store: Store) -> None:
    assert told(accept(store, arrival(octets(scan(0, code(1), code(1)))))) == {0: PASS}


def test_the_number_of_the_record_it_first_passed_with_stays(store: Store) -> None:
    accept(store, arrival(octets(*[scan(seq, code(seq)) for seq in range(5)])))
    accept(store, arrival(octets(*[scan(seq, code(seq % 5)) for seq in range(5, 15)])))

    with store.write() as tx:
        seen = codes.units(tx, {int(code(3)).to_bytes(9, "big")})

    assert [one.number for one in seen.values()] == [4]


@pytest.mark.requirement("C06")
def test_a_gap_is_not_booked_and_the_cradle_is_told_where_to_go_on(store: Store) -> None:
    accept(store, arrival(octets(scan(0, code(0)))))

    answers = accept(store, arrival(octets(scan(2, code(2)))))

    assert answers == [Answer("cradle-1", BOOT, 1, [])]


def test_a_whole_group_of_single_records_is_answered_in_few_messages(store: Store) -> None:
    (answer,) = accept(store, *[arrival(octets(scan(seq, code(seq)))) for seq in range(600)])

    assert answer.next_seq == 600
    assert [(seq, len(rulings) // 2) for seq, rulings in answer.runs] == [
        (0, 256),
        (256, 256),
        (512, 88),
    ]


def test_what_is_sent_again_is_answered_again_from_the_ledger(store: Store) -> None:
    accept(store, arrival(octets(scan(0, code(0)), scan(1, code(0)))))
    accept(store, arrival(octets(scan(2, code(0), at_ms=60_000))))

    # Cut anew: two records booked with different batches, and one that is new.
    again = octets(scan(1, code(0)), scan(2, code(0), at_ms=60_000), scan(3, code(3), at_ms=61_000))
    (answer,) = accept(store, arrival(again))

    assert (answer.next_seq, told([answer])) == (4, {1: REREAD, 2: SEEN, 3: PASS})


def test_a_cradle_that_announces_itself_is_told_its_last_256_records(store: Store) -> None:
    for first in range(0, 300, 100):
        accept(store, arrival(octets(*[scan(first + i, code(first + i)) for i in range(100)])))
    state = f"scandock/1/{SITE}/cradle-1/state"

    (answer,) = accept(store, arrival(announcement(), state))
    gone = accept(store, arrival(announcement(online=False), state))

    assert (answer.next_seq, sorted(told([answer]))) == (300, list(range(44, 300)))
    assert told(gone) == {}


def test_a_stranger_that_announces_itself_leaves_no_trace(store: Store) -> None:
    state = f"scandock/1/{SITE}/cradle-1/state"

    assert told(accept(store, arrival(announcement(), state))) == {}

    with store.write() as tx:
        assert ledger.mark(tx, "cradle-1", BOOT) is None
