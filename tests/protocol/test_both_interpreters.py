"""On the interpreter of the cradle and on the agent's, this room says the same, line by line."""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import zip_longest
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT, output

ON_DEVICE = CHECKOUT / "tests" / "on_device"


def said_by_both(micropython: Callable[[Path], str], script: str) -> list[str]:
    """Run ``script`` on both; return the lines, which must be the same."""
    path = ON_DEVICE / f"{script}.py"
    with ThreadPoolExecutor(1) as beside:
        here = beside.submit(output, [sys.executable, str(path)])
        there = micropython(path).splitlines()
    for number, (expected, found) in enumerate(zip_longest(here.result().splitlines(), there)):
        assert found == expected, f"{script}: line {number + 1} differs on MicroPython"
    return there


@pytest.mark.parametrize(
    ("script", "least"),
    [
        ("classify", 100_000),
        ("read_messages", 15_000),
        ("cut_streams", 5_000),
        ("cradle_and_agent", 5_000),
    ],
)
def test_both_print_the_same(micropython: Callable[[Path], str], script: str, least: int) -> None:
    assert len(said_by_both(micropython, script)) >= least


def test_ten_thousand_hostile_frames_each_get_a_kind_and_a_reason(
    micropython: Callable[[Path], str],
) -> None:
    *counts, total = (
        [int(word) for word in line.split() if word.isdigit()]
        for line in said_by_both(micropython, "hostile_frames")
    )
    frames, batches = total

    assert frames == batches >= 10_000
    assert sum(count for _kind, _reason, count in counts) == frames
    assert len({reason for _kind, reason, _count in counts}) >= 10


def test_the_scan_path_allocates_nothing(micropython: Callable[[Path], str]) -> None:
    lines = micropython(ON_DEVICE / "no_allocation.py").splitlines()

    assert len(lines) == 22
    assert [line for line in lines if " allocated 0 " not in line] == []
