"""What an engine sends comes out of its tty, whole and in order, whoever reads it and when."""

from __future__ import annotations

import os
import select
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.engine import Engine, LineBlocked

GOOD = b"]C089999999000000000018"
OTHER = b"]d189999999000000000025"


@pytest.fixture
def engine() -> Iterator[Engine]:
    with Engine() as made:
        yield made


def read_tty(path: str, count: int) -> bytes:
    """Open the tty as a cradle does, and read ``count`` octets, or what came before a silence."""
    tty = os.open(path, os.O_RDWR | os.O_NOCTTY)
    octets = b""
    while len(octets) < count and select.select([tty], [], [], 2.0)[0]:
        octets += os.read(tty, count - len(octets))
    os.close(tty)
    return octets


def is_silent(path: str) -> bool:
    tty = os.open(path, os.O_RDWR | os.O_NOCTTY)
    ready = select.select([tty], [], [], 0.05)[0]
    os.close(tty)
    return not ready


def test_frames_are_glued_and_terminated(engine: Engine) -> None:
    engine.send(GOOD, None, OTHER)
    expected = GOOD + b"\r\nNOREAD\r\n" + OTHER + b"\r\n"

    assert read_tty(engine.path, len(expected)) == expected
    assert is_silent(engine.path)


def test_the_line_discipline_changes_no_octet(engine: Engine) -> None:
    every = bytes(range(256))
    engine.put(every)

    assert read_tty(engine.path, 256) == every


def test_an_engine_without_identifiers_sends_the_data_only() -> None:
    with Engine(terminator=b"\r", aim=False) as engine:
        engine.send(GOOD)

        assert read_tty(engine.path, 21) == GOOD[3:] + b"\r"


def test_an_engine_may_be_silent_when_it_reads_nothing() -> None:
    with Engine(no_read=b"") as engine:
        engine.send(None)

        assert is_silent(engine.path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, 50), max_size=6).map(sorted))
def test_cuts_change_the_times_and_not_the_octets(engine: Engine, cuts: list[int]) -> None:
    engine.send(GOOD, OTHER, cut_at=cuts)

    assert read_tty(engine.path, 50) == GOOD + b"\r\n" + OTHER + b"\r\n"


def test_the_line_is_silent_at_every_cut() -> None:
    naps: list[float] = []
    with Engine(sleep=naps.append) as engine:
        engine.send(GOOD, cut_at=(3, 9), pause_s=0.2)

    assert naps == [0.2, 0.2]


def test_the_tty_outlives_its_reader(engine: Engine) -> None:
    engine.send(GOOD)
    assert read_tty(engine.path, 25) == GOOD + b"\r\n"
    engine.send(OTHER)  # nobody has it open now
    assert read_tty(engine.path, 25) == OTHER + b"\r\n"


def test_a_wire_keeps_nothing_for_a_cradle_that_was_off(engine: Engine) -> None:
    engine.send(GOOD)
    engine.forget()
    engine.send(OTHER)

    assert read_tty(engine.path, 25) == OTHER + b"\r\n"


def test_octets_come_at_the_pace_of_the_line() -> None:
    now = 0.0

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    with Engine(baud=9600, clock=lambda: now, sleep=sleep) as engine:
        engine.send(GOOD)

        assert now == pytest.approx(25 * 10 / 9600)
        assert read_tty(engine.path, 25) == GOOD + b"\r\n"


def test_a_reader_that_never_reads_is_noticed() -> None:
    with Engine(patience_s=0.05) as engine, pytest.raises(LineBlocked, match="nobody reads"):
        engine.put(bytes(1_000_000))


CRADLE = """
import asyncio, sys
async def main():
    tty = asyncio.StreamReader(open(sys.argv[1], "r+b", buffering=0))
    buf = bytearray(256)
    while True:
        count = await tty.readinto(buf)
        sys.stdout.write(bytes(buf[:count]).hex())
        if count and buf[count - 1] == 10:
            break
asyncio.run(main())
"""


def test_micropython_reads_the_tty_as_a_uart(
    engine: Engine, micropython_program: str, tmp_path: Path
) -> None:
    script = tmp_path / "cradle.py"
    script.write_text(CRADLE)
    command = [micropython_program, str(script), engine.path]
    cradle = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        engine.send(GOOD, cut_at=(1, 4, 20), pause_s=0.05)
        said, _ = cradle.communicate(timeout=10)
    finally:
        cradle.kill()

    assert bytes.fromhex(said.decode()) == GOOD + b"\r\n"
