"""Messages of every kind as CBOR items, from given dice."""

from dice import Dice
from labels import any_label
from protocol import wire
from protocol.shapes import (
    Batch,
    FaultRecord,
    Holds,
    Label,
    OtherRecord,
    ScanRecord,
    State,
    Taken,
    Verdicts,
)


def any_item(dice: Dice) -> object:
    """Return the item of a message, or something else that CBOR can say."""
    kind = dice.below(7)
    if kind < 3:
        return wire.batch_item(_batch(dice))
    boot_id = dice.octets(8)
    seq = _number(dice)
    if kind == 3:
        return wire.down_item(Verdicts(boot_id, seq, dice.octets(2 + 2 * dice.below(5))))
    if kind == 4:
        return wire.down_item(Taken(boot_id, seq))
    if kind == 5:
        names = sorted({dice.octets(1 + dice.below(12)) for _ in range(dice.below(6))})
        return wire.down_item(Holds(seq, dice.below(2) == 0, names))
    state = State(dice.below(2) == 0, boot_id, "0.1.0 仓库", dice.octets(8))
    return {0: wire.state_item(state), 24: None, 1000: {5: -_number(dice)}}


def _batch(dice: Dice) -> Batch:
    seq = _number(dice)
    at_ms = _number(dice)
    records: "list[ScanRecord | FaultRecord | OtherRecord]" = []
    for i in range(1 + dice.below(6)):
        at_ms += dice.below(1 << dice.below(15))
        kind = dice.below(8)
        if kind == 0:
            records.append(FaultRecord(seq + i, at_ms, dice.below(9), dice.below(300)))
        elif kind == 1:
            records.append(OtherRecord(seq + i, at_ms, 3 + dice.below(100)))
        else:
            labels = []
            for _ in range(1 if kind < 7 else 3):
                symbology, data = any_label(dice)
                labels.append(Label(symbology, data, dice.below(2) * dice.below(21)))
            records.append(ScanRecord(seq + i, at_ms, tuple(labels)))
    return Batch(dice.octets(8), seq, at_ms + 1, records)


def _number(dice: Dice) -> int:
    """Return a number of any length that travels: 1, 2, 3, 5 or 9 octets."""
    number = 0
    for _ in range(dice.below(4)):
        number = number << 15 | dice.below(32768)
    return number
