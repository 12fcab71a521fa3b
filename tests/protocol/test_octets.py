"""The inner loops by CPython's own methods give the answers of the plain ones, place by place."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from protocol import octets, octets_builtin, octets_plain
from tests.protocol import draws

DATA = st.one_of(
    st.binary(max_size=24),
    draws.digits(0, 24),
    st.text("0123456789ABCZaz-_~ \x1d", max_size=24).map(str.encode),
)
KINDS = st.sampled_from([bytes, bytearray])


@st.composite
def spans(draw: st.DrawFn) -> tuple[bytes | bytearray, int, int]:
    data = draw(KINDS)(draw(DATA))
    at = draw(st.integers(0, len(data)))
    return data, at, draw(st.integers(at, len(data)))


@given(spans(), st.integers(0, 255))
def test_both_forms_come_equally_far(span: tuple[bytes, int, int], octet: int) -> None:
    data, at, stop = span
    for name in ("past_digits", "past_set82", "past_key"):
        plain, builtin = getattr(octets_plain, name), getattr(octets_builtin, name)
        assert builtin(data, at, stop) == plain(data, at, stop), name
    assert octets_builtin.find(data, octet, at, stop) == octets_plain.find(data, octet, at, stop)
    half = (stop - at) // 2
    for other in (at + half, 0):
        assert octets_builtin.same(data, at, at + half, other) == octets_plain.same(
            data, at, at + half, other
        )


@given(KINDS, st.one_of(draws.digits(6, 6), st.binary(min_size=6, max_size=6)))
def test_both_forms_know_the_same_days(kind: type[bytes], date: bytes) -> None:
    data = kind(b"17" + date)

    assert octets_builtin.past_date(data, 2, 8) == octets_plain.past_date(data, 2, 8)


def test_both_forms_know_every_day_of_four_years() -> None:
    for number in range(40_000):
        date = b"%06d" % (number + 10_000 * (number // 10_000 + 20))
        assert octets_builtin.past_date(date, 0, 6) == octets_plain.past_date(date, 0, 6), date


def test_this_interpreter_has_its_own_form() -> None:
    assert octets.past_key is octets_builtin.past_key
