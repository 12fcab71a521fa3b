"""One scan reaches every receiver, and none of them can keep it from another."""

from __future__ import annotations

import pytest

from edge_agent.store import outbox
from edge_agent.store.outbox import DELIVERED, REFUSED, UNKNOWN, Parcel
from edge_agent.store.sqlite import Store
from tests.edge_agent.words import accept, arrival, code, octets, scan

RECEIVERS = ("erp", "platform", "bureau")


def deliver(store: Store, name: str, state: int) -> list[int]:
    """Tell a receiver what is due to it; return the records that were told."""
    told: list[int] = []
    with store.write() as tx:
        while isinstance(parcel := outbox.reserve(tx, name, 2, 0), Parcel):
            told += range(parcel.first, parcel.last + 1)
            outbox.settle(tx, parcel, state, 60_000, "")
    return told


@pytest.mark.requirement("O15", "X02", "X04")
@pytest.mark.parametrize("trouble", [REFUSED, UNKNOWN])
def test_every_receiver_is_told_everything_once_whatever_the_others_do(
    store: Store, trouble: int
) -> None:
    with store.write() as tx:
        for name in RECEIVERS:
            outbox.enrol(tx, name)
    accept(store, arrival(octets(*(scan(seq, code(seq)) for seq in range(5)))))

    told = {name: deliver(store, name, DELIVERED) for name in RECEIVERS[1:]}
    stuck = deliver(store, "erp", trouble)
    accept(store, arrival(octets(scan(5, code(5)))))

    assert told == {name: [1, 2, 3, 4, 5] for name in RECEIVERS[1:]}
    assert stuck[:2] == [1, 2]
    assert {name: deliver(store, name, DELIVERED) for name in told} == {name: [6] for name in told}
