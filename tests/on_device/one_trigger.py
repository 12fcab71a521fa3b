"""Prints, as hexadecimal, the batch that a cradle makes of the lines of one trigger.

The octets from the engine are given as a line of hexadecimal. Runs on a cradle's own image, which
has no names of constants.
"""

import asyncio
import sys

from firmware.core.holds import Holds
from firmware.core.reader import Reader
from firmware.core.repeat import Repeat
from firmware.core.signal import Signals
from firmware.core.vitals import Vitals
from protocol import batch
from protocol.framing import LineFramer
from protocol.window import Window


class Lamp:
    def show(self, pattern, seq):
        pass


window = Window(64, 8192, 300, 5000)
reader = Reader(
    None,
    None,
    LineFramer(200),
    Repeat(300, 260),
    b"NOREAD",
    window,
    Signals(Lamp()),
    Vitals(),
    asyncio.Event(),
    Holds(),
)
chunk = bytearray(bytes.fromhex(sys.stdin.readline().strip()))
reader.take(chunk, len(chunk), 10)
out = bytearray(4096)
until = batch.cut(window, len(out))
print(bytes(out[: batch.put(out, 0, window, until, b"bootboot", 10)]).hex())
