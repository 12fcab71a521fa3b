"""Fills a new store with units that passed long ago: `python -m edge_agent.bench.fill --help`.

Only what a scan looks at is written, the table of units; the ledger stays empty, since nothing on
the way of a scan reads what is old in it.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import click

from edge_agent import config
from edge_agent.domain.documents import BY_NOTHING, EXPECTED, Document
from edge_agent.store import codes, documents
from edge_agent.store.codes import Note
from edge_agent.store.sqlite import Store

_SEED = 8
_CHUNK = 100_000
# Makers number through; these numbers are none of those that the simulator's light cradles draw.
_FIRST = 50_000_000


@click.command()
@click.option("-c", "--config", "path", type=click.Path(path_type=Path), required=True)
@click.option("--units", type=click.IntRange(0, 100_000_000), default=0)
@click.option("--random-codes", is_flag=True, help="Codes without any order, unlike real ones.")
@click.option("--stations", default="", help="A document is open at these, separated by commas.")
def fill(path: Path, units: int, random_codes: bool, stations: str) -> None:
    """Fill the store of the agent that CONFIG describes."""
    store = Store(config.load(path).store.path, partial(os.urandom, 16))
    rng = random.Random(_SEED)
    for first in range(0, units, _CHUNK):
        count = min(_CHUNK, units - first)
        with store.write() as tx:
            codes.write(tx, _notes(rng, first, count, random_codes))
    if stations:
        counting = Document(0, "BENCH", "stock_take", "", "", "", EXPECTED, BY_NOTHING, 0)
        with store.write() as tx:
            documents.add(tx, counting)
            for device in stations.split(","):
                documents.bind_station(tx, 0, "bench", device, "BENCH")
    store.close()


def _notes(rng: random.Random, first: int, count: int, random_codes: bool) -> Iterator[Note]:
    for number in range(first, first + count):
        again, place = divmod(number, _FIRST)  # beyond the eight digits that are left, once more
        digits = f"89999999{_FIRST + place:08}{again}{rng.randrange(1000):03}"
        if random_codes:
            digits = f"89999999{rng.randrange(10**12):012}"
        yield int(digits).to_bytes(9, "big"), number + 1, 1, number, 0, 0, 0


if __name__ == "__main__":
    fill()
