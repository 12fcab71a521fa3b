"""Prints what each line of a file, in hexadecimal, is as element string and as Digital Link.

`element_strings.py FILE`. On MicroPython it adds what reading all of them allocated.
"""

import gc
import sys

from protocol.digital_link import Link
from protocol.gs1 import Elements

elements = Elements()
link = Link()


def said(data: bytearray) -> str:
    """What both readers say: accepted or why not and where, and every place."""
    words = []
    for strict in (False, True):
        if elements.read(data, 0, len(data), strict):
            words.append(places())
        else:
            words.append("no %d %d" % (elements.reason, elements.at))
    if link.looks_like(data, 0, len(data)) and link.read(data, 0, len(data)):
        words.append(bytes(link.buf[: link.length]).hex())
    else:
        words.append("no %d %d" % (link.reason, link.at))
    return " | ".join(words)


def places() -> str:
    found = [(elements.ai(i), elements.start(i), elements.stop(i)) for i in range(elements.count)]
    return "%s lacks %d" % (found, elements.lacking())


def read(data: bytearray) -> None:
    """The same without a word: nothing here makes an object."""
    end = len(data)
    elements.read(data, 0, end)
    elements.lacking()
    if link.looks_like(data, 0, end):
        link.read(data, 0, end)


allocated = 0
with open(sys.argv[1]) as lines:
    for line in lines:
        data = bytearray(bytes.fromhex(line.strip()))
        print(said(data))
        if hasattr(gc, "mem_alloc"):
            read(data)
            gc.collect()
            gc.disable()
            before = gc.mem_alloc()
            read(data)
            allocated += gc.mem_alloc() - before
            gc.enable()
print("allocated", allocated)
