"""The whole chain on this machine: goods pass three cradles while parts of the chain are killed."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from simulator import checker, world
from simulator.nemesis import Nemesis, schedule
from simulator.operator import Operator
from simulator.shift import shift
from simulator.station import Station

CRADLES = 3

_DOWN_S = (0.5, 1.5)
_SETTLE_S = 40.0
_READS_A_PACK = 1.7  # no-reads, re-reads and what else comes before a cradle, and the waits between
_LOOK_S = 0.25


@dataclass(frozen=True)
class Outcome:
    """What a run came to.

    Attributes:
        complete: every read was presented, answered and forwarded in time.
        verified: the hash chain of the agent's ledger is whole.
        seconds: from the first read to the last answer.
        heap: the most octets that each cradle's heap held, by device.
    """

    result: checker.Result
    complete: bool
    verified: bool
    seconds: float
    heap: dict[str, int]

    @property
    def ok(self) -> bool:
        return self.result.ok and self.complete and self.verified


def run(
    folder: Path,
    seed: int,
    packs: int,
    seconds: float,
    look: Callable[[Station, Sequence[Operator]], None],
    struck: Sequence[str] = ("agent", "broker"),
    host_faults: str = "",
) -> Outcome:
    """Let ``packs`` packs pass within about ``seconds``, and judge what became of them.

    Args:
        folder: empty; what every part wrote stays there.
        look: called a few times a second.
        struck: what is killed or cut on the way, in this order, and started or healed again.
        host_faults: what goes wrong at the receiver, as of simulator.faults.
    """
    rng = random.Random(seed)
    station = Station(folder, CRADLES, host_faults, with_link="link" in struck)
    goods = [
        pack for pallet in world.goods(rng, packs) for case in pallet.cases for pack in case.packs
    ]
    pace_ms = int(seconds * 1000 * CRADLES / packs / _READS_A_PACK)
    visits = shift(rng, goods, [place.device for place in station.places], pace_ms)
    operators = [
        Operator(place, [one for one in visits if one.cradle == place.device], station.answered)
        for place in station.places
    ]
    nemesis = Nemesis(station.victims(), station.history, time.time)
    with station:
        station.wait_until_ready()
        begun = time.monotonic()
        nemesis.start(schedule(rng, struck, seconds * 0.2, seconds * 0.8, _DOWN_S))
        for operator in operators:
            operator.start()
        while any(operator.is_alive() for operator in operators):
            look(station, operators)
            time.sleep(_LOOK_S)
        nemesis.stop()
        settled = station.settle(_SETTLE_S)
        seconds = time.monotonic() - begun
        look(station, operators)
        return Outcome(
            result=checker.check(station.events()),
            complete=settled and all(one.presented == one.to_present for one in operators),
            verified=station.agent.verify(),
            seconds=seconds,
            heap={place.device: place.cradle.heap for place in station.places},
        )
