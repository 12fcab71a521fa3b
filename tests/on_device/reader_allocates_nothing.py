"""Prints what 1,000 scans of each kind allocate on the way from the UART to the window."""

import asyncio
import gc

from firmware.core.holds import Holds
from firmware.core.reader import Reader
from firmware.core.repeat import Repeat
from firmware.core.signal import Signals
from firmware.core.vitals import Vitals
from protocol.framing import LineFramer
from protocol.window import Window

FRAMES = (
    ("MSFX20", b"]C089999999000000000018\r\n", b"]C089999999000000000025\r\n"),
    ("GS1", b"]d20108999999000011219A1\x1d1727123110LOT9\r\n", b"]d20108999999000011219A2\r\n"),
    ("EAN13", b"]E06999999000013\r\n", b"]E06999999000013\r\n"),
    ("garbled", b"]C08999999900000O000018\r\n", b"]C0899999990000000018\r\n"),
    ("foreign", b"]Q1https://example.org/\r\n", b"hello\r\n"),
    ("no read", b"NOREAD\r\n", b"NOREAD\r\n"),
    ("too long", b"8" * 255 + b"\r\n", b"8" * 255 + b"\r\n"),
    ("held", b"]C089999999000000000049\r\n", b"]d20108999999000011219B7\r\n"),
    ("repeat", b"]C089999999000000000018\r\n", b"]C089999999000000000018\r\n"),
)


class Lamp:
    def show(self, pattern, seq):
        pass


def full_list():
    """A list of the greatest length, with the two held units of the table above in it."""
    holds = Holds()
    assert holds.take(1, True, [b"\x10\x08\x99\x99\x99\x00\x00\x119B7"])
    for i in range(254):
        assert holds.take(1, False, [b"\x89\x99\x99\x90\x00\x00\x00\x00\x00" + bytes([i])])
    assert holds.take(1, False, [b"\x89\x99\x99\x99\x00\x00\x00\x00\x00\x49"])
    return holds


def measure(first, second):
    window = Window(256, 8192, 300, 5000)
    wake = asyncio.Event()
    reader = Reader(
        None,
        None,
        LineFramer(200),
        Repeat(300, 260),
        b"NOREAD",
        window,
        Signals(Lamp()),
        Vitals(),
        wake,
        full_list(),
    )
    chunks = (bytearray(first), bytearray(second))
    now_ms = 0
    reader.take(chunks[0], len(chunks[0]), now_ms)
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    for turn in range(1000):
        now_ms += 20
        chunk = chunks[turn & 1]
        reader.take(chunk, len(chunk), now_ms)
        wake.clear()
        window.mark_sent(window.next_seq, now_ms)
        window.taken(window.next_seq, now_ms)
    allocated = gc.mem_alloc() - before
    gc.enable()
    return allocated


for name, first, second in FRAMES:
    print(name, measure(first, second))
