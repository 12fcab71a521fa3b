"""The way of a scan through the cradle allocates nothing, on the interpreter that cradles have."""

from collections.abc import Callable
from pathlib import Path

KINDS = ("MSFX20", "GS1", "EAN13", "garbled", "foreign", "no read", "too long", "held", "repeat")


def test_from_the_uart_to_the_window_nothing_is_allocated(
    micropython: Callable[[Path], str],
) -> None:
    told = micropython(Path(__file__).parents[1] / "on_device" / "reader_allocates_nothing.py")

    assert told.splitlines() == [f"{kind} 0" for kind in KINDS]
