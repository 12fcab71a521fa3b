"""What is held stays where it is, whoever scans it; every placing and ending is an act."""

from __future__ import annotations

import random

import pytest

from edge_agent.domain import holds as scopes
from edge_agent.domain.holds import NOTHING_HELD, Holds
from edge_agent.errors import StoreError
from edge_agent.store import acts, holds
from edge_agent.store.sqlite import Store
from protocol import reasons

UNIT, CASE, OTHER = b"\x01unit", b"\x01case", b"\x01other"


@pytest.mark.requirement("C02")
def test_a_unit_is_held_by_itself_by_the_pack_around_it_by_its_lot_and_by_its_product() -> None:
    held = Holds(7, {CASE: reasons.SEALED}, {3: reasons.RECALLED}, {"P1": reasons.CANCELLED})

    assert held.on([CASE], [], "") == reasons.SEALED
    assert held.on([UNIT, CASE], [3], "P1") == reasons.SEALED
    assert held.on([UNIT], [9, 3], "P1") == reasons.RECALLED
    assert held.on([UNIT], [0], "P1") == reasons.CANCELLED
    assert held.on([UNIT, OTHER], [4], "P2") == reasons.OK
    assert NOTHING_HELD.on([UNIT], [0], "") == reasons.OK


@pytest.mark.requirement("C17")
def test_a_hold_is_placed_once_and_ended_once_and_both_are_acts(store: Store) -> None:
    with store.write() as tx:
        first = holds.place(tx, 1, "li", scopes.UNIT, UNIT, reasons.SEALED, words="broken seal")
        again = holds.place(tx, 2, "li", scopes.UNIT, UNIT, reasons.SEALED, words="once more")
        lot = holds.place(tx, 3, "li", scopes.LOT, b"12", reasons.RECALLED, words="recall 1")

        assert (again, lot) != (lot, first)
        assert first == again
        assert holds.held(tx) == Holds(2, {UNIT: reasons.SEALED}, {12: reasons.RECALLED}, {})

        holds.release(tx, 4, "wang", first, words="checked")
        assert holds.held(tx) == Holds(3, {}, {12: reasons.RECALLED}, {})
        with pytest.raises(StoreError, match="it is over already"):
            holds.release(tx, 5, "wang", first, words="checked")
        with pytest.raises(StoreError, match="there is none"):
            holds.release(tx, 5, "wang", 99, words="checked")

        assert [(act.who, act.what) for act in acts.acts(tx)] == [
            ("li", "hold.place"),
            ("li", "hold.place"),
            ("wang", "hold.release"),
        ]
        assert len(holds.listed(tx, also_over=True)) == 2
        assert [hold.id for hold in holds.listed(tx, also_over=False)] == [lot]


def test_the_version_rises_with_every_change_and_with_nothing_else(store: Store) -> None:
    """A cradle that was told a version was told all that was in force at it."""
    dice = random.Random(4)
    in_force: dict[int, int] = {}
    last = 0
    with store.write() as tx:
        for _ in range(200):
            what = dice.randrange(4)
            if dice.randrange(2):
                changes = what not in in_force
                in_force[what] = holds.place(
                    tx, 1, "li", scopes.UNIT, bytes([what]), reasons.SEALED, words=""
                )
            else:
                changes = what in in_force
                if changes:
                    holds.release(tx, 1, "li", in_force.pop(what), words="")
            held = holds.held(tx)
            assert (held.version > last) == changes
            assert held.units == {bytes([what]): reasons.SEALED for what in in_force}
            last = held.version
