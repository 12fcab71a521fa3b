"""Killed wherever it may be, a dispatcher tells each record once, and in order."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.connectors.base import (
    Answer,
    Delivered,
    Later,
    Partly,
    Refusal,
    Refused,
    Unknown,
)
from edge_agent.connectors.breaker import Breaker
from edge_agent.connectors.dispatch import Dispatcher
from edge_agent.connectors.limits import Limits
from edge_agent.store import outbox
from edge_agent.store.driver import Tx
from edge_agent.store.outbox import Parcel
from edge_agent.store.sqlite import Store
from tests.edge_agent.conftest import STORE_ID, SetClock
from tests.edge_agent.words import accept, arrival, code, octets, scan

RECORDS = 25
EACH = 10
ALL = list(range(1, RECORDS + 1))


# Of which records it says nothing: those that these do not divide.
HUSHES = {"hush": 2, "hum": 3}
AFTER_S = {"later": 0.0, "away": None, "in a week": 604_800.0}


class Wall(SetClock):
    """What the clock on the wall says, and beside it what time really passed."""

    def __init__(self) -> None:
        super().__init__()
        self.real_ms = 0

    async def sleep(self, seconds: float) -> None:
        before = self.ms
        await super().sleep(seconds)
        self.real_ms += int(seconds * 1000)
        assert self.ms >= before


class Receiver:
    """A receiver with the contract: one key, one record is applied once. It does what its script
    says first. It judges what is asked of it."""

    def __init__(self, script: list[str] | None = None) -> None:
        self.script = script or []
        self.bad: set[int] = set()  # records that it does not take
        self.repeats = False  # it looks at all records of a parcel, each time, as a host does
        self.applied: dict[str, list[int]] = {}
        self.refused: set[int] = set()  # records that it last said it refused
        self.tries: list[tuple[str, Parcel]] = []
        self.answers: list[Answer] = []
        self.on_the_way: Callable[[], None] = lambda: None

    async def deliver(self, parcel: Parcel) -> Answer:
        if parcel.only or parcel.key in self.applied:
            raise Mistake(f"{parcel} was not asked about")
        return await self._take("deliver", parcel)

    async def ask(self, parcel: Parcel) -> Answer:
        known = set(range(parcel.first, parcel.last + 1)) - set(parcel.only or told(parcel))
        if not known <= self.refused | set(self.applied.get(parcel.key, ())):
            raise Mistake(f"{parcel} asks for too little")
        return await self._take("ask", parcel)

    async def close(self) -> None:
        pass

    async def _take(self, word: str, parcel: Parcel) -> Answer:
        self.tries.append((word, parcel))
        self.answers.append(Unknown("killed"))
        mood = self.script.pop(0) if self.script else "ok"
        self.on_the_way()
        await asyncio.sleep(0)
        self.answers[-1] = answer = self._answer(mood, parcel)
        self.on_the_way()
        await asyncio.sleep(0)
        if mood == "broken":
            raise ZeroDivisionError("a mistake of the connector's")
        return answer

    def _answer(self, mood: str, parcel: Parcel) -> Answer:
        asked = told(parcel) if self.repeats else parcel.only or told(parcel)
        if mood in AFTER_S:
            return Later(AFTER_S[mood], mood)
        if mood == "barred":
            return Later(None, mood, barred=True)
        if mood in ("lost", "broken"):
            return Unknown("lost on the way there")
        if mood == "refuse":
            self.refused |= set(asked)
            return Refused("no")
        has = self.applied.setdefault(parcel.key, [])
        refused = [number for number in asked if number in self.bad and number not in has]
        hushed = [number for number in asked if mood in HUSHES and number % HUSHES[mood]]
        for number in asked:
            # Of those that it says nothing about it takes some and not others.
            if number not in has and number not in refused and (number not in hushed or number % 5):
                has.append(number)
        if mood == "answer lost":
            return Unknown("answer lost")
        refused = [number for number in refused if number not in hushed]
        self.refused -= set(has)
        self.refused |= set(refused)
        if not refused and not hushed:
            return Delivered("")
        words = tuple(Refusal(number, "E1", f"no {number}") for number in refused)
        return Partly("", words, tuple(hushed))

    def records(self) -> list[int]:
        return [record for records in self.applied.values() for record in records]


def told(parcel: Parcel) -> tuple[int, ...]:
    return tuple(range(parcel.first, parcel.last + 1))


class World:
    """A store with booked records, and a writer that does each job at once."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "scandock.db"
        self.clock = Wall()
        self.store = Store(self.path, lambda: STORE_ID)
        self.steps = 0
        self.die_at: int | None = None
        accept(self.store, arrival(octets(*[scan(seq, code(seq)) for seq in range(RECORDS)])))
        with self.store.write() as tx:
            outbox.enrol(tx, "erp")

    def submit(self, work: Callable[[Tx], Any]) -> Future[Any]:
        done: Future[Any] = Future()
        self.step()
        with self.store.write() as tx:
            try:
                result = work(tx)
            except Exception as error:
                raise Mistake from error
            self.step()
        done.set_result(result)
        self.step()
        return done

    def step(self) -> None:
        """One more thing has happened; the process may end here."""
        self.steps += 1
        if self.steps == self.die_at:
            raise Killed

    def dispatcher(self, receiver: Receiver, name: str = "erp") -> Dispatcher:
        return Dispatcher(name, receiver, self.submit, EACH, self.clock)

    def restart(self) -> None:
        self.store.close()
        self.store = Store(self.path, lambda: STORE_ID)

    def told(self) -> bool:
        """All is delivered or set aside, and nothing is to be tried again."""
        with self.store.write() as tx:
            return outbox.backlog(tx, "erp").behind == 0 and not any(
                one.redriven for one in outbox.dead(tx, "erp")
            )

    def redrive(self) -> None:
        with self.store.write() as tx:
            outbox.redrive(tx, "erp")

    def dead(self) -> list[int]:
        """The records of all dead letters."""
        with self.store.write() as tx:
            letters = outbox.dead(tx, "erp")
        return [
            number
            for one in letters
            for number in ([one.number] if one.number else range(one.first, one.last + 1))
        ]


class Killed(BaseException):
    """The process ends at this instant: nothing after it happens."""


class Mistake(BaseException):
    """What never may happen. In an agent it would be noted, and tried once more."""


async def until(done: Callable[[], bool], work: Coroutine[Any, Any, None]) -> None:
    """Let ``work`` go on until ``done``; raise what it raised."""
    task = asyncio.ensure_future(work)
    async with asyncio.timeout(20):
        while not (task.done() or done()):
            await asyncio.sleep(0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def run(world: World, receiver: Receiver, done: Callable[[], bool] | None = None) -> None:
    asyncio.run(until(done or world.told, world.dispatcher(receiver).run()))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.mark.requirement("O15", "X04")
def test_parcels_are_told_in_order_and_each_once(world: World) -> None:
    receiver = Receiver()
    run(world, receiver)

    assert list(receiver.applied) == [
        f"{STORE_ID.hex()}-erp-{first}-{last}" for first, last in ((1, 10), (11, 20), (21, 25))
    ]
    assert receiver.records() == ALL


@pytest.mark.parametrize("where", range(1, 50))
def test_killed_at_any_step_each_record_is_told_once(world: World, where: int) -> None:
    receiver = Receiver(["ok", "answer lost", "later", "hush"])
    receiver.on_the_way = world.step
    world.die_at = where
    try:
        run(world, receiver)
        finished = True
    except Killed:
        finished = False
    world.restart()
    run(world, receiver)

    assert sorted(receiver.records()) == ALL
    in_order(receiver)
    if finished:
        assert where > world.steps  # every earlier step was a place to die at


MOODS = st.sampled_from(
    ["ok", "later", "lost", "answer lost", "refuse", "broken", "hush", "hum", "barred", "away"]
)


class Life(NamedTuple):
    """From a start of the agent to its end."""

    moods: list[str]
    dies_after: int | None  # steps; None: not before all is told
    bad: set[int]
    redriven: bool  # whether a person has dead letters tried again first
    set_back_s: int


LIVES = st.builds(
    Life,
    moods=st.lists(MOODS, max_size=8),
    dies_after=st.none() | st.integers(1, 30),
    bad=st.sets(st.integers(1, RECORDS), max_size=4),
    redriven=st.booleans(),
    set_back_s=st.sampled_from([0, 0, 0, 30, 4000, 100_000]),
)
LIMITS = st.tuples(st.sampled_from([0, 1, 3]), st.sampled_from([0, 8]))


@settings(max_examples=settings().max_examples // 4)
@given(lives=st.lists(LIVES, max_size=5), limits=LIMITS, repeats=st.booleans())
def test_whatever_happens_each_record_is_applied_once_in_order_and_within_the_limits(
    tmp_path_factory: pytest.TempPathFactory,
    lives: list[Life],
    limits: tuple[int, int],
    repeats: bool,
) -> None:
    world = World(tmp_path_factory.mktemp("world"))
    receiver = Receiver()
    receiver.repeats = repeats
    calls_ms: list[int] = []

    def on_the_way() -> None:
        if len(calls_ms) < len(receiver.tries):
            calls_ms.append(world.clock.real_ms)
        world.step()

    receiver.on_the_way = on_the_way

    def live(life: Life) -> None:
        receiver.script = life.moods[:]
        receiver.bad = life.bad
        world.clock.ms -= life.set_back_s * 1000
        if life.redriven:
            world.redrive()
        world.die_at = world.steps + life.dies_after if life.dies_after else None
        dispatcher = Dispatcher("erp", receiver, world.submit, EACH, world.clock, Limits(*limits))
        try:
            asyncio.run(until(world.told, dispatcher.run()))
        except Killed:
            world.restart()

    for life in [*lives, Life([], None, set(), False, 0)]:
        live(life)
    # What it has not got, a person can see. (That it lied about a refusal, nobody can.)
    assert len(set(receiver.records())) == len(receiver.records())
    assert sorted({*receiver.records(), *world.dead()}) == ALL

    live(Life([], None, set(), True, 0))
    assert sorted(receiver.records()) == ALL
    assert world.dead() == []
    in_order(receiver)
    within(calls_ms, limits)
    world.store.close()


def in_order(receiver: Receiver) -> None:
    """Nothing overtakes a parcel that is open, and what is new comes in order."""
    tries = [parcel for _, parcel in receiver.tries]
    for before, answer, after in zip(tries, receiver.answers, tries[1:], strict=False):
        is_open = isinstance(answer, Later | Unknown)
        if isinstance(answer, Partly):
            is_open = not set(before.only or told(before)).isdisjoint(answer.unknown)
        assert before.key == after.key or not is_open
    new = list(dict.fromkeys(parcel.first for parcel in tries))
    assert new == sorted(new)


def within(calls_ms: list[int], limits: tuple[int, int]) -> None:
    """No stretch of a minute or a day has more calls than the limit."""
    for limit, window_ms in zip(limits, (60_000, 86_400_000), strict=True):
        if limit:
            for first, beyond in zip(calls_ms, calls_ms[limit:], strict=False):
                assert beyond - first >= window_ms


def test_a_parcel_in_doubt_is_asked_about_until_it_is_known(world: World) -> None:
    receiver = Receiver(["answer lost", "later", "ok"])
    run(world, receiver)

    words = [word for word, parcel in receiver.tries if parcel.first == 1]
    # "Later" to a question does not make an earlier try undone.
    assert words == ["deliver", "ask", "ask"]


def test_a_parcel_that_surely_did_not_arrive_is_sent_again(world: World) -> None:
    receiver = Receiver(["later", "later", "ok"])
    run(world, receiver)

    assert [word for word, parcel in receiver.tries if parcel.first == 1] == ["deliver"] * 3
    assert [parcel.attempts for _, parcel in receiver.tries] == [1, 2, 3, 1, 1]


def test_a_refused_parcel_is_set_aside_and_counted(world: World) -> None:
    receiver = Receiver(["ok", "refuse"])
    run(world, receiver)

    assert receiver.records() == [*range(1, 11), *range(21, 26)]
    with world.store.write() as tx:
        assert outbox.backlog(tx, "erp") == outbox.Backlog(0, "idle", 1, "")


def test_the_range_is_frozen_before_the_first_try(world: World) -> None:
    receiver = Receiver(["later"])
    world.store.close()
    world.store = Store(world.path, lambda: STORE_ID)
    run(world, receiver, lambda: len(receiver.tries) == 1)
    accept(world.store, arrival(octets(*[scan(RECORDS + i, code(99 + i)) for i in range(5)])))
    run(world, receiver)

    assert [key.rsplit("erp-")[1] for key in receiver.applied] == ["1-10", "11-20", "21-30"]


def test_a_receiver_that_is_away_is_not_pestered(world: World) -> None:
    receiver = Receiver(["away"] * 11)
    run(world, receiver)

    assert world.clock.waits == [0.25, 0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_receiver_that_names_a_time_is_left_alone_until_then(world: World) -> None:
    begun = world.clock.ms
    receiver = Receiver(["in a week", "ok"])
    run(world, receiver)

    # But not for longer than an hour; and looked after every minute, should the clock be set back.
    assert world.clock.ms - begun == 3_600_000
    assert max(world.clock.waits) == 60
    assert len(receiver.tries) == 4


def test_the_backlog_counts_what_is_not_delivered(world: World) -> None:
    def backlog() -> outbox.Backlog:
        with world.store.write() as tx:
            return outbox.backlog(tx, "erp")

    assert backlog() == outbox.Backlog(RECORDS, "waiting", 0, "")
    seen: list[outbox.Backlog] = []

    def look() -> bool:
        seen.append(backlog())
        return world.told()

    run(world, Receiver(["ok", "lost"]), look)

    assert outbox.Backlog(RECORDS - EACH, "reserved", 0, "") in seen
    assert outbox.Backlog(RECORDS - EACH, "unknown", 0, "lost on the way there") in seen
    assert seen[-1] == outbox.Backlog(0, "idle", 0, "")


def test_records_refused_one_by_one_are_dead_letters_of_their_own(world: World) -> None:
    receiver = Receiver()
    receiver.bad = {3, 12, 13}
    run(world, receiver)

    assert receiver.records() == [number for number in ALL if number not in receiver.bad]
    assert [parcel.first for _, parcel in receiver.tries] == [1, 11, 21]
    with world.store.write() as tx:
        assert outbox.dead(tx, "erp") == [
            outbox.Dead(1, 10, 3, "E1", "no 3", False),
            outbox.Dead(11, 20, 12, "E1", "no 12", False),
            outbox.Dead(11, 20, 13, "E1", "no 13", False),
        ]
        assert outbox.told(tx, 3) == [("erp", "refused", "E1 no 3", 0)]
        assert outbox.told(tx, 4) == [("erp", "delivered", "", 0)]


@pytest.mark.parametrize("repeats", [False, True])
def test_only_what_is_unknown_is_asked_about(world: World, repeats: bool) -> None:
    receiver = Receiver(["hush", "hush", "lost", "hum", "ok"])
    receiver.bad = {2, 3, 9}
    receiver.repeats = repeats
    run(world, receiver)

    asked = [(word, parcel.only) for word, parcel in receiver.tries if parcel.first == 1]
    odd = (1, 3, 5, 7, 9)
    assert asked == [("deliver", ()), ("ask", odd), ("ask", odd), ("ask", odd), ("ask", (1, 5, 7))]
    assert world.dead() == [2, 3, 9]


def test_while_single_records_are_unknown_the_others_are_known_to_be_there(world: World) -> None:
    receiver = Receiver(["hush", "away"])
    receiver.bad = {2}
    run(world, receiver, lambda: len(receiver.tries) == 3)

    with world.store.write() as tx:
        told_of = [outbox.told(tx, number)[0][1] for number in (1, 2, 4, 11)]
        assert outbox.backlog(tx, "erp").behind == 5 + RECORDS - EACH
    assert told_of == ["reserved", "refused", "delivered", "queued"]


class Fixed(Receiver):
    """Answers for the parcel 11-20 as told, and takes all others."""

    def __init__(self, answer: Answer | None) -> None:
        super().__init__()
        self.answer = answer

    async def _take(self, word: str, parcel: Parcel) -> Answer:
        if parcel.first != 11:
            return await super()._take(word, parcel)
        self.tries.append((word, parcel))
        if self.answer is None:
            raise ZeroDivisionError("a mistake of the connector's")
        return self.answer


@pytest.mark.parametrize(
    "answer",
    [
        None,
        Later(None, "HTTP 500", suspect=True),
        Partly("", (Refusal(21, "E1", "of another parcel"),)),
        Partly("", (Refusal(11, "E1", "twice"),), (11,)),
    ],
)
def test_a_parcel_that_alone_makes_trouble_is_set_aside(
    world: World, answer: Answer | None
) -> None:
    receiver = Fixed(answer)
    run(world, receiver)

    assert receiver.records() == [*range(1, 11), *range(21, 26)]
    assert len(receiver.tries) == 1 + 20 + 1
    assert world.dead() == list(range(11, 21))
    with world.store.write() as tx:
        assert "given up after 20 tries: " in outbox.dead(tx, "erp")[0].message


def test_a_receiver_that_stumbles_over_everything_loses_one_parcel_to_suspicion(
    world: World,
) -> None:
    receiver = Fixed(Later(None, "HTTP 500", suspect=True))
    dispatcher = world.dispatcher(receiver)
    receiver_takes = receiver._take

    async def stumble(word: str, parcel: Parcel) -> Answer:
        if len(receiver.tries) < 59:
            receiver.tries.append((word, parcel))
            return Later(None, "HTTP 500", suspect=True)
        receiver.answer = Delivered("")
        return await receiver_takes(word, parcel)

    receiver._take = stumble  # type: ignore[method-assign]
    asyncio.run(until(world.told, dispatcher.run()))

    assert world.dead() == list(range(1, 11))


def test_a_receiver_in_trouble_is_probed_and_says_so(world: World) -> None:
    receiver = Receiver(["away"] * 4 + ["barred", "lost"])
    breaker = Breaker(failures_max=3, probe_s=30)
    dispatcher = Dispatcher("erp", receiver, world.submit, EACH, world.clock, None, breaker)
    troubles: list[str] = []
    receiver.on_the_way = lambda: troubles.append(dispatcher.trouble)
    asyncio.run(until(world.told, dispatcher.run()))

    assert world.clock.waits[:6] == [0.25, 0.5, 1, 30, 30, 30]
    assert troubles[::2] == ["", "", "", "", "resting", "barred", "resting", "", ""]


def test_a_receiver_that_bars_us_is_not_given_up(world: World) -> None:
    receiver = Receiver(["barred"] * 100)
    run(world, receiver)

    assert receiver.records() == ALL
    assert world.clock.waits[8:99] == [60] * 91


def test_after_a_restart_a_receiver_that_is_away_is_probed_no_more_than_before(
    world: World,
) -> None:
    receiver = Receiver(["away"] * 14)
    run(world, receiver, lambda: len(receiver.tries) == 12)
    begun = len(world.clock.waits)
    run(world, receiver)

    assert set(world.clock.waits[begun : begun + 2]) == {60}


def test_the_trouble_of_one_receiver_is_none_of_another(world: World) -> None:
    away, other = Receiver(["away"] * 5000), Receiver()
    with world.store.write() as tx:
        outbox.enrol(tx, "wms")

    def done() -> bool:
        with world.store.write() as tx:
            return outbox.backlog(tx, "wms").behind == 0

    async def both() -> None:
        works = [world.dispatcher(away).run(), world.dispatcher(other, "wms").run()]
        await asyncio.gather(*works)

    asyncio.run(until(done, both()))

    assert other.records() == ALL
    assert (len(other.tries), away.records()) == (3, [])


def test_a_used_up_limit_is_said_and_kept_over_a_restart(world: World) -> None:
    def dispatcher() -> Dispatcher:
        return Dispatcher("erp", receiver, world.submit, EACH, world.clock, Limits(per_day=2))

    receiver = Receiver()
    begun = world.clock.ms
    first, second = dispatcher(), dispatcher()
    asyncio.run(until(lambda: first.trouble == "paced", first.run()))
    assert len(receiver.tries) == 2
    world.restart()
    asyncio.run(until(world.told, second.run()))
    assert second.trouble == ""

    assert receiver.records() == ALL
    assert world.clock.ms - begun >= 86_400_000


def test_an_idle_dispatcher_finds_what_a_person_wants_tried_again(world: World) -> None:
    receiver = Receiver(["refuse"])
    dispatcher = world.dispatcher(receiver)

    def done() -> bool:
        if len(receiver.tries) == 3 and world.told():
            world.redrive()
        return len(receiver.tries) == 4 and world.told()

    asyncio.run(until(done, dispatcher.run()))

    word, parcel = receiver.tries[3]
    assert (word, parcel.first, parcel.attempts) == ("ask", 1, 1)
    assert parcel.key == receiver.tries[0][1].key
    assert sorted(receiver.records()) == ALL


def test_nobody_waits_for_a_clock_that_was_set_back(world: World) -> None:
    receiver = Receiver(["away", "ok"])
    run(world, receiver, lambda: len(receiver.tries) == 1 and world.clock.waits != [])
    world.clock.ms -= 86_400_000
    begun = world.clock.ms
    run(world, receiver)

    assert receiver.records() == ALL
    assert world.clock.ms - begun < 60_000
