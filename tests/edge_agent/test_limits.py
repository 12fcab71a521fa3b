"""Whatever the clock does and wherever the agent is killed, a limit holds and nobody stalls."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent import config
from edge_agent.connectors.limits import Limits, Spent
from edge_agent.errors import ConfigError
from edge_agent.store import outbox
from edge_agent.store.driver import Tx
from edge_agent.store.sqlite import Store
from tests.edge_agent.conftest import STORE_ID

MINUTE_MS, DAY_MS = 60_000, 86_400_000
BEGIN_MS = 1_700_000_000_000


class Step(NamedTuple):
    """Time passes, the clock is set, a call is tried for."""

    passes_ms: int  # AS_TOLD is as long as the caller was told to wait, ALMOST is a bit less
    set_ms: int  # by how much the clock on the wall is set
    on_its_way_ms: int  # how long after it was reserved the call is made
    killed: str  # "": not; or before the commit, between commit and call, or after the call


AS_TOLD, ALMOST = -1, -2

# Times that lie about the ends of slots and windows, and any others.
TIMES = st.sampled_from([1, 999, 1000, 59_999, 60_000, 1_439_999, 86_399_999, 90_000_000])
STEPS = st.builds(
    Step,
    passes_ms=st.sampled_from([0, AS_TOLD, ALMOST]) | st.sampled_from([0, ALMOST]) | TIMES,
    set_ms=st.just(0),
    on_its_way_ms=st.sampled_from([0, 0, 0, 20, 700, 90_000]),
    killed=st.sampled_from(["", "", "", "before", "between", "after"]),
)
BACK = STEPS | STEPS | st.builds(lambda step, by: step._replace(set_ms=-by), STEPS, TIMES)
ANYHOW = BACK | st.builds(lambda step, by: step._replace(set_ms=by), STEPS, TIMES)
LIMITS = st.tuples(st.sampled_from([1, 1, 2, 4]), st.sampled_from([1, 3, 12]))


class Killed(Exception):
    """The process ends at this instant."""


class Caller:
    """An agent that calls as soon as it may, on a wall clock that is not the real one."""

    def __init__(self, path: Path, limits: tuple[int, int]) -> None:
        self.path = path
        self.store = Store(path, lambda: STORE_ID)
        self.limits = Limits(*limits)
        self.real_ms = BEGIN_MS
        self.wall_ms = BEGIN_MS
        self.calls_ms: list[int] = []
        self.told_ms = 0
        with self.store.write() as tx:
            outbox.enrol(tx, "erp")

    def passes(self, ms: int) -> None:
        self.real_ms += ms
        self.wall_ms += ms

    def turn(self, die: bool = False) -> int:
        """Reserve a call, if it may be made; return how long to wait, 0 if it was reserved."""
        with self.store.write() as tx:
            wait_ms = self.limits.wait_ms(tx, "erp", self.wall_ms)
            if not wait_ms:
                self.limits.spend(tx, "erp")
            if die:
                raise Killed
        return wait_ms

    def step(self, step: Step) -> None:
        told_ms = self.told_ms * 99 // 100 if step.passes_ms == ALMOST else self.told_ms
        self.passes(told_ms if step.passes_ms < 0 else step.passes_ms)
        self.wall_ms += step.set_ms
        try:
            wait_ms = self.turn(die=step.killed == "before")
        except Killed:
            self.restart()
            return
        assert wait_ms <= DAY_MS
        self.told_ms = wait_ms
        if wait_ms:
            return
        if step.killed != "between":
            self.passes(step.on_its_way_ms)
            self.calls_ms.append(self.real_ms)
        if step.killed:
            self.restart()

    def restart(self) -> None:
        self.store.close()
        self.store = Store(self.path, lambda: STORE_ID)


@pytest.fixture
def caller(tmp_path: Path) -> Callable[[tuple[int, int]], Caller]:
    def make(limits: tuple[int, int]) -> Caller:
        return Caller(tmp_path / "scandock.db", limits)

    return make


@settings(max_examples=settings().max_examples // 2)
@given(limits=LIMITS, steps=st.lists(BACK, max_size=40))
def test_no_real_minute_or_day_has_more_calls_than_the_limit_though_the_clock_is_set_back(
    tmp_path_factory: pytest.TempPathFactory, limits: tuple[int, int], steps: list[Step]
) -> None:
    caller = Caller(tmp_path_factory.mktemp("limits") / "scandock.db", limits)
    for step in steps:
        caller.step(step)
    caller.store.close()

    within(caller.calls_ms, limits[0], MINUTE_MS)
    within(caller.calls_ms, limits[1], DAY_MS)


def within(calls_ms: list[int], limit: int, window_ms: int) -> None:
    """No stretch of that length has more calls than the limit."""
    for first, beyond in zip(calls_ms, calls_ms[limit:], strict=False):
        assert beyond - first >= window_ms


@settings(max_examples=settings().max_examples // 2)
@given(limits=LIMITS, steps=st.lists(ANYHOW, max_size=40))
def test_however_the_clock_was_set_nobody_waits_longer_than_a_day(
    tmp_path_factory: pytest.TempPathFactory, limits: tuple[int, int], steps: list[Step]
) -> None:
    caller = Caller(tmp_path_factory.mktemp("limits") / "scandock.db", limits)
    for step in steps:
        caller.step(step)
    # From here on the clock behaves. Whoever waits as long as he is told may then call.
    caller.passes(wait_ms := caller.turn())
    assert wait_ms <= DAY_MS
    if wait_ms:
        assert caller.turn() == 0
    caller.store.close()


def test_nobody_waits_longer_than_a_minute_for_a_limit_of_a_minute(
    caller: Callable[[tuple[int, int]], Caller],
) -> None:
    calling = caller((1, 0))
    calling.wall_ms += 365 * DAY_MS
    assert calling.turn() == 0
    assert calling.turn() == MINUTE_MS
    calling.wall_ms -= 365 * DAY_MS

    assert calling.turn() == MINUTE_MS
    calling.passes(MINUTE_MS)
    assert calling.turn() == 0


@pytest.mark.parametrize(("limit", "every_ms"), [(1, 300), (7, 300), (100, 10)])
def test_who_tries_all_the_time_gets_no_more_than_the_limit(
    store: Store, limit: int, every_ms: int
) -> None:
    dice, calls_ms, now_ms = random.Random(limit), list[int](), BEGIN_MS
    with store.write() as tx:
        outbox.enrol(tx, "erp")
        while now_ms < BEGIN_MS + 4 * MINUTE_MS:
            now_ms += dice.randrange(2 * every_ms)
            if not Limits(limit).wait_ms(tx, "erp", now_ms):
                Limits(limit).spend(tx, "erp")
                calls_ms.append(now_ms)

    assert len(calls_ms) > 3 * limit
    within(calls_ms, limit, MINUTE_MS)


@pytest.mark.parametrize(
    ("limits", "window_ms"), [((30, 0), MINUTE_MS), ((0, 500), DAY_MS), ((200, 500), DAY_MS)]
)
@pytest.mark.parametrize("takes_ms", [20, 700])
def test_a_limit_is_used_up_nearly_whole_and_costs_little(
    store: Store, limits: tuple[int, int], window_ms: int, takes_ms: int
) -> None:
    limit, pace = max(limits), Limits(*limits)
    now_ms = BEGIN_MS
    made = 0
    with store.write() as tx:
        outbox.enrol(tx, "erp")
        while now_ms < BEGIN_MS + 5 * window_ms:
            if wait_ms := pace.wait_ms(tx, "erp", now_ms):
                now_ms += wait_ms
            else:
                pace.spend(tx, "erp")
                made += 1
                now_ms += takes_ms
        assert made >= 5 * limit * 0.95
        assert len(outbox.pace(tx, "erp")) < 120 * 40


def test_receivers_do_not_share_a_limit_and_none_is_kept_without_one(store: Store) -> None:
    def call(tx: Tx, limits: Limits, receiver: str) -> int:
        if not (wait_ms := limits.wait_ms(tx, receiver, BEGIN_MS)):
            limits.spend(tx, receiver)
        return wait_ms

    with store.write() as tx:
        for receiver in ("a", "b", "free"):
            outbox.enrol(tx, receiver)
        assert [call(tx, Limits(1), one) for one in "aabb"] == [0, MINUTE_MS, 0, MINUTE_MS]
        assert [call(tx, Limits(), "free") for _ in range(9)] == [0] * 9
        assert outbox.pace(tx, "free") == ""


def test_a_limit_that_is_new_counts_the_calls_made_under_the_old_one(store: Store) -> None:
    with store.write() as tx:
        outbox.enrol(tx, "erp")
        for _ in range(3):
            assert Limits(per_minute=5).wait_ms(tx, "erp", BEGIN_MS) == 0
            Limits(per_minute=5).spend(tx, "erp")

        assert Limits(per_day=3).wait_ms(tx, "erp", BEGIN_MS + MINUTE_MS) == DAY_MS
        assert Spent().minute == []


def test_limits_are_settings_of_a_receiver(tmp_path: Path) -> None:
    path = tmp_path / "agent.toml"
    host = 'site = "demo"\n[[connectors]]\ntype = "host"\nname = "erp"\nurl = "http://erp/"\n'
    path.write_text(host)
    found = config.load(path).connectors[0]
    assert (found.calls_per_minute, found.calls_per_day) == (0, 0)
    assert (found.failures_max, found.probe_s) == (8, 60.0)

    path.write_text(host + "calls_per_day = -1\n")
    with pytest.raises(ConfigError, match=r"connectors\[0\].calls_per_day = -1: expected int >= 0"):
        config.load(path)
    path.write_text(host + "calls_per_minutes = 5\n")
    with pytest.raises(ConfigError, match="did you mean `calls_per_minute`"):
        config.load(path)
