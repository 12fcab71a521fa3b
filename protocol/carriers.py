"""ISO/IEC 15424 symbology identifiers, without "]": which symbols have a grammar of their own.

Each is a number, its first octet high. Source: ISO/IEC 15424 as collected by zxing-cpp and GS1
General Specifications, section 5.1.
"""

from protocol.compat import const


def _numbers(names: bytes) -> "frozenset[int]":
    return frozenset([names[at] << 8 | names[at + 1] for at in range(0, len(names), 2)])


# Data is a GS1 element string by definition: GS1-128, DataMatrix (square and rectangular), QR,
# DataBar and composite, DotCode, Han Xin, Aztec; those with extended channels as well.
GS1 = _numbers(b"C1d2d5d8dBQ3Q4e0e1e2e3J1h2z1")

ARTICLES = _numbers(b"E0E3E4I1")  # EAN-13 and UPC, the same with an add-on, EAN-8, ITF-14
ADD_ONS = _numbers(b"E1E2")  # alone
OWN_GRAMMAR = GS1 | ARTICLES | ADD_ONS

WITH_ADD_ON = const(0x4533)  # E3
EAN8 = const(0x4534)  # E4
ITF14 = const(0x4931)  # I1
CODE39 = const(0x41)  # "A", whatever the second octet
