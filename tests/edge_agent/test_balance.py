"""Opening stock and movements give the stock; what does not agree has an owner and a due date."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.domain.alerts import KINDS, due
from edge_agent.domain.balance import COUNT, IN, OUT, Balance, Move, balances, disagreeing
from edge_agent.domain.documents import BY_LINES, CLOSED, OPEN, Document
from edge_agent.errors import AgentError
from edge_agent.store import acts, alerts, balance, documents, lots
from edge_agent.store.sqlite import Store

TODAY = date(2026, 3, 1)


def moves(*told: tuple[str, int], lot: str = "L1") -> list[Move]:
    return [Move(at, f"D{at}", way, "P1", lot, n) for at, (way, n) in enumerate(told)]


@pytest.mark.requirement("Q05")
@pytest.mark.parametrize(
    ("told", "last", "difference"),
    [
        ([(COUNT, 10), (IN, 5), (OUT, 3)], (10, 5, 3, None), 0),
        ([(COUNT, 10), (IN, 5), (OUT, 3), (COUNT, 12)], (10, 5, 3, 12), 0),
        ([(COUNT, 10), (IN, 5), (OUT, 3), (COUNT, 11)], (10, 5, 3, 11), -1),
        ([(COUNT, 10), (IN, 5), (OUT, 3), (COUNT, 14)], (10, 5, 3, 14), 2),
        ([(COUNT, 10), (OUT, 11)], (10, 0, 11, None), -1),  # more than there was
        ([(OUT, 11)], (None, 0, 11, None), 0),  # nobody knows what there was
        ([(OUT, 11), (COUNT, 4)], (None, 0, 11, 4), 0),
        ([(COUNT, 0), (IN, 5), (COUNT, 5)], (0, 5, 0, 5), 0),
    ],
)
def test_stock_is_opening_and_movements(
    told: list[tuple[str, int]], last: tuple[int | None, int, int, int | None], difference: int
) -> None:
    found = balances(moves(*told))
    stretch = found[-2] if last[3] is not None else found[-1]

    assert (stretch.opening, stretch.came, stretch.went, stretch.counted) == last
    assert stretch.difference == difference
    assert [one.difference for one in disagreeing(found)] == ([difference] if difference else [])


def test_a_later_count_that_agrees_ends_an_older_difference() -> None:
    found = balances(moves((COUNT, 10), (COUNT, 9), (OUT, 1), (COUNT, 8)))

    assert [one.difference for one in found] == [0, -1, 0, 0]
    assert disagreeing(found) == []


def test_lots_are_balanced_apart_and_lines_of_a_count_together() -> None:
    told = [
        *moves((COUNT, 4), lot="L1"),
        *moves((COUNT, 6), lot="L1"),  # a second line of the same document
        *moves((COUNT, 1), lot="L2"),
    ]

    assert balances(told)[1::2] == [
        Balance("P1", "L1", 10, 0, 0, None, ""),
        Balance("P1", "L2", 1, 0, 0, None, ""),
    ]


@given(st.lists(st.tuples(st.sampled_from([IN, OUT]), st.integers(0, 50)), max_size=20))
def test_a_true_count_always_agrees(told: list[tuple[str, int]]) -> None:
    true = 1000 + sum(n if way == IN else -n for way, n in told)

    found = balances(moves((COUNT, 1000), *told, (COUNT, true)))

    assert disagreeing(found) == []
    assert found[1].stock == found[1].counted == true


# -- in the store -------------------------------------------------------------------------------


def file(store: Store, at_ms: int, kind: str, counted: int, state: int = CLOSED) -> None:
    """A document with one line of one lot, of which so much was counted."""
    with store.write() as tx:
        number = f"{kind}-{at_ms}"
        made = documents.add(
            tx, Document(0, number, kind, "7", "", "", state, BY_LINES, at_ms, "", "", "")
        )
        documents.add_lines(tx, made, [(1, "P1", lots.lot_id(tx, "P1", "L1"), counted)])
        documents.count(tx, [documents.Counted(made, b"k%d" % at_ms, 1, 1, counted)])


@pytest.mark.requirement("Q05")
def test_the_documents_give_the_balance(store: Store) -> None:
    file(store, 3, "sale_out", 20)
    file(store, 1, "stock_take", 100)
    file(store, 2, "purchase_in", 40)
    file(store, 4, "sales_return_in", 5)
    file(store, 5, "purchase_return_out", 7)
    file(store, 6, "dispensing", 8)
    file(store, 7, "sale_out", 99, state=OPEN)  # not over yet
    file(store, 8, "stock_take", 108)

    with store.write() as tx:
        found = balances(balance.moves(tx, "P1"))
        assert balance.moves(tx, "P2") == []

    assert found[1] == Balance("P1", "L1", 100, 45, 35, 108, "stock_take-8")
    assert found[1].difference == -2
    assert found[1].told() == "opening 100 + in 45 - out 35 = 110, counted 108: -2"


@pytest.mark.requirement("Q04")
def test_an_alert_has_an_owner_and_a_due_date_and_an_end(store: Store) -> None:
    with store.write() as tx:
        one = alerts.raise_alert(tx, 1, "agent", "balance", "P1/L1", "-2", "zhao", TODAY)
        again = alerts.raise_alert(tx, 2, "agent", "balance", "P1/L1", "-2", "zhao", TODAY)
        other = alerts.raise_alert(tx, 3, "agent", "two-invoices", "R-1", "none", "li", TODAY)
        (urgent, late) = alerts.listed(tx)

        assert again == one
        assert (urgent.id, urgent.owner, urgent.due) == (other, "li", date(2026, 3, 2))
        assert (late.id, late.due) == (one, date(2026, 3, 4))
        assert not late.overdue(late.due)
        assert late.overdue(date(2026, 3, 5))

        with pytest.raises(AgentError, match="no cause is told"):
            alerts.close(tx, 4, "zhao", one, "", "counted again")
        with pytest.raises(AgentError, match="no deed is told"):
            alerts.close(tx, 4, "zhao", one, "two packs in another zone", "")
        alerts.close(tx, 5, "zhao", one, "two packs in another zone", "moved back")
        with pytest.raises(AgentError, match=f"alert {one} is not open"):
            alerts.close(tx, 6, "zhao", one, "a", "b")

        assert [alert.id for alert in alerts.listed(tx)] == [other]
        closed = alerts.listed(tx, also_closed=True)[-1]
        assert not closed.overdue(date(2027, 1, 1))
        (end,) = acts.acts_of(tx, "alert.close")
        assert end.body["cause"] == "two packs in another zone"
        assert alerts.raise_alert(tx, 7, "agent", "balance", "P1/L1", "-3", "zhao", TODAY) != one


def test_each_kind_of_alert_has_words_and_days() -> None:
    for kind, (chinese, english, _) in KINDS.items():
        assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese)
        assert english.isascii()
        assert due(kind, TODAY) > TODAY
