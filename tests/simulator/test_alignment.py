"""What was shown and what was recorded are laid side by side, and every one of them once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from simulator.alignment import align

FEW = st.lists(st.sampled_from("ab"), max_size=30)
DISTINCT = st.integers(1, 60).map(lambda count: [str(number) for number in range(count)])


def pairs(shown: list[str], recorded: list[str | None]) -> list[tuple[int | None, int | None]]:
    return list(align(shown, recorded))


@given(shown=FEW, recorded=st.lists(st.sampled_from(["a", "b", None]), max_size=30))
def test_each_is_named_once_and_in_order(shown: list[str], recorded: list[str | None]) -> None:
    made = pairs(shown, recorded)

    assert [i for i, _ in made if i is not None] == list(range(len(shown)))
    assert [j for _, j in made if j is not None] == list(range(len(recorded)))


@given(shown=FEW, unknown=st.sets(st.integers(0, 29)))
def test_the_nth_goes_with_the_nth_when_nothing_is_wrong(
    shown: list[str], unknown: set[int]
) -> None:
    recorded = [None if i in unknown else one for i, one in enumerate(shown)]

    assert pairs(shown, recorded) == [(i, i) for i in range(len(shown))]


@given(shown=FEW.filter(bool), data=st.data())
def test_one_in_the_place_of_another_moves_nothing(shown: list[str], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(shown) - 1))
    recorded: list[str | None] = [*shown]
    recorded[place] = "x"

    assert pairs(shown, recorded) == [(i, i) for i in range(len(shown))]


@given(shown=DISTINCT, data=st.data(), count=st.integers(1, 8))
def test_what_was_missed_is_left_alone(shown: list[str], data: st.DataObject, count: int) -> None:
    place = data.draw(st.integers(0, len(shown) - 1))
    recorded: list[str | None] = [*shown[:place], *shown[place + count :]]
    missed = [i for i, j in pairs(shown, recorded) if j is None]

    assert missed == list(range(place, min(place + count, len(shown))))


@given(shown=DISTINCT, data=st.data(), count=st.integers(1, 8))
def test_what_is_surplus_is_left_alone(shown: list[str], data: st.DataObject, count: int) -> None:
    # Not at the end: there, a record of unknown content may well be the last one shown.
    place = data.draw(st.integers(0, len(shown) - 1))
    strange = data.draw(st.lists(st.sampled_from(["x", None]), min_size=count, max_size=count))
    recorded: list[str | None] = [*shown[:place], *strange, *shown[place:]]
    surplus = [j for i, j in pairs(shown, recorded) if i is None]

    assert surplus == list(range(place, place + count))


@given(data=st.data(), count=st.integers(3, 40))
def test_an_unknown_one_hides_no_missed_one(data: st.DataObject, count: int) -> None:
    shown = [str(number) for number in range(count)]
    place = data.draw(st.integers(0, count - 3))
    recorded: list[str | None] = [*shown[:place], None, *shown[place + 2 :]]
    missed = [i for i, j in pairs(shown, recorded) if j is None]

    assert missed == [place]
    assert (place + 1, place) in pairs(shown, recorded)
