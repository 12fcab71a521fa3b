"""What the official engine's samples make the cradle's interpreter say, and what it costs there."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from protocol import reasons
from simulator import image
from tests.conftest import CHECKOUT, HEAP, output

ON_DEVICE = CHECKOUT / "tests" / "on_device"
SAMPLES = ("gs1_elements_sample.json", "gs1_scan_sample.json", "gs1_digital_link_sample.json")


def octets(shared_data: Path) -> Iterator[bytes]:
    """The inputs of all samples, without symbology identifier, and each of them cut and spoilt."""
    for sample in SAMPLES:
        for case in json.loads((shared_data / sample).read_text())["cases"]:
            data = case["input"].encode("latin-1")
            data = data[3:] if data[:1] == b"]" else data
            yield data
            yield data[: len(data) * 2 // 3]


@pytest.fixture(scope="module")
def lines(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("samples") / "lines"
    file.write_text("".join(data.hex() + "\n" for data in octets(shared_data)))
    return file


def test_both_interpreters_read_the_samples_alike_and_nothing_is_allocated(
    micropython_program: str, lines: Path
) -> None:
    script = str(ON_DEVICE / "element_strings.py")
    here = output([sys.executable, script, str(lines)]).splitlines()
    there = output([micropython_program, "-X", f"heapsize={HEAP}", script, str(lines)]).splitlines()

    assert there == here
    assert len(here) > 3500
    assert there[-1] == "allocated 0"


def test_the_cradles_inner_loops_are_the_plain_ones(micropython_program: str) -> None:
    script = str(ON_DEVICE / "octets_agree.py")
    here = output([sys.executable, script])

    assert output([micropython_program, "-X", f"heapsize={HEAP}", script]) == here
    assert here.count("\n") == 5_000


HEAP_OF_A_TABLE = """
import gc
gc.collect()
before = gc.mem_alloc()
import protocol.gs1_table_%s
gc.collect()
print(gc.mem_alloc() - before)
"""

# Not of medicines: a price of variable length, a volume of predefined length, and one that nobody
# has. The cradle must find the serial number behind them.
PASSED_OVER = """
from protocol.gs1 import Elements
elements = Elements()
for foreign in (b"3922100\\x1d", b"3603000123", b"89XY\\x1d", b"3922100\\x1d3603000123\\x1d",
        b"3922100\\x1d\\x1d"):
    data = b"0108999999000011" + foreign + b"219A"
    found = elements.read(data, 0, len(data))
    print(found, elements.passed_over, elements.reason, elements.count, elements.find(21))
"""


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Images with the one table and with the other."""
    home = tmp_path_factory.mktemp("images")
    return {table: image.build(home / table, table) for table in image.LEFT_OUT}


def said(micropython_program: str, folder: Path, script: str) -> list[str]:
    done = subprocess.run(
        [micropython_program, "-X", f"heapsize={HEAP}", "-c", script],
        cwd=folder,  # not the checkout, where both tables are
        env={"MICROPYPATH": f"{folder}:.frozen"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize(("table", "most"), [("pharma", 12 * 1024), ("whole", 40 * 1024)])
def test_a_table_takes_little_of_a_cradles_heap(
    micropython_program: str, folders: dict[str, Path], table: str, most: int
) -> None:
    (octets_,) = said(micropython_program, folders[table], HEAP_OF_A_TABLE % table)

    assert 0 < int(octets_) < most


def test_what_a_cradle_does_not_know_it_passes_over(
    micropython_program: str, folders: dict[str, Path]
) -> None:
    known = f"True 16 {reasons.OK} 2 1"
    refused = f"False -1 {reasons.AI_UNKNOWN} 0 -1"

    doubled = f"{reasons.SEPARATOR} 0 -1"

    assert said(micropython_program, folders["pharma"], PASSED_OVER) == [
        *[known] * 4,
        f"False 16 {doubled}",
    ]
    assert said(micropython_program, folders["whole"], PASSED_OVER) == [
        f"True -1 {reasons.OK} 3 2",
        f"True -1 {reasons.OK} 3 2",
        refused,
        f"True -1 {reasons.OK} 4 3",
        f"False -1 {doubled}",
    ]
