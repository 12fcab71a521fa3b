"""Runs on MicroPython, with `heap` or `speed`: prints what reading one code costs a cradle.

Printed are a name and a number: nanoseconds (`ns`) or octets of heap (`octets`). Times are the
least of several rounds, without the loop around them. `isdigit` is the interpreter's own check of
twenty digits in C: beside it the other times mean the same on every machine.
"""

import gc
import sys
import time

_ROUNDS = 5
_TIMES = 4000
_SORTS = (
    ("msfx20", b"C0", b"89999999000000000018"),
    ("rejected", b"C0", b"8999999900000O000018"),
    ("gs1", b"d2", b"0108999999000011172811301" + b"0LOT9\x1d219A0001"),
    ("gs1 rejected", b"d2", b"0108999999000012172811301" + b"0LOT9\x1d219A0001"),
)


def least_ns(work: object) -> int:
    """Time ``work(n)``, which does one thing n times."""
    best = 1 << 60
    for _ in range(_ROUNDS):
        gc.collect()
        start = time.ticks_us()
        work(_TIMES)
        best = min(best, time.ticks_diff(time.ticks_us(), start))
    return best * 1000 // _TIMES


def allocated(work: object) -> int:
    """Octets of heap that ``work(n)`` takes for each of n times."""
    work(1)
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    work(_TIMES)
    after = gc.mem_alloc()
    gc.enable()
    return (after - before + _TIMES - 1) // _TIMES


def nothing(n: int) -> None:
    for _ in range(n):
        pass


def builtin(n: int) -> None:
    data = _SORTS[0][2]
    for _ in range(n):
        data.isdigit()


def heap() -> None:
    """Loaded here, since what loading takes is measured; the checks are no part of the table."""
    from protocol import gs1_rules  # noqa: F401, PLC0415

    gc.collect()
    before = gc.mem_alloc()
    from protocol import gs1_ai  # noqa: F401, PLC0415

    gc.collect()
    print("octets", "AI table", gc.mem_alloc() - before)
    checker()
    gc.collect()
    print("octets", "all of reading codes", gc.mem_alloc() - before)


def speed() -> None:
    loop = least_ns(nothing)
    print("ns", "isdigit", least_ns(builtin) - loop)
    classifier = checker()
    for name, identifier, octets in _SORTS:
        # As the firmware has it: a frame in a buffer that is never given away.
        frame = bytearray(octets)
        symbology = identifier[0] << 8 | identifier[1]

        def check(n: int, frame: bytearray = frame, symbology: int = symbology) -> None:
            stop = len(frame)
            for _ in range(n):
                classifier.check(symbology, frame, 0, stop)

        print("ns", name, least_ns(check) - loop)
        print("octets", name, allocated(check))


def checker() -> "object":
    try:
        from protocol.checker import Checker  # noqa: PLC0415
    except ImportError:  # the small image
        from protocol.numeric import NumericChecker as Checker  # type: ignore  # noqa: PLC0415
    return Checker()


{"heap": heap, "speed": speed}[sys.argv[1]]()
