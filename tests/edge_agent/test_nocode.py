"""Stock without codes: only what was bought in time, checked, and the earliest expiry first."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.domain import nocode, obligations
from edge_agent.domain.nocode import NoCodeError, Stock
from edge_agent.domain.obligations import Profile
from edge_agent.store import acts
from edge_agent.store import nocode as register
from edge_agent.store.sqlite import Store

TODAY = date(2026, 3, 1)
HOSPITAL = Profile("tianjin", "hospital", frozenset({"designated"}))
BOUND = obligations.in_force(HOSPITAL, TODAY, obligations.shipped())


def stock(lot: str, days: int, quantity: int = 10, product: str = "P1") -> Stock:
    """A delivery that expires so many days from today."""
    expiry = TODAY + timedelta(days=days)
    return Stock(0, product, lot, expiry, date(2025, 3, 1), "zone N", quantity, 0, 0)


def fill(store: Store, *stocks: Stock, checked: bool = True) -> None:
    with store.write() as tx:
        for one in stocks:
            number = register.add(tx, 1, "li", one)
            if checked:
                register.check(tx, 2, "wang", number, "against the delivery note")


@pytest.mark.requirement("T05", "I14")
@pytest.mark.parametrize(
    ("bought", "taken"),
    [(date(2025, 6, 30), True), (date(2025, 7, 1), False), (date(2026, 1, 1), False)],
)
def test_only_what_was_bought_before_the_day_is_registered(bought: date, taken: bool) -> None:
    if taken:
        nocode.require_old_enough(BOUND, "P1", bought)
        return
    with pytest.raises(NoCodeError) as caught:
        nocode.require_old_enough(BOUND, "P1", bought)
    assert f"product P1, bought {bought}: must carry codes since 2025-07-01" in caught.value.what
    assert "tianjin:S4:32" in caught.value.what


def test_without_such_a_rule_anything_is_registered() -> None:
    nocode.require_old_enough((), "P1", date(2026, 2, 1))


@pytest.mark.requirement("I14")
def test_the_earliest_expiry_goes_first(store: Store) -> None:
    fill(store, stock("late", 300), stock("soon", 30), stock("P2's", 10, product="P2"))

    with store.write() as tx:
        parts = register.take(tx, 3, "li", "P1", 14, "S-1", 2, TODAY)
        left = {one.lot: one.remains for one in register.stocks(tx)}

    assert [(part.stock.lot, part.quantity) for part in parts] == [("soon", 10), ("late", 4)]
    assert left == {"P2's": 10, "soon": 0, "late": 6}


@pytest.mark.requirement("I14")
@pytest.mark.parametrize(
    ("stocks", "checked"),
    [
        ([stock("a", 30, 4)], True),  # too little
        ([stock("a", 30)], False),  # nobody has checked it
        ([stock("a", -1)], True),  # past its last day
        ([], True),
    ],
)
def test_what_cannot_be_taken_is_not(store: Store, stocks: list[Stock], checked: bool) -> None:
    fill(store, *stocks, checked=checked)

    with pytest.raises(NoCodeError, match="5 wanted"), store.write() as tx:
        register.take(tx, 3, "li", "P1", 5, "S-1", 1, TODAY)

    with store.write() as tx:
        assert [one.remains for one in register.stocks(tx)] == [one.quantity for one in stocks]
        assert register.flagged(tx, "S-1") == {}


def test_it_can_be_used_on_its_last_day(store: Store) -> None:
    fill(store, stock("a", 0))

    with store.write() as tx:
        assert register.take(tx, 3, "li", "P1", 1, "S-1", 1, TODAY)


@pytest.mark.requirement("T05")
def test_the_line_of_a_sale_is_flagged_and_its_payment_passes(store: Store) -> None:
    fill(store, stock("a", 30, 3), stock("b", 40, 3))
    with store.write() as tx:
        register.take(tx, 3, "li", "P1", 4, "S-1", 2, TODAY)
        register.take(tx, 4, "li", "P1", 1, "S-1", 2, TODAY)
        flags = register.flagged(tx, "S-1")
        days = register.bought(tx, "S-1", 2), register.bought(tx, "S-1", 1)

    assert flags == {2: 5}
    assert days == (date(2025, 3, 1), None)
    for bought, why in zip(days, ("no-code-stock", "no-code"), strict=True):
        passage = obligations.gate(BOUND, "pay", frozenset(), coded=False, no_code_bought=bought)
        assert passage.why == why


def test_every_step_is_an_act(store: Store) -> None:
    fill(store, stock("a", 30))
    with store.write() as tx:
        register.take(tx, 3, "li", "P1", 2, "S-1", 1, TODAY)
        told = [(act.who, act.what) for act in acts.acts(tx)]
        last = next(acts.acts_of(tx, "nocode.take"))

    assert told == [("li", "nocode.add"), ("wang", "nocode.check"), ("li", "nocode.take")]
    assert last.body == {"product": "P1", "document": "S-1", "line": 1, "taken": [[1, 2]]}


@pytest.mark.parametrize(
    "wrong", [stock("a", 30)._replace(zone=""), stock("a", 30, 0), stock("a", 30, -1)]
)
def test_a_zone_and_a_quantity_must_be_named(store: Store, wrong: Stock) -> None:
    with pytest.raises(NoCodeError, match="lot a"), store.write() as tx:
        register.add(tx, 1, "li", wrong)


def test_what_is_not_in_the_register_cannot_be_checked(store: Store) -> None:
    with pytest.raises(NoCodeError, match="7: not in the register"), store.write() as tx:
        register.check(tx, 1, "li", 7, "")


@pytest.mark.requirement("I14")
def test_what_must_go_is_told_in_time() -> None:
    stocks = [
        stock("gone", -5)._replace(remains=1),
        stock("empty", 5),
        stock("soon", 20)._replace(remains=4),
        stock("late", 21)._replace(remains=4),
    ]

    assert [one.lot for one in nocode.must_go(stocks, TODAY, 20)] == ["gone", "soon"]


@given(
    remains=st.lists(st.tuples(st.integers(-3, 60), st.integers(0, 9)), max_size=6),
    quantity=st.integers(1, 40),
)
def test_a_portion_is_whole_and_leaves_nothing_older(
    remains: list[tuple[int, int]], quantity: int
) -> None:
    stocks = [
        stock(f"{i}", days)._replace(id=i, remains=left, checked=1)
        for i, (days, left) in enumerate(remains)
    ]
    usable = [one for one in stocks if one.expiry >= TODAY]
    if sum(one.remains for one in usable) < quantity:
        with pytest.raises(NoCodeError):
            nocode.portion(stocks, quantity, TODAY)
        return

    parts = nocode.portion(stocks, quantity, TODAY)

    assert sum(part.quantity for part in parts) == quantity
    taken = {part.stock.id: part.quantity for part in parts}
    newest = max(part.stock.expiry for part in parts)
    for one in usable:
        assert taken.get(one.id, 0) <= one.remains
        if one.expiry < newest:
            assert taken.get(one.id, 0) == one.remains
