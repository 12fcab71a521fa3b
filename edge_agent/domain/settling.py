"""Which of contradicting statements hold: those of the highest rank that make trees.

The answer hangs on the statements alone, not on the order in which they came, as long as those that
contradict each other have different ranks. Among equals the first in the list holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from edge_agent.domain.packs import DEEPEST, FILE


class Claim(NamedTuple):
    """That ``child`` is in ``parent``, directly, and who says so (domain.packs.SOURCES)."""

    child: bytes
    parent: bytes
    source: int


class Settled(NamedTuple):
    """``holds`` by child; and what lost, each with its kind of problem (domain.packs.LOST)."""

    holds: dict[bytes, Claim]
    lost: list[tuple[Claim, str]]


def settle(claims: Iterable[Claim]) -> Settled:
    """Take claims from the highest rank down, each if it makes no contradiction with those taken.

    Args:
        claims: one for each pair of child and parent.
    """
    holds: dict[bytes, Claim] = {}
    inside: dict[bytes, list[bytes]] = {}
    lost = []
    for claim in sorted(claims, key=lambda claim: -claim.source):
        if kind := _objection(claim, holds, inside):
            lost.append((claim, kind))
        else:
            holds[claim.child] = claim
            inside.setdefault(claim.parent, []).append(claim.child)
    return Settled(holds, lost)


def _objection(
    claim: Claim, holds: Mapping[bytes, Claim], inside: Mapping[bytes, list[bytes]]
) -> str:
    standing = holds.get(claim.child)
    if standing is not None:
        return "same_code" if standing.source == claim.source == FILE else "two_parents"
    line = [claim.parent]
    while line[-1] in holds:
        line.append(holds[line[-1]].parent)
    if claim.child in line:
        return "cycle"
    return "too_deep" if len(line) + _height(claim.child, inside) > DEEPEST else ""


def _height(key: bytes, inside: Mapping[bytes, list[bytes]]) -> int:
    """How many units stand in the longest line from ``key`` down, ``key`` counted."""
    return 1 + max((_height(child, inside) for child in inside.get(key, ())), default=0)
