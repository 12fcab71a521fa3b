"""What a delivery makes of a shift is what its packing list says, read once more by plain rules."""

from __future__ import annotations

import csv
import io
import random
from collections import Counter
from datetime import datetime

import pytest

from protocol import decisions, reasons
from simulator.delivery import PLANTED, Delivery, delivery
from simulator.papers import code
from simulator.shift import Answer, Visit, shift
from simulator.world import Pack, goods

DOCK, OTHER = CRADLES = ("cradle-1", "cradle-2")


def made(seed: int, packs: int = 400) -> tuple[Delivery, tuple[Visit, ...], list[Pack]]:
    """A delivery, the shift it was made of, and the packs that came."""
    rng = random.Random(seed)
    pallets = goods(rng, packs + PLANTED)
    all_packs = [pack for pallet in pallets for case in pallet.cases for pack in case.packs]
    came, absent = all_packs[:packs], all_packs[packs:]
    plain = shift(rng, came, CRADLES)
    return delivery(rng, plain, came, absent, DOCK, datetime(2026, 11, 2, 8)), plain, came


def listed(due: Delivery) -> dict[str, str]:
    """Lot by code."""
    return {row["code"]: row["lot"] for row in csv.DictReader(io.StringIO(due.packing_list))}


@pytest.mark.parametrize("seed", range(3))
def test_the_answers_at_the_dock_follow_from_the_list(seed: int) -> None:
    due, _, came = made(seed)
    lots, label_of = listed(due), {pack.label: pack for pack in came}
    counted: set[str] = set()
    found: set[tuple[str, str]] = set()
    for visit in due.visits[1:]:
        for read in visit.reads:
            goods_read = read.answer and read.answer.decision != decisions.REJECT
            if visit.cradle != DOCK or not goods_read:
                continue
            pack, name = label_of[read.label], code(read.label)
            if name not in lots:
                assert read.answer == Answer(decisions.HOLD, reasons.NOT_IN_DOCUMENT)
                found.add(("not_in_document", name))
            elif pack.product.imported and lots[name] != pack.lot.number:
                assert read.answer == Answer(decisions.HOLD, reasons.LOT_DIFFERS)
                found.add(("lot_differs", name))
            elif name in counted:
                assert read.answer in (
                    Answer(decisions.AGAIN, reasons.REREAD),
                    Answer(decisions.AGAIN, reasons.SAME_DOCUMENT),
                )
            else:
                assert read.answer == Answer(decisions.PASS, reasons.OK)
                counted.add(name)
    found |= {("missing", name) for name in lots.keys() - counted}
    assert due.differences == found
    assert (due.expected, due.counted) == (len(lots), len(counted))


def test_differences_of_every_kind_are_planted() -> None:
    due, _, _ = made(1)
    kinds = Counter(kind for kind, _ in due.differences)

    # What is listed with another lot is not counted either.
    assert (kinds["lot_differs"], kinds["missing"]) == (PLANTED, 2 * PLANTED)
    assert kinds["not_in_document"] >= PLANTED


def test_the_card_comes_first_and_the_other_cradle_is_left_alone() -> None:
    due, plain, _ = made(2)
    card, *rest = due.visits

    assert (card.cradle, card.reads[0].label.text) == (DOCK, "scandock:open:ASN-1")
    numbers = [read.number for visit in due.visits for read in visit.reads]
    assert len(set(numbers)) == len(numbers)
    assert [visit for visit in rest if visit.cradle == OTHER] == [
        visit for visit in plain if visit.cradle == OTHER
    ]
