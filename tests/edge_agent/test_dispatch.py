"""Killed wherever it may be, a dispatcher tells each record once, and in order."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.connectors.base import Answer, Delivered, Later, Refused, Unknown
from edge_agent.connectors.dispatch import Dispatcher
from edge_agent.store import outbox
from edge_agent.store.driver import Tx
from edge_agent.store.outbox import Parcel
from edge_agent.store.sqlite import Store
from tests.edge_agent.conftest import STORE_ID, SetClock
from tests.edge_agent.words import accept, arrival, code, octets, scan

RECORDS = 25
EACH = 10
ALL = list(range(1, RECORDS + 1))


AFTER_S = {"later": 0.0, "away": None, "in a week": 604_800.0}


class Receiver:
    """A receiver with the contract: one key is applied once. It does what its script says first."""

    def __init__(self, script: list[str] | None = None) -> None:
        self.script = script or []
        self.applied: dict[str, list[int]] = {}
        self.refused: list[Parcel] = []
        self.tries: list[tuple[str, Parcel]] = []
        self.on_the_way: Callable[[], None] = lambda: None

    async def deliver(self, parcel: Parcel) -> Answer:
        return await self._take("deliver", parcel)

    async def ask(self, parcel: Parcel) -> Answer:
        return await self._take("ask", parcel)

    async def close(self) -> None:
        pass

    async def _take(self, word: str, parcel: Parcel) -> Answer:
        self.tries.append((word, parcel))
        mood = self.script.pop(0) if self.script else "ok"
        await asyncio.sleep(0)
        if mood in AFTER_S:
            return Later(AFTER_S[mood], mood)
        if mood == "refuse":
            self.refused.append(parcel)
            return Refused("no")
        if mood == "lost":
            return Unknown("lost on the way there")
        if mood == "broken":
            raise ZeroDivisionError("a mistake of the connector's")
        self.applied.setdefault(parcel.key, list(range(parcel.first, parcel.last + 1)))
        self.on_the_way()
        await asyncio.sleep(0)
        return Unknown("answer lost") if mood == "answer lost" else Delivered("")

    def records(self) -> list[int]:
        return [record for records in self.applied.values() for record in records]


class World:
    """A store with booked records, and a writer that does each job at once."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "scandock.db"
        self.clock = SetClock()
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
            result = work(tx)
        done.set_result(result)
        self.step()
        return done

    def step(self) -> None:
        """One more thing has happened; the process may end here."""
        self.steps += 1
        if self.steps == self.die_at:
            raise Killed

    def dispatcher(self, receiver: Receiver) -> Dispatcher:
        return Dispatcher("erp", receiver, self.submit, EACH, self.clock)

    def restart(self) -> None:
        self.store.close()
        self.store = Store(self.path, lambda: STORE_ID)

    def told(self) -> bool:
        with self.store.write() as tx:
            return outbox.backlog(tx, "erp").behind == 0


class Killed(BaseException):
    """The process ends at this instant: nothing after it happens."""


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


def test_parcels_are_told_in_order_and_each_once(world: World) -> None:
    receiver = Receiver()
    run(world, receiver)

    assert list(receiver.applied) == [
        f"{STORE_ID.hex()}-erp-{first}-{last}" for first, last in ((1, 10), (11, 20), (21, 25))
    ]
    assert receiver.records() == ALL


@pytest.mark.parametrize("where", range(1, 40))
def test_killed_at_any_step_each_record_is_told_once(world: World, where: int) -> None:
    receiver = Receiver(["ok", "answer lost", "later"])
    receiver.on_the_way = world.step
    world.die_at = where
    try:
        run(world, receiver)
        finished = True
    except Killed:
        finished = False
    world.restart()
    run(world, receiver)

    assert receiver.records() == ALL
    if finished:
        assert where > world.steps - 2  # every earlier step was a place to die at


MOODS = st.sampled_from(["ok", "later", "lost", "answer lost", "refuse", "broken"])


@settings(max_examples=settings().max_examples // 4)
@given(script=st.lists(MOODS, max_size=12), deaths=st.lists(st.integers(1, 12), max_size=4))
def test_whatever_a_receiver_does_nothing_is_lost_doubled_or_out_of_order(
    tmp_path_factory: pytest.TempPathFactory, script: list[str], deaths: list[int]
) -> None:
    world = World(tmp_path_factory.mktemp("world"))
    receiver = Receiver(script)
    receiver.on_the_way = world.step
    for death in deaths:
        world.die_at = world.steps + death
        try:
            run(world, receiver)
        except Killed:
            world.restart()
    world.die_at = None
    run(world, receiver)

    set_aside = {
        (one.first, one.last) for one in receiver.refused if one.key not in receiver.applied
    }
    in_place = [record for first, last in sorted(set_aside) for record in range(first, last + 1)]
    assert sorted(receiver.records() + in_place) == ALL
    assert receiver.records() == sorted(receiver.records())
    keys = [parcel.key for _, parcel in receiver.tries]
    assert keys == sorted(keys, key=keys.index)
    world.store.close()


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
