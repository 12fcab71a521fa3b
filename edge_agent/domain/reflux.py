"""Reflux: packs that were paid for once and are back in the trade. What an answer means, and what
must then be done, step by step.

Whoever can be asked is a provider: a list from the bureau, a platform, a mock. Nobody asked, or
nobody who knows, is not the same as clean.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol

from edge_agent.errors import AgentError

_TIMES_DIGITS = 4

# What the answers say of a pack.
CLEAN = 1
SUSPECT = 2
UNKNOWN = 3

OPINION_NAMES = {CLEAN: "clean", SUSPECT: "suspect", UNKNOWN: "unknown"}

# What has been done about a suspect pack.
SUSPECTED = 1
REFUSED = 2  # not received: it goes back
SEALED = 3  # received already: set aside where it is, neither sold nor used
REPORTED = 4  # to everybody who must know
CLUE = 5  # the bureau gave it a number
RELEASED = 6  # cleared
HANDED_OVER = 7  # to the bureau

STEPS: dict[int, tuple[str, str, tuple[int, ...]]] = {
    # name, 中文, what may follow
    SUSPECTED: ("suspected", "疑似回流", (REFUSED, SEALED)),
    REFUSED: ("refused", "拒收", (REPORTED,)),
    SEALED: ("sealed", "原地封存", (REPORTED,)),
    REPORTED: ("reported", "已报告", (CLUE, RELEASED, HANDED_OVER)),
    CLUE: ("clue", "已编线索号", (RELEASED, HANDED_OVER)),
    RELEASED: ("released", "解除", ()),
    HANDED_OVER: ("handed over", "移交", ()),
}


class Sold(NamedTuple):
    """What one provider knows about the sales of one unit.

    Attributes:
        key: of the unit.
        times: how often it was paid for; None if the provider cannot say.
        payer: who paid, in the provider's words; empty if unknown.
        source: the provider.
    """

    key: bytes
    times: int | None
    payer: str
    source: str


class Provider(Protocol):
    """Somebody who can be asked. Raises nothing for what a network can do: it then cannot say."""

    name: str

    async def query(self, keys: list[bytes]) -> list[Sold]:
        """Say what is known of ``keys``, one answer for each, in any order."""


class Sale(NamedTuple):
    """One row of a list of sales.

    Attributes:
        line: where its line ends in the file.
        code: as a person writes it.
        times: how often it was paid for; None if ``said`` is no such number.
    """

    line: int
    code: str
    times: int | None
    said: str
    payer: str


class SalesError(AgentError):
    """A list of sales that cannot be read."""


def sales(lines: Iterable[str]) -> Iterator[Sale]:
    """Read a list of sales, CSV with the columns code, times and, if known, payer.

    Raises:
        SalesError: it is no such list; what stands before the fault has been yielded.
    """
    reader = csv.DictReader(lines, strict=True)
    try:
        missing = {"code", "times"} - set(reader.fieldnames or ())
        if missing:
            raise SalesError(
                f"no column {', '.join(sorted(missing))}",
                hint="the first line names the columns: code,times,payer",
            )
        for row in reader:
            said = row["times"] or ""
            right = said.isascii() and said.isdigit() and len(said) <= _TIMES_DIGITS
            times = int(said) if right else None
            yield Sale(reader.line_num, row["code"] or "", times, said, row.get("payer") or "")
    except (csv.Error, UnicodeDecodeError) as error:
        raise SalesError(
            f"line {reader.line_num + 1}: no CSV in UTF-8 ({error})", hint="save it as `CSV UTF-8`"
        ) from None


def opinion(answers: Iterable[Sold], *, sold_by_us: int) -> int:
    """Say what the answers about one unit mean.

    Args:
        sold_by_us: how often we sold it ourselves, by our own ledger.

    One sale that is ours is right; one that is not ours, or more than one, is suspect.
    Source: notice of the national insurance on its query page for consumers, July 2025.
    """
    known = [answer.times for answer in answers if answer.times is not None]
    if not known:
        return UNKNOWN
    most = max(known)
    return SUSPECT if most > min(sold_by_us, 1) else CLEAN


def may_follow(step: int, following: int) -> bool:
    """Say whether ``following`` may come after ``step``."""
    return following in STEPS[step][2]
