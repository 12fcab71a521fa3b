"""Plays a shift: holds things before one cradle as the script says, and watches its lamp."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator

from simulator.shift import Read, Visit
from simulator.station import Answered, Place, look_at

# An operator stops when the lamp stays dark. Well below what a cradle's window holds, so that no
# read is refused in the middle of a script.
_AHEAD_MAX = 100
_POLL_S = 0.005


class Operator(threading.Thread):
    """One person at one cradle. Joined when everything was presented, or patience ran out.

    Args:
        visits: those of this cradle, in order.
        answered: shared by all operators of the shift.
        patience_s: how long to wait for an answer. What was not presented by then does not come;
            ``presented`` and ``to_present`` tell.
    """

    def __init__(
        self, place: Place, visits: Iterable[Visit], answered: Answered, patience_s: float = 30.0
    ) -> None:
        super().__init__(name=f"operator of {place.device}", daemon=True)
        self._place = place
        self._visits = tuple(visits)
        self._answered = answered
        self._patience_s = patience_s
        self.presented = 0
        self.to_present = sum(len(visit.reads) for visit in self._visits)

    def run(self) -> None:
        for visit in self._visits:
            if visit.after is not None:
                ago_s = self._answered.wait(visit.after, self._patience_s)
                if ago_s is None:
                    return
                time.sleep(max(0.0, visit.wait_ms / 1000 - ago_s))
            # Only here: within a visit the times between reads decide what the answers must be.
            if not self._until(lambda: self._place.outstanding() < _AHEAD_MAX):
                return
            for reads in _breaths(visit.reads):
                due = time.monotonic() + reads[0].gap_ms / 1000
                seen = look_at(reads)
                time.sleep(max(0.0, due - time.monotonic()))
                self._place.send(reads, seen)
                self.presented += len(reads)

    def _until(self, condition: Callable[[], bool]) -> bool:
        end = time.monotonic() + self._patience_s
        while not condition():
            if time.monotonic() > end:
                return False
            time.sleep(_POLL_S)
        return True


def _breaths(reads: Iterable[Read]) -> Iterator[list[Read]]:
    """Split reads into those that an engine sends with one write."""
    breath: list[Read] = []
    for read in reads:
        if breath and read.gap_ms:
            yield breath
            breath = []
        breath.append(read)
    if breath:
        yield breath
