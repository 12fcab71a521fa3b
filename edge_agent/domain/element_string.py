"""A GS1 element string from its elements: FNC1 stands where a value's length is not fixed."""

from __future__ import annotations

from collections.abc import Sequence

from protocol import gs1_ai
from protocol.gs1 import GS


def joined(elements: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Return AIs and values, one after the other, with 0x1D between them where it is needed.

    Source: GS1 General Specifications, section 7.8.5: AIs of a pre-defined length need none.
    """
    out = bytearray()
    for at, (ai, value) in enumerate(elements):
        out += ai + value
        if at + 1 < len(elements) and not gs1_ai.predefined(int(ai[:2])):
            out.append(GS)
    return bytes(out)
