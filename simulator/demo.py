"""The whole chain on this machine: goods pass three cradles while parts of the chain are killed.

The first cradle receives by document, from a packing list that does not quite fit.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from simulator import checker, delivery, papers, world
from simulator.delivery import Delivery, Difference
from simulator.nemesis import Nemesis, schedule
from simulator.operator import Operator
from simulator.shift import shift
from simulator.station import Station

CRADLES = 3

_DOWN_S = (0.5, 1.5)
_SETTLE_S = 40.0
_READS_A_PACK = 1.7  # no-reads, re-reads and what else comes before a cradle, and the waits between
_LOOK_S = 0.25
_CHINA = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Document:
    """What the agent says of the packing list at the end, beside what it must say."""

    due: Delivery
    expected: int
    counted: int
    differences: frozenset[Difference]

    @property
    def ok(self) -> bool:
        return (self.expected, self.counted, self.differences) == (
            self.due.expected,
            self.due.counted,
            self.due.differences,
        )


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
    document: Document
    complete: bool
    verified: bool
    seconds: float
    heap: dict[str, int]

    @property
    def ok(self) -> bool:
        return self.result.ok and self.document.ok and self.complete and self.verified


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
    dock = station.places[0].device
    now = datetime.now(_CHINA)
    pallets = world.goods(rng, packs + delivery.PLANTED, now.date())
    made = [pack for pallet in pallets for case in pallet.cases for pack in case.packs]
    goods, absent = made[:packs], made[packs:]
    pace_ms = int(seconds * 1000 * CRADLES / packs / _READS_A_PACK)
    plain = shift(rng, goods, [place.device for place in station.places], pace_ms)
    due = delivery.delivery(rng, plain, goods, absent, dock, now)
    station.agent.add_settings(delivery.settings(dock))
    operators = [
        Operator(place, [one for one in due.visits if one.cradle == place.device], station.answered)
        for place in station.places
    ]
    nemesis = Nemesis(station.victims(), station.history, time.time)
    with station:
        station.wait_until_ready()
        _import(station, folder, "product", papers.product_table())
        _import(station, folder, "document", due.packing_list)
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
            document=_close(station, due),
            complete=settled and all(one.presented == one.to_present for one in operators),
            verified=station.agent.verify(),
            seconds=seconds,
            heap={place.device: place.cradle.heap for place in station.places},
        )


def _import(station: Station, folder: Path, what: str, text: str) -> None:
    file = folder / f"{what}.csv"
    file.write_text(text, encoding="utf-8")
    station.agent.ask(what, "import", str(file))


def _close(station: Station, due: Delivery) -> Document:
    """Try to close the document, which cannot be while there are differences."""
    station.agent.ask("document", "close", delivery.NUMBER, ends=1)
    shown = json.loads(station.agent.ask("document", "show", delivery.NUMBER, "--json", ends=1))
    return Document(
        due,
        expected=sum(line["quantity"] for line in shown["lines"]),
        counted=shown["counted"],
        differences=frozenset((one["kind"], one["code"]) for one in shown["findings"]),
    )
