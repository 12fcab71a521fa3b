"""Makes one cradle of a shift a receiving station: its packing list, and what it must find there.

The list names the packs that come to that cradle, but for differences that are planted. With it
each read there gets another answer, and each difference must be found.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from protocol import codes, decisions, reasons
from simulator import papers
from simulator.papers import Listed
from simulator.shift import GOOD, SEEN, Answer, Read, Visit
from simulator.world import Damage, Form, Label, Lot, Pack

NUMBER = "ASN-1"
PLANTED = 3  # of each kind

# Kind of finding, as the agent names it, and code.
Difference: TypeAlias = tuple[str, str]

_CARD = Label(Form.QR, f"scandock:open:{NUMBER}", codes.COMMAND)
_OPENED = Answer(decisions.PASS, reasons.COMMAND_DONE)
_COUNTED = Answer(decisions.AGAIN, reasons.SAME_DOCUMENT)
_NOT_LISTED = Answer(decisions.HOLD, reasons.NOT_IN_DOCUMENT)
_OTHER_LOT = Answer(decisions.HOLD, reasons.LOT_DIFFERS)
_KINDS = {_NOT_LISTED: "not_in_document", _OTHER_LOT: "lot_differs"}


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one receiving station gets.

    Attributes:
        visits: of the whole shift, with the card that opens the document before all others.
        packing_list: CSV.
        expected: packs on the list; ``counted``: how many of them must be counted.
        differences: what must be found, and nothing else.
    """

    visits: tuple[Visit, ...]
    packing_list: str
    expected: int
    counted: int
    differences: frozenset[Difference]


def settings(device: str) -> str:
    """What the agent's settings must say of the station."""
    return f'\n[[stations]]\ndevice = "{device}"\nstep = "receive"\ndocuments = "bound"\n'


def delivery(
    rng: random.Random,
    visits: Sequence[Visit],
    packs: Sequence[Pack],
    absent: Sequence[Pack],
    device: str,
    at: datetime,
) -> Delivery:
    """Make ``device`` receive by document what comes there first, and plant differences.

    Args:
        visits: a shift in which all cradles are plain ones; ``packs`` are what comes in it.
        absent: what the list says and nobody brings.
        at: date of the document.
    """
    of = {pack.label: pack for pack in packs}
    brought = [
        of[read.label]
        for visit in visits
        if visit.cradle == device
        for read in visit.reads
        if read.answer == GOOD
    ]
    elsewhere = {read.label for visit in visits if visit.cradle != device for read in visit.reads}
    wrong = _plant(rng, [pack for pack in brought if pack.label not in elsewhere])
    right = [pack for pack in brought if pack.label not in wrong]
    other_lot = [of[label] for label, answer in wrong.items() if answer == _OTHER_LOT]
    rows = [_row(pack) for pack in (*right, *absent)]
    rows += [_row(replace(pack, lot=_other(pack.lot))) for pack in other_lot]
    rng.shuffle(rows)
    script = [
        _ruled(visit, wrong, {pack.label for pack in right}) if visit.cradle == device else visit
        for visit in visits
    ]
    head = {"number": NUMBER, "type": "purchase_in", "partner": "maker", "time": f"{at:%F %T}"}
    return Delivery(
        visits=(_opening(device, script), *script),
        packing_list=papers.packing_list(head, rows),
        expected=len(rows),
        counted=len(right),
        differences=frozenset(
            {
                *(("missing", papers.code(pack.label)) for pack in (*absent, *other_lot)),
                *(
                    (_KINDS[read.answer], papers.code(read.label))
                    for visit in script
                    for read in visit.reads
                    if read.answer in _KINDS
                ),
            }
        ),
    )


def _plant(rng: random.Random, packs: Sequence[Pack]) -> dict[Label, Answer]:
    """Choose some that the list shall not name, or name with another lot than their label."""
    # 20-digit codes do not say their lot, so there nobody could find it.
    other_lot = rng.sample([pack for pack in packs if pack.product.imported], PLANTED)
    unlisted = rng.sample([pack for pack in packs if pack not in other_lot], PLANTED)
    return {pack.label: _OTHER_LOT for pack in other_lot} | {
        pack.label: _NOT_LISTED for pack in unlisted
    }


def _other(lot: Lot) -> Lot:
    return replace(lot, number=f"{lot.number}B")


def _row(pack: Pack) -> Listed:
    return Listed(pack.label, pack.product, pack.lot)


def _opening(device: str, script: Sequence[Visit]) -> Visit:
    """The operator opens the document with its card."""
    number = 1 + max(read.number for visit in script for read in visit.reads)
    return Visit(device, (Read(number, _CARD, Damage.NONE, 1, _OPENED),))


def _ruled(visit: Visit, wrong: Mapping[Label, Answer], right: Set[Label]) -> Visit:
    """Give each read of a visit the answer that it gets by document."""
    reads = [replace(read, answer=_answer(read, wrong, right)) for read in visit.reads]
    return replace(visit, reads=tuple(reads))


def _answer(read: Read, wrong: Mapping[Label, Answer], right: Set[Label]) -> Answer | None:
    if read.answer is None or read.answer.decision == decisions.REJECT:
        return read.answer
    if read.label in wrong:
        return wrong[read.label]
    if read.answer == SEEN:  # long ago, or first at another cradle
        return _COUNTED if read.label in right else _NOT_LISTED
    return read.answer
