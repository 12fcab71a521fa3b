"""A store in a folder of its own, a clock that a test sets, a real broker, and a cradle's words."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edge_agent.store.sqlite import Store, View
from simulator.broker import Broker

STORE_ID = bytes(range(16))


class SetClock:
    """A clock that says what a test wants. Waiting takes no time; each wait is noted."""

    def __init__(self) -> None:
        self.ms = 1_700_000_000_000
        self.waits: list[float] = []

    def now_ms(self) -> int:
        return self.ms

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        self.ms += int(seconds * 1000)
        self.waits.append(seconds)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def open_store(tmp_path: Path) -> Iterator[Callable[[], Store]]:
    """Open the store of this test; a call closes the one before, as a restart would."""
    opened: list[Store] = []

    def reopen() -> Store:
        while opened:
            opened.pop().close()
        opened.append(Store(tmp_path / "scandock.db", lambda: STORE_ID))
        return opened[0]

    yield reopen
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Callable[[], Store]) -> Store:
    return open_store()


@pytest.fixture
def view(store: Store) -> Iterator[View]:
    looking = View(store.path)
    yield looking
    looking.close()


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory, mosquitto_program: str) -> Iterator[Broker]:
    """A real Mosquitto. Tests share it, so each uses a site of its own."""
    with Broker(tmp_path_factory.mktemp("broker")) as running:
        yield running


_sites = itertools.count(1)


@pytest.fixture
def site() -> str:
    """A site that no other test uses."""
    return f"site-{next(_sites)}"
