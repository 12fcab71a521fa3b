"""The bench that the tests of this room run on: `--bench unix` is this machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulator.station import Station

BENCHES = ("unix",)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--bench", default="unix", help=f"one of: {', '.join(BENCHES)}")


def pytest_configure(config: pytest.Config) -> None:
    named = config.getoption("--bench")
    if named not in BENCHES:
        known = ", ".join(BENCHES)
        raise pytest.UsageError(f"--bench {named}: no such bench; known: {known}")


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    """One cradle with its engine, broker, agent and receiver, running."""
    with Station(tmp_path_factory.mktemp("bench"), cradles=1) as station:
        station.wait_until_ready()
        yield station
