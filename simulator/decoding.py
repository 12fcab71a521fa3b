"""Figures of reading codes: the agent beside biip, the cradle beside its interpreter's own C.

Both in one run on one machine: trust the ratios.
"""

from __future__ import annotations

import os
import random
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from protocol.codes import Classifier
from simulator import image
from simulator.parts import MICROPYTHON, find

_PAYLOADS = 20_000
_PEER_PAYLOADS = 2_000  # biip takes its time
_ROUNDS = 5
_SEED = 3
_HEAP = "192k"
# chip.md, section 3, unix port: µs of a 20-digit check by isdigit(), and of 01-17-10-21 in
# bytecode. The machine of this run is compared with that one by isdigit(), which both timed.
_REFERENCE_US = {"isdigit": 0.12, "gs1": 2.3}

_ON_CRADLE = Path(__file__).with_name("decode_on_cradle.py")


def decode() -> dict[str, Any]:
    """Measure how fast codes are read, whole: kind, canonical key, elements.

    Returns:
        by payload: scans/s of ours and of biip (a release that reads both), and how many times
        as fast ours is; for the cradle by size of its AI table: ns a check, octets allocated a
        check, octets of heap of the table.

    Raises:
        ModuleNotFoundError: biip, which is a development extra, is not installed.
    """
    rng = random.Random(_SEED)
    return {
        "GS1 DataMatrix": _beside_biip(b"d2", [_gs1(rng) for _ in range(_PAYLOADS)]),
        "MSFX20": _beside_biip(b"C0", [_msfx20(rng) for _ in range(_PAYLOADS)]),
        "cradle, pharma table": _on_cradle("pharma"),
        "cradle, whole table": _on_cradle("whole"),
    }


def _gs1(rng: random.Random) -> bytes:
    """GTIN, serial, lot and expiry, in one of the orders that makers print."""
    body = f"0899999900{rng.randrange(1000):03}"
    digits = sum(int(digit) * (3, 1)[at % 2] for at, digit in enumerate(body))
    gtin = f"01{body}{-digits % 10}"
    expiry = f"17{rng.randrange(27, 32)}{rng.randrange(1, 13):02}00"
    lot, serial = f"10L{rng.randrange(10**5):05}", f"219{rng.randrange(10**9):09}"
    orders = (
        f"{gtin}{expiry}{lot}\x1d{serial}",
        f"{gtin}{serial}\x1d{expiry}{lot}",
        f"{gtin}{lot}\x1d{expiry}{serial}",
    )
    return rng.choice(orders).encode()


def _msfx20(rng: random.Random) -> bytes:
    return f"89999999{rng.randrange(10**12):012}".encode()


def _beside_biip(symbology: bytes, payloads: list[bytes]) -> dict[str, Any]:
    import biip  # noqa: PLC0415  # a peer, and not one of our dependencies

    def theirs(text: str) -> None:
        with suppress(biip.ParseError):  # to refuse takes time as well
            biip.parse(text)

    classifier = Classifier()
    ours = _least_us(lambda data: classifier.code(symbology, data), payloads)
    head = f"]{symbology.decode()}"
    peer = _least_us(theirs, [head + data.decode() for data in payloads[:_PEER_PAYLOADS]])
    return {
        "scans_s": round(1e6 / ours),
        "biip_scans_s": round(1e6 / peer),
        "times as fast": round(peer / ours, 1),
    }


def _least_us(work: Callable[[Any], object], items: Sequence[Any]) -> float:
    """Time one call, as the best of several rounds over all items."""
    rounds = []
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        for item in items:
            work(item)
        rounds.append(time.perf_counter() - start)
    return min(rounds) / len(items) * 1e6


def _on_cradle(table: str) -> dict[str, Any]:
    folder = image.build(table=table)
    told: dict[str, Any] = {}
    # Apart: how fast names are looked up hangs on what was loaded in which order.
    for what in ("heap", "speed"):
        command = [find(MICROPYTHON), "-X", f"heapsize={_HEAP}", str(_ON_CRADLE), what]
        places = {"MICROPYPATH": f"{folder}:.frozen"}
        done = subprocess.run(
            command, env=os.environ | places, capture_output=True, text=True, check=True
        )
        for line in done.stdout.splitlines():
            unit, rest = line.split(" ", 1)
            name, number = rest.rsplit(" ", 1)
            told[f"{name}, {unit}"] = int(number)
    speed = told["isdigit, ns"] / 1000 / _REFERENCE_US["isdigit"]
    told["gs1, share of the bytecode reference"] = round(
        told["gs1, ns"] / 1000 / (_REFERENCE_US["gs1"] * speed), 2
    )
    return told
