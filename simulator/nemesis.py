"""Kills, cuts and mends parts of the chain at times from a seed, and writes down each blow."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable

from simulator.history import History, Struck


@runtime_checkable
class Killable(Protocol):
    """A process: ``kill`` is SIGKILL and returns when it is dead, ``start`` starts it anew."""

    def kill(self) -> None: ...

    def start(self) -> None: ...


@runtime_checkable
class Cuttable(Protocol):
    """A link: ``cut`` makes it dead, ``heal`` makes it whole."""

    def cut(self) -> None: ...

    def heal(self) -> None: ...


Victim: TypeAlias = Killable | Cuttable


@dataclass(frozen=True, slots=True)
class Blow:
    """``target`` is down from ``at_s`` after the start, for ``down_s``; seconds."""

    at_s: float
    down_s: float
    target: str


def schedule(
    rng: random.Random,
    targets: Sequence[str],
    begin_s: float,
    end_s: float,
    down_s: tuple[float, float],
) -> tuple[Blow, ...]:
    """Return one blow for each of ``targets``, in its order, spread over the time.

    Name a target twice to have it struck twice. Each has a slice of the time for itself and is up
    again before the next is struck.

    Args:
        down_s: the shortest and the longest time down. A slice that is shorter cuts it.
    """
    slice_s = (end_s - begin_s) / len(targets) if targets else 0.0
    blows = []
    for place, target in enumerate(targets):
        down = min(rng.uniform(*down_s), slice_s)
        at_s = begin_s + place * slice_s + rng.uniform(0.0, slice_s - down)
        blows.append(Blow(at_s, down, target))
    return tuple(blows)


class Nemesis:
    """Carries out a schedule on a thread of its own.

    Args:
        clock: UTC, seconds since 1970, for the history.
    """

    def __init__(
        self, victims: Mapping[str, Victim], history: History, clock: Callable[[], float]
    ) -> None:
        self._victims = victims
        self._history = history
        self._clock = clock
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._failure: Exception | None = None

    def start(self, blows: Sequence[Blow]) -> None:
        """Begin, and return at once."""
        self._thread = threading.Thread(target=self._run_aside, args=(blows,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Strike no more. When this returns, whatever was down is up again.

        Raises:
            Exception: what ended the thread, if a victim could not be struck or mended.
        """
        self._stopping.set()
        if self._thread:
            self._thread.join()
        if self._failure:
            raise self._failure

    def run(self, blows: Sequence[Blow]) -> None:
        """Strike each in turn, and wait for the end."""
        begun = self._clock()
        for blow in blows:
            if self._stopping.wait(max(0.0, begun + blow.at_s - self._clock())):
                return
            self.strike(blow.target)
            self._stopping.wait(blow.down_s)
            self.mend(blow.target)

    def _run_aside(self, blows: Sequence[Blow]) -> None:
        try:
            self.run(blows)
        except Exception as error:  # told to whoever calls stop
            self._failure = error

    def strike(self, target: str) -> None:
        """Kill or cut ``target`` now."""
        victim = self._victims[target]
        if isinstance(victim, Killable):
            self._note("kill", target)
            victim.kill()
        else:
            self._note("cut", target)
            victim.cut()

    def mend(self, target: str) -> None:
        """Start or heal ``target`` now."""
        victim = self._victims[target]
        if isinstance(victim, Killable):
            victim.start()
            self._note("start", target)
        else:
            victim.heal()
            self._note("heal", target)

    def _note(self, action: str, target: str) -> None:
        self._history.add(Struck(self._clock() * 1_000, action, target))
