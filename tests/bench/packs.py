"""How long questions about packs take among many codes: `python -m tests.bench.packs [PALLETS]`.

A pallet is 40 cases of 200 smallest packs; 125 of them are a million codes, all scanned once.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from edge_agent.domain.packs import FILE, Statement
from edge_agent.domain.states import ACCEPTED, DISPENSED
from edge_agent.store import codes, packing, packs
from edge_agent.store.sqlite import Store
from protocol import keys

_CASES, _EACH = 40, 200
_TIMES = 50


def key(level: int, serial: int) -> bytes:
    """A code of no real product, its last four digits as if drawn."""
    return keys.msfx(b"899999%d9%08d%04d" % (level, serial, serial * 7919 % 10_000))


def fill(store: Store, pallets: int) -> float:
    """Take the relation files of ``pallets`` and scan every smallest pack; return seconds for the
    files alone."""
    spent = 0.0
    for pallet in range(pallets):
        cases = range(pallet * _CASES, (pallet + 1) * _CASES)
        said = [Statement(key(3, pallet), tuple(key(2, case) for case in cases), 3)]
        for case in cases:
            smalls = range(case * _EACH, (case + 1) * _EACH)
            said.append(Statement(key(2, case), tuple(key(1, one) for one in smalls), 2))
        began = time.perf_counter()
        with store.write() as tx:
            packing.take(tx, 0, "bench", said, FILE, "pack.import", {})
        spent += time.perf_counter() - began
        units = [unit for one in said[1:] for unit in one.children]
        with store.write() as tx:
            # One in twenty has left by itself.
            codes.write(
                tx,
                [
                    (unit, at + 1, 1, 0, ACCEPTED if at % 20 else DISPENSED, 1, at + 1)
                    for at, unit in enumerate(units)
                ],
            )
    return spent


def timed(work: Callable[[int], object], pallets: int, dice: random.Random) -> dict[str, float]:
    """Run ``work`` on pallets drawn; milliseconds on the wall, and of our CPU time."""
    taken, busy = [], []
    for _ in range(_TIMES):
        pallet = dice.randrange(pallets)
        began = time.perf_counter(), time.process_time()
        work(pallet)
        taken.append(1000 * (time.perf_counter() - began[0]))
        busy.append(1000 * (time.process_time() - began[1]))
    return {"p50_ms": round(median(taken), 3), "p50_cpu_ms": round(median(busy), 3)}


def main() -> None:
    pallets = int(sys.argv[1]) if len(sys.argv) > 1 else 125
    dice = random.Random(1)
    with TemporaryDirectory() as folder:
        path = Path(folder, "scandock.db")
        store = Store(path, lambda: bytes(16))
        spent = fill(store, pallets)
        smalls = pallets * _CASES * _EACH
        with store.write() as tx:
            questions: dict[str, Callable[[int], object]] = {
                "left in a pallet": lambda pallet: packs.left(tx, key(3, pallet)),
                "all in a pallet": lambda pallet: packs.descendants(tx, key(3, pallet)),
                "where is a smallest pack": lambda pallet: packs.where(
                    tx, key(1, pallet * _CASES * _EACH)
                ),
                "packs around 64": lambda pallet: packs.ancestors(
                    tx, [key(1, pallet * _CASES * _EACH + at * 100) for at in range(64)]
                ),
            }
            figures: dict[str, object] = {
                name: timed(work, pallets, dice) for name, work in questions.items()
            }
            octets = {
                name: size
                for name, size in tx.execute(
                    "SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC"
                )
                if "pack" in name or name == "link"
            }
        store.close()
        figures["smallest packs"] = smalls
        figures["import, packs a second"] = round(smalls / spent)
        figures["octets a smallest pack"] = round(sum(octets.values()) / smalls, 1)
        print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
