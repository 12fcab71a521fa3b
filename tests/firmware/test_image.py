"""What a cradle's own image does: the small one, with the grammars of the trade in China."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable

import pytest

from edge_agent.domain.facts import Sorter
from protocol import cbor, codes, reasons, wire
from protocol.shapes import Label, ScanRecord
from simulator import image
from simulator.fold import fold
from tests.conftest import CHECKOUT, HEAP

ON_DEVICE = CHECKOUT / "tests" / "on_device"

# What the small image has no grammar for, and what the agent says it is.
PASSED_ON = (
    (b"Q1", b"https://example.com/?c=89999999000000000018", codes.URL_TRACE),
    (b"Q1", b"https://id.gs1.org/01/08999999000011/21/9A0001", codes.GS1_TRACE),
    (b"Q1", b"https://example.com/8999999", codes.URL_UNRESOLVED),
    (b"d1", b"[)>\x1e06\x1d9N110375286414\x1dS9A0001\x1e\x04", codes.PPN),
    (b"Q1", b"MA.156.M0.100761.21234561.S9x1.C3", codes.MA),
    (b"A0", b"-03752864", codes.PZN_ARTICLE),
    (b"C0", b"scandock:open:PO-9", codes.COMMAND),
    (b"C0", b"SHELF-1234", codes.UNKNOWN),
)
# What it has, and what it must say itself.
KNOWN = (
    (b"C0", b"89999999000000000018", reasons.OK),
    (b"d2", b"0108999999000011219A0001\x1d17281231", reasons.OK),
    (b"C0", b"8999999900000000001", reasons.LENGTH),
    (b"E0", b"6999999000014", reasons.CHECK_DIGIT),
)


def framed(codes_: list[tuple[bytes, bytes]]) -> bytes:
    return b"".join(b"]" + symbology + data + b"\r\n" for symbology, data in codes_)


@pytest.fixture(scope="module")
def cradle(micropython_program: str) -> Callable[[str, str], str]:
    """Run a script on a cradle's image with a line of input; return what it printed."""
    folder = image.build()

    def run(script: str, line: str = "") -> str:
        done = subprocess.run(
            [micropython_program, "-X", f"heapsize={HEAP}", str(ON_DEVICE / script)],
            input=line + "\n",
            cwd=folder,  # not the checkout, where everything is
            env=os.environ | {"MICROPYPATH": f"{folder}:.frozen"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="module")
def read(cradle: Callable[[str, str], str]) -> Callable[[bytes], list[Label]]:
    """Let a cradle read what the engine sends at once; return the labels of its batch."""

    def labels(octets: bytes) -> list[Label]:
        batch = bytes.fromhex(cradle("one_trigger.py", octets.hex()))
        records = wire.read_batch(cbor.loads(batch)).records
        assert [record.seq for record in records] == list(range(len(records)))
        return [label for one in records if isinstance(one, ScanRecord) for label in one.labels]

    return labels


def test_what_the_image_lacks_is_passed_on_and_the_agent_tells_what_it_is(
    read: Callable[[bytes], list[Label]],
) -> None:
    labels = read(framed([(symbology, data) for symbology, data, _ in PASSED_ON]))

    assert [(one.symbology, one.data, one.reason) for one in labels] == [
        (symbology, data, reasons.OK) for symbology, data, _ in PASSED_ON
    ]
    sorter = Sorter()
    assert [sorter.fact(one).kind for one in labels] == [kind for _, _, kind in PASSED_ON]


@pytest.mark.requirement("X01")
def test_several_codes_of_one_trigger_go_on_in_their_order(
    read: Callable[[bytes], list[Label]],
) -> None:
    labels = read(framed([(symbology, data) for symbology, data, _ in KNOWN]))

    assert labels == [Label(*one) for one in KNOWN]


def test_from_the_uart_to_the_window_nothing_is_allocated(
    cradle: Callable[[str, str], str],
) -> None:
    told = cradle("reader_allocates_nothing.py", "").splitlines()

    assert len(told) == 9
    assert all(line.endswith(" 0") for line in told), told


def test_folding_keeps_what_the_program_asks_for_and_nothing_else() -> None:
    sources = {
        "room.numbers": "from room.compat import const\nONE = const(1)\nTWO = const(2)\n",
        "room.work": (
            "from room import numbers\n"
            "def used(first: int) -> int:\n    return first + numbers.TWO\n"
            "def unused(first: int) -> int:\n    return unused(first) + numbers.ONE\n"
        ),
        "room.main": "from room import work\nprint(work.used(3))\n",
    }

    assert fold(sources) == {
        "room.numbers": "",
        "room.work": "def used(_0):\n    return _0 + 2",
        "room.main": "from room import work\nprint(work.used(3))",
    }
