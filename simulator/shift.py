"""The script of a shift: what stands before each cradle, and what the rules must answer.

The answers are known from how the goods were made, so the judge never asks whom it judges.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from protocol import codes, decisions, reasons
from simulator.world import IMPORTED, Damage, Form, Label, Pack

# The rules under test. A cradle takes the same unit within REPEAT_MS for one read, and makes no
# record; the agent calls it AGAIN within REREAD_MS at the same cradle, and holds it otherwise.
REPEAT_MS = 300
REREAD_MS = 5_000

_REREAD_GAP_MS = 1_000  # between the two, far enough from both for a busy machine
_SEEN_AFTER_MS = REREAD_MS + 1_500


@dataclass(frozen=True, slots=True)
class Answer:
    """What the agent must say: a number of protocol.decisions and one of protocol.reasons."""

    decision: int
    reason: int


@dataclass(frozen=True, slots=True)
class Read:
    """One read of one label.

    Attributes:
        number: its place in the script, from 0.
        gap_ms: how long after the read before it at this cradle; 0 is in the same breath, that is,
            in one write of the engine.
        answer: None when the cradle must suppress it as a repeat.
    """

    number: int
    label: Label
    damage: Damage
    gap_ms: int
    answer: Answer | None


@dataclass(frozen=True, slots=True)
class Visit:
    """One thing standing before a cradle. Its reads keep their times; between visits one may wait.

    Attributes:
        after: number of a read whose answer must have been signalled before this begins, or None.
        wait_ms: how long ago that must be by then, at least.
    """

    cradle: str
    reads: tuple[Read, ...]
    after: int | None = None
    wait_ms: int = 0


class _Trouble(Enum):
    NONE = auto()
    NO_READ = auto()
    MISREAD = auto()
    REPEAT = auto()  # the label stays in the beam
    REREAD = auto()  # the operator is not sure whether it beeped
    SEEN_LATER = auto()  # the same unit much later at the same cradle
    SEEN_ELSEWHERE = auto()  # the same unit at another cradle
    ARTICLE = auto()  # the product's EAN-13 is in view too
    FOREIGN = auto()  # so is a code that is none of the trade's
    NO_SERIAL = auto()  # so is a GS1 code that names no unit


# Of 1,000 packs.
_MIX = {
    _Trouble.NONE: 795,
    _Trouble.NO_READ: 40,
    _Trouble.MISREAD: 30,
    _Trouble.REPEAT: 40,
    _Trouble.REREAD: 20,
    _Trouble.SEEN_LATER: 10,
    _Trouble.SEEN_ELSEWHERE: 20,
    _Trouble.ARTICLE: 20,
    _Trouble.FOREIGN: 15,
    _Trouble.NO_SERIAL: 10,
}

GOOD = Answer(decisions.PASS, reasons.OK)
_REREAD = Answer(decisions.AGAIN, reasons.REREAD)
SEEN = Answer(decisions.HOLD, reasons.SEEN_BEFORE)

_BY_DAMAGE = {
    Damage.SMUDGED: Answer(decisions.REJECT, reasons.NO_READ),
    Damage.LETTER: Answer(decisions.REJECT, reasons.NOT_DIGITS),
    Damage.SHORT: Answer(decisions.REJECT, reasons.LENGTH),
    Damage.LONG: Answer(decisions.REJECT, reasons.LENGTH),
    Damage.GTIN: Answer(decisions.REJECT, reasons.CHECK_DIGIT),
}
_BY_KIND = {
    codes.EAN13_ARTICLE: Answer(decisions.REJECT, reasons.ARTICLE_NUMBER),
    codes.GS1_PARTIAL: Answer(decisions.REJECT, reasons.NO_SERIAL),
    codes.UNKNOWN: Answer(decisions.REJECT, reasons.FOREIGN),
    codes.URL_UNRESOLVED: Answer(decisions.REJECT, reasons.NO_TRACE_CODE),
}


def shift(
    rng: random.Random, packs: Sequence[Pack], cradles: Sequence[str], pace_ms: int = 80
) -> tuple[Visit, ...]:
    """Return the visits of one shift, those of each cradle in order.

    Every pack of ``packs`` gets its PASS exactly once, whatever else befalls it. A visit waits only
    for reads of visits before it, so that playing each cradle's visits in order never locks up.

    Args:
        packs: units that nobody has scanned yet.
        pace_ms: least time between two visits of a cradle.

    Raises:
        ValueError: the pace is below 1 ms, so that reads would be glued to those before.
    """
    if pace_ms < 1:
        raise ValueError(
            f"pace_ms is {pace_ms}, and nothing can pass so fast\n"
            "  hint: fewer packs, more cradles, or more time"
        )
    script = _Script(rng, cradles, pace_ms)
    for place, pack in enumerate(rng.sample(packs, len(packs))):
        script.bring(pack, place)
    return script.close()


@dataclass(frozen=True, slots=True)
class _Return:
    """A unit that will come once more."""

    due: int  # when this many packs have come
    label: Label
    visit: Visit  # its first one
    elsewhere: bool


class _Script:
    def __init__(self, rng: random.Random, cradles: Sequence[str], pace_ms: int) -> None:
        self._rng = rng
        self._cradles = cradles
        self._pace_ms = pace_ms
        self._numbers = 0
        self._visits: list[Visit] = []
        self._returns: list[_Return] = []

    def bring(self, pack: Pack, place: int) -> None:
        trouble = self._rng.choices(list(_MIX), list(_MIX.values()))[0]
        before = self._before(trouble, pack)
        good = self._read(pack.label, GOOD)
        reads = [*before, good]
        if trouble is _Trouble.REPEAT:
            reads.append(self._read(pack.label, None, gap_ms=0))
        elif trouble is _Trouble.REREAD:
            reads.append(self._read(pack.label, _REREAD, gap_ms=_REREAD_GAP_MS))
        visit = Visit(self._cradles[place % len(self._cradles)], tuple(reads))
        self._visits.append(visit)
        if trouble in (_Trouble.SEEN_LATER, _Trouble.SEEN_ELSEWHERE):
            elsewhere = trouble is _Trouble.SEEN_ELSEWHERE and len(self._cradles) > 1
            # Late enough that, as a rule, nobody stands waiting for it.
            visits = 0 if elsewhere else _SEEN_AFTER_MS // self._pace_ms
            due = place + visits * len(self._cradles) + self._rng.randrange(20, 60)
            self._returns.append(_Return(due, pack.label, visit, elsewhere))
        self._bring_back(place)

    def close(self) -> tuple[Visit, ...]:
        for back in self._returns:
            self._bring_again(back)
        return tuple(self._visits)

    def _before(self, trouble: _Trouble, pack: Pack) -> list[Read]:
        """What is read before the pack's own label is read well."""
        if trouble is _Trouble.NO_READ:
            return [self._spoilt(pack.label, Damage.SMUDGED)]
        if trouble is _Trouble.MISREAD:
            if pack.label.kind == codes.GS1_TRACE:
                return [self._spoilt(pack.label, Damage.GTIN)]
            kinds = (Damage.LETTER, Damage.SHORT, Damage.LONG)
            return [self._spoilt(pack.label, self._rng.choice(kinds))]
        if trouble is _Trouble.ARTICLE:
            article = Label(Form.EAN13, pack.product.article, codes.EAN13_ARTICLE)
            return [self._read(article, _BY_KIND[article.kind])]
        if trouble is _Trouble.FOREIGN:
            foreign = self._foreign()
            return [self._read(foreign, _BY_KIND[foreign.kind])]
        if trouble is _Trouble.NO_SERIAL:
            text = f"(01){IMPORTED.heads[0]}(17){pack.lot.expires:%y%m%d}(10){pack.lot.number}"
            partial = Label(Form.GS1_DATA_MATRIX, text, codes.GS1_PARTIAL)
            return [self._read(partial, _BY_KIND[partial.kind])]
        return []

    def _foreign(self) -> Label:
        number = self._rng.randrange(1_000, 10_000)
        return self._rng.choice(
            (
                Label(Form.QR, f"https://example.org/leaflet/{number}", codes.URL_UNRESOLVED),
                Label(Form.CODE39, f"SHELF-{number}", codes.UNKNOWN),
            )
        )

    def _bring_back(self, place: int) -> None:
        for back in [back for back in self._returns if back.due <= place]:
            self._returns.remove(back)
            self._bring_again(back)

    def _bring_again(self, back: _Return) -> None:
        first = back.visit.cradle
        others = [cradle for cradle in self._cradles if cradle != first]
        cradle = self._rng.choice(others) if back.elsewhere else first
        wait_ms = 0 if back.elsewhere else _SEEN_AFTER_MS
        reads = (self._read(back.label, SEEN),)
        self._visits.append(Visit(cradle, reads, back.visit.reads[-1].number, wait_ms))

    def _spoilt(self, label: Label, damage: Damage) -> Read:
        return self._read(label, _BY_DAMAGE[damage], damage)

    def _read(
        self,
        label: Label,
        answer: Answer | None,
        damage: Damage = Damage.NONE,
        gap_ms: int | None = None,
    ) -> Read:
        number = self._numbers
        self._numbers += 1
        gap_ms = self._pace_ms if gap_ms is None else gap_ms
        return Read(number, label, damage, gap_ms, answer)
