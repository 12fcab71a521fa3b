"""The answers in a script are those of the rules, whenever each cradle plays its visits in order.

The rules are written down here once more, as plainly as they go, and asked in the order of play.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest

from protocol import codes, decisions, reasons
from simulator.label import scan
from simulator.shift import REPEAT_MS, REREAD_MS, Answer, Read, Visit, shift
from simulator.world import goods

CRADLES = ("cradle-1", "cradle-2", "cradle-3")
# No read may come so near to the border between two rules that a busy machine could push it over.
SAFE_MS = 500


def script(seed: int, packs: int, cradles: tuple[str, ...] = CRADLES) -> tuple[Visit, ...]:
    rng = random.Random(seed)
    pallets = goods(rng, packs)
    all_packs = [pack for pallet in pallets for case in pallet.cases for pack in case.packs]
    return shift(rng, all_packs, cradles)


@dataclass
class Rules:
    """What cradle and agent must make of a read, told in simulated milliseconds."""

    seen: dict[bytes, tuple[str, int]] = field(default_factory=dict)

    def answer(self, cradle: str, octets: bytes | None, now_ms: int) -> Answer | None:
        if octets is None:
            return Answer(decisions.REJECT, reasons.NO_READ)
        code = codes.classify(octets[1:3], octets[3:])
        if code.kind == codes.EAN13_ARTICLE:
            return Answer(decisions.REJECT, reasons.ARTICLE_NUMBER)
        if code.kind == codes.GS1_PARTIAL:
            return Answer(decisions.REJECT, reasons.NO_SERIAL)
        if not codes.names_a_unit(code.kind):
            return Answer(decisions.REJECT, code.reason)
        if code.key not in self.seen:
            self.seen[code.key] = (cradle, now_ms)
            return Answer(decisions.PASS, reasons.OK)
        where, first_ms = self.seen[code.key]
        ago_ms = now_ms - first_ms
        if where == cradle:
            assert ago_ms == 0 or abs(ago_ms - REPEAT_MS) >= SAFE_MS
            assert abs(ago_ms - REREAD_MS) >= SAFE_MS
        if where == cradle and ago_ms < REPEAT_MS:
            return None
        if where == cradle and ago_ms < REREAD_MS:
            return Answer(decisions.AGAIN, reasons.REREAD)
        return Answer(decisions.HOLD, reasons.SEEN_BEFORE)


def play(visits: tuple[Visit, ...], cradles: tuple[str, ...] = CRADLES) -> list[Read]:
    """Play the visits of each cradle in order, answers coming at once; return the reads in time."""
    clock_ms = dict.fromkeys(cradles, 0)
    signalled_ms: dict[int, int] = {}
    times: list[tuple[int, int, str, Read]] = []
    for visit in visits:
        start_ms = clock_ms[visit.cradle]
        if visit.after is not None:
            assert visit.after in signalled_ms, "a visit waits for one that comes after it"
            start_ms = max(start_ms, signalled_ms[visit.after] + visit.wait_ms)
        for read in visit.reads:
            start_ms += read.gap_ms
            signalled_ms[read.number] = start_ms
            times.append((start_ms, read.number, visit.cradle, read))
        clock_ms[visit.cradle] = start_ms
    times.sort(key=lambda one: one[:2])
    rules = Rules()
    for now_ms, _, cradle, read in times:
        assert rules.answer(cradle, scan(read.label, read.damage), now_ms) == read.answer, read
    return [one[3] for one in times]


@pytest.mark.parametrize("seed", range(3))
def test_the_answers_are_those_of_the_rules(seed: int) -> None:
    play(script(seed, 400))


def test_one_cradle_alone_can_play_a_shift() -> None:
    play(script(3, 150, ("only",)), ("only",))


def test_a_shift_of_a_thousand_packs_has_every_trouble() -> None:
    reads = [read for visit in script(1, 1_000) for read in visit.reads]
    seen = {(read.answer.decision, read.answer.reason) for read in reads if read.answer}

    assert {read.damage.value for read in reads} == {
        "none", "smudged", "letter", "short", "long", "gtin"
    }  # fmt: skip
    assert None in {read.answer for read in reads}
    assert seen >= {
        (decisions.PASS, reasons.OK),
        (decisions.AGAIN, reasons.REREAD),
        (decisions.HOLD, reasons.SEEN_BEFORE),
        (decisions.REJECT, reasons.NO_READ),
        (decisions.REJECT, reasons.FOREIGN),
        (decisions.REJECT, reasons.ARTICLE_NUMBER),
        (decisions.REJECT, reasons.NO_SERIAL),
    }


def test_every_pack_passes_exactly_once() -> None:
    visits = script(4, 500)
    passed = [
        read.label.text
        for visit in visits
        for read in visit.reads
        if read.answer and read.answer.decision == decisions.PASS
    ]

    assert len(passed) == len(set(passed)) == 500


def test_reads_are_numbered_in_the_order_of_the_script() -> None:
    numbers = [read.number for visit in script(5, 200) for read in visit.reads]

    assert numbers == list(range(len(numbers)))


def test_a_seed_gives_the_same_shift_again() -> None:
    assert script(6, 100) == script(6, 100)


def test_a_pace_at_which_reads_would_be_glued_is_refused() -> None:
    with pytest.raises(ValueError, match=r"pace_ms is 0.*\n  hint: fewer packs"):
        shift(random.Random(1), [], CRADLES, pace_ms=0)
