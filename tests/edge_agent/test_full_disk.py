"""A disk that is really full: no more acknowledgements, nothing lost, and on by itself."""

from __future__ import annotations

import resource
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from edge_agent.domain.model import Answer
from edge_agent.ingest.decode import Decoder
from edge_agent.ingest.inbox import Post
from edge_agent.ingest.writer import Writer
from edge_agent.store import ledger, verify
from edge_agent.store.sqlite import Store, View
from protocol.shapes import State
from tests.edge_agent.conftest import STORE_ID, SetClock
from tests.edge_agent.words import accepting, code, octets, scan, up

RECORDS = 64
BATCHES = 800


class World:
    """What was acknowledged."""

    def __init__(self) -> None:
        self.acknowledged: set[int] = set()

    def answer(self, answers: Sequence[Answer]) -> None: ...
    def acknowledge(self, receipts: Sequence[tuple[int, int]]) -> None:
        self.acknowledged.update(packet for _, packet in receipts)

    def heard(self, device: str, state: State, at_ms: int) -> None: ...
    def held(self, holds: object) -> None: ...
    def booked(self) -> None: ...


@contextmanager
def small_files(folder: Path) -> Iterator[tuple[Path, Callable[[], None]]]:
    """The system refuses to let any file of this process grow beyond 2 MiB."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 << 20, hard))

    def make_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    try:
        yield folder, make_room
    finally:
        make_room()


@contextmanager
def small_disk(folder: Path) -> Iterator[tuple[Path, Callable[[], None]]]:
    """A file system of 2 MiB."""
    place = folder / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(place)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("a file system can be mounted by root only")

    def make_room() -> None:
        subprocess.run(["mount", "-o", "remount,size=64m", str(place)], check=True)

    try:
        yield place, make_room
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.mark.parametrize("filled", [small_files, small_disk])
def test_when_the_disk_is_full_nothing_is_acknowledged_and_nothing_lost(
    filled: Callable[[Path], AbstractContextManager[tuple[Path, Callable[[], None]]]],
    tmp_path: Path,
) -> None:
    world = World()
    with filled(tmp_path) as (folder, make_room):
        store = Store(folder / "scandock.db", lambda: STORE_ID)
        view = View(store.path)
        writer = Writer(store, Decoder("demo"), accepting(), world, SetClock())
        writer.start()
        for number in range(BATCHES):
            records = [
                scan(RECORDS * number + i, code(RECORDS * number + i)) for i in range(RECORDS)
            ]
            writer.inbox.put(Post(up(), octets(*records), 1_700_000_000_000, (1, number + 1)))
        until(lambda: writer.trouble, "trouble")

        # What was acknowledged until now is on disk, and whoever looks sees a whole store.
        before = set(world.acknowledged)
        with view.read() as tx:
            booked = ledger.next_number(tx) - 1
        assert 0 < len(before) < BATCHES
        assert booked == RECORDS * len(before)
        assert verify.verify(view).finding is None
        until(lambda: writer.counters.troubles > 2, "more tries")
        assert world.acknowledged == before

        make_room()
        until(lambda: len(world.acknowledged) == BATCHES, "the rest")
        assert writer.trouble == ""
        report = verify.verify(view)
        assert (report.records, report.finding) == (RECORDS * BATCHES, None)
        writer.stop()
        view.close()
        store.close()


def until(done: Callable[[], object], what: str) -> None:
    end = time.monotonic() + 30
    while not done():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.01)
