"""The short way to an ordinary label's elements gives what the long way gives, or nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from protocol import gs1, gs1_ordinary
from protocol.codes import Classifier
from tests.protocol import draws


def by_the_long_way(data: bytes) -> list[tuple[bytes, bytes]] | None:
    elements = gs1.Elements()
    return list(elements.pairs(data)) if elements.read(data, 0, len(data), strict=True) else None


@given(draws.element_strings())
def test_an_ordinary_label_is_read(drawn: tuple[bytes, list[tuple[bytes, bytes]]]) -> None:
    string, elements = drawn

    found = gs1_ordinary.elements(string.strip(b"\x1d"))

    assert found is not None
    assert list(found.items()) == elements == by_the_long_way(string.strip(b"\x1d"))


@given(
    draws.element_strings(),
    st.lists(
        st.tuples(st.integers(0, 99), st.integers(0, 1), st.sampled_from(b"0139A~ ]\x1d")),
        max_size=3,
    ),
)
def test_what_it_says_of_a_spoilt_label_the_long_way_says_too(
    drawn: tuple[bytes, object], wounds: list[tuple[int, int, int]]
) -> None:
    octets = bytearray(drawn[0])
    for at, width, octet in wounds:
        octets[at % (len(octets) + 1) : at % (len(octets) + 1) + width] = bytes([octet])
    found = gs1_ordinary.elements(bytes(octets))

    assert found is None or list(found.items()) == by_the_long_way(bytes(octets))


def test_what_is_remembered_is_bounded_and_wrong_values_are_not() -> None:
    for number in range(10_000):
        gtin = draws.checked(b"0899%09d" % number)
        assert gs1_ordinary.elements(b"01" + gtin) == {b"01": gtin}
        assert gs1_ordinary.elements(b"01" + gtin[:-1] + b"%d" % ((gtin[-1] + 1) % 10)) is None
        assert len(gs1_ordinary._RIGHT) <= gs1_ordinary._RIGHT_MOST


@given(
    draws.element_strings(),
    st.lists(
        st.tuples(st.integers(0, 99), st.integers(0, 1), st.sampled_from(b"0139A~ ]\x1d")),
        max_size=2,
    ),
    st.sampled_from([b"d2", b"C1", b"Q3", b"e0"]),
)
def test_a_label_is_the_same_code_by_either_way(
    drawn: tuple[bytes, object], wounds: list[tuple[int, int, int]], symbology: bytes
) -> None:
    octets = bytearray(drawn[0])
    for at, width, octet in wounds:
        octets[at % (len(octets) + 1) : at % (len(octets) + 1) + width] = bytes([octet])
    short, long = Classifier(), Classifier()
    long._ordinary = None
    one, other = short.code(symbology, bytes(octets)), long.code(symbology, bytes(octets))

    for name in ("kind", "key", "elements", "reason", "at"):
        assert getattr(one, name) == getattr(other, name)
