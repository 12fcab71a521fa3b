"""The nemesis strikes what its schedule says, when it says, and leaves everything up."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.history import History, Struck
from simulator.nemesis import Blow, Nemesis, schedule

TARGETS = st.lists(st.sampled_from(["agent", "broker", "link"]), max_size=6)


class Sleeper:
    """A real child process that does nothing."""

    def __init__(self) -> None:
        self.lives: list[subprocess.Popen[bytes]] = []
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-S", "-c", "import time; time.sleep(600)"]
        self.lives.append(subprocess.Popen(command))

    def kill(self) -> None:
        self.lives[-1].kill()
        self.lives[-1].wait()


class Line:
    """A link that says whether it is whole."""

    def __init__(self) -> None:
        self.whole = True

    def cut(self) -> None:
        self.whole = False

    def heal(self) -> None:
        self.whole = True


@pytest.fixture
def sleeper() -> Iterator[Sleeper]:
    made = Sleeper()
    yield made
    made.kill()


def struck(history: History) -> list[tuple[str, str]]:
    return [(e.action, e.target) for e in history.events() if isinstance(e, Struck)]


def test_a_killed_process_dies_of_sigkill_and_comes_back_as_another(sleeper: Sleeper) -> None:
    history = History()
    Nemesis({"agent": sleeper}, history, time.time).run([Blow(0.0, 0.0, "agent")])
    first, second = sleeper.lives

    assert first.returncode == -9
    assert second.poll() is None
    assert struck(history) == [("kill", "agent"), ("start", "agent")]


def test_the_history_tells_when(sleeper: Sleeper) -> None:
    history = History()
    begun_ms = time.time() * 1_000
    nemesis = Nemesis({"agent": sleeper}, history, time.time)
    nemesis.run([Blow(0.05, 0.05, "agent"), Blow(0.2, 0.05, "agent")])
    times = [event.at_ms - begun_ms for event in history.events()]

    assert times == sorted(times)
    assert times[0] >= 50
    assert times[1] - times[0] >= 50
    assert times[2] >= 200
    assert len(sleeper.lives) == 3


def test_a_link_is_cut_and_healed() -> None:
    line, history = Line(), History()
    nemesis = Nemesis({"link": line}, history, time.time)
    nemesis.strike("link")
    assert not line.whole
    nemesis.mend("link")
    assert line.whole
    assert struck(history) == [("cut", "link"), ("heal", "link")]


def test_stopping_in_the_middle_of_a_blow_mends_at_once(sleeper: Sleeper) -> None:
    history = History()
    nemesis = Nemesis({"agent": sleeper}, history, time.time)
    nemesis.start([Blow(0.0, 600.0, "agent"), Blow(700.0, 1.0, "agent")])
    end = time.monotonic() + 10
    while not struck(history) and time.monotonic() < end:
        time.sleep(0.005)
    nemesis.stop()

    assert struck(history) == [("kill", "agent"), ("start", "agent")]
    assert sleeper.lives[-1].poll() is None


def test_a_victim_that_cannot_be_started_is_not_kept_secret() -> None:
    class Stillborn:
        def kill(self) -> None:
            pass

        def start(self) -> None:
            raise OSError("no such program")

    nemesis = Nemesis({"agent": Stillborn()}, History(), time.time)
    nemesis.start([Blow(0.0, 0.0, "agent")])
    with pytest.raises(OSError, match="no such program"):
        nemesis.stop()


@given(seed=st.integers(0, 2**32), targets=TARGETS)
def test_a_seed_gives_the_same_schedule_again(seed: int, targets: list[str]) -> None:
    def drawn() -> tuple[Blow, ...]:
        return schedule(random.Random(seed), targets, 5.0, 20.0, (0.5, 2.0))

    assert drawn() == drawn()


@given(
    seed=st.integers(0, 2**32),
    targets=TARGETS,
    begin_s=st.floats(0, 100),
    length_s=st.floats(0.1, 100),
)
def test_blows_keep_their_order_and_never_overlap(
    seed: int, targets: list[str], begin_s: float, length_s: float
) -> None:
    end_s = begin_s + length_s
    blows = schedule(random.Random(seed), targets, begin_s, end_s, (0.5, 2.0))

    assert [blow.target for blow in blows] == targets
    up_at_s = begin_s
    for blow in blows:
        assert blow.at_s >= up_at_s - 1e-9
        assert 0 < blow.down_s <= 2.0
        up_at_s = blow.at_s + blow.down_s
    assert up_at_s <= end_s + 1e-9
