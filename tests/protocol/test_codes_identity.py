"""One unit has one key, however its code is written and read; two units never share one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import codes
from protocol.code_settings import read
from protocol.codes import Classifier, Code, classify
from tests.protocol import draws

# A serial number as it stands in a link: what a path does not carry is escaped.
_PLAIN = b"-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"


def escaped(value: bytes) -> bytes:
    return b"".join(bytes([o]) if o in _PLAIN else b"%%%02X" % o for o in value)


@st.composite
def ways_of_a_pack(draw: st.DrawFn, gtin: bytes, serial: bytes) -> list[tuple[bytes, bytes]]:
    """Symbology and octets of one pack in every form that GS1 has for it."""
    lot, expiry = draw(draws.SERIALS), draw(draws.VALUES[b"17"])
    others = [b"10" + lot + b"\x1d", b"17" + expiry]
    parts = draw(st.permutations([b"01" + gtin, b"21" + serial + b"\x1d", *others]))
    string = b"".join(parts)
    qualified = b"/10/" + escaped(lot) if draw(st.booleans()) else b""
    host = draw(st.sampled_from([b"https://id.gs1.org", b"http://x.example/some/where"]))
    query = draw(st.sampled_from([b"", b"?17=" + expiry, b"?linkType=all"]))
    tail = qualified + b"/21/" + escaped(serial) + query
    return [
        (b"d2", string),
        (b"d8", string.removesuffix(b"\x1d")),
        (b"", b"\x1d" + string),
        (b"Q3", b"01" + gtin + b"21" + serial + b"\x1d"),
        (b"", b"01" + gtin + b"21" + serial + b"\x1d"),
        (b"Q1", host + b"/01/" + gtin + tail),
        (b"d1", host + b"/01/" + gtin[1:] + tail),
        (b"d1", b"[)>\x1e05\x1d" + string.removesuffix(b"\x1d") + b"\x1e\x04"),
        (b"d1", b"[)>\x1e06\x1d8P" + gtin + b"\x1dS" + serial + b"\x1e\x04"),
    ]


@given(st.data(), draws.GTINS, draws.SERIALS, draws.SERIALS)
def test_a_pack_of_gs1_is_one_unit(
    data: st.DataObject, gtin: bytes, one: bytes, other: bytes
) -> None:
    codes_of_one = [classify(*label) for label in data.draw(ways_of_a_pack(gtin, one))]
    codes_of_other = [classify(*label) for label in data.draw(ways_of_a_pack(gtin, other))]

    assert {codes.names_a_unit(code.kind) for code in codes_of_one + codes_of_other} == {True}
    assert len({code.key for code in codes_of_one}) == 1
    assert ({code.key for code in codes_of_one} == {code.key for code in codes_of_other}) == (
        one == other
    )


@given(draws.MSFX20, st.sampled_from([b"https://m.example/?c=%s", b"http://m.example/%s/x?n=1"]))
def test_a_trace_code_in_a_link_is_the_code_itself(code: bytes, link: bytes) -> None:
    inside = classify(b"Q1", link % code)

    assert inside.kind == codes.URL_TRACE
    assert inside.key == classify(b"C0", code).key == int(code).to_bytes(9, "big")


@given(st.lists(draws.MSFX20, min_size=2, unique=True))
def test_keys_keep_the_order_of_trace_codes(found: list[bytes]) -> None:
    keys = {code: classify(b"C0", code).key for code in found}

    assert {len(key) for key in keys.values()} == {9}
    assert sorted(found) == sorted(found, key=keys.__getitem__)


@pytest.mark.parametrize("length", [12, 24, 32])
@given(data=st.data())
def test_keys_keep_the_order_of_trace_codes_of_another_length(
    length: int, data: st.DataObject
) -> None:
    classifier = Classifier(read({"msfx_length": length}))
    tails = st.lists(draws.digits(length - 1, length - 1), min_size=2, unique=True)
    found = [b"8" + tail for tail in data.draw(tails)]
    keys = {code: classifier.code(b"C0", code) for code in found}

    assert {code.kind for code in keys.values()} == {codes.MSFX20}
    assert sorted(found) == sorted(found, key=lambda code: keys[code].key)


@given(st.lists(draws.VALUES[b"00"], min_size=2, unique=True))
def test_keys_keep_the_order_of_shipping_units(found: list[bytes]) -> None:
    keys = {code: classify(b"C1", b"00" + code).key for code in found}

    assert sorted(found) == sorted(found, key=keys.__getitem__)


def by_maker(rules: object, data: bytes) -> Code:
    return Classifier(read(rules)).code(b"C0", data)


def test_keys_of_different_schemes_never_meet() -> None:
    makers = [{"scheme": scheme, "lengths": [14], "head": "77"} for scheme in ("a", "a7")]
    ma = b"MA.156.M0.100761.21234561.S"
    of_ppn = b"[)>\x1e06\x1d9N%b\x1dS9\x1e\x04"
    found = [
        classify(b"C0", b"8" + b"9" * 19),
        Classifier(read({"msfx_length": 21})).code(b"C0", b"8" + b"9" * 20),
        classify(b"d2", b"01" + draws.checked(b"0899999900001") + b"219A"),
        classify(b"C1", b"00" + draws.checked(b"08999999900000001")),
        classify(b"d1", of_ppn % b"110375286414"),
        classify(b"d1", of_ppn % b"111746814489"),
        classify(b"d1", ma + b"9"),
        classify(b"d1", ma + b"99"),
        *(by_maker({"makers": [maker]}, b"77999999000001") for maker in makers),
        classify(b"E0", draws.checked(b"899999900001")),
        classify(b"", b"\x10\x00"),
    ]

    tags = [4, 0x15, 0x10, 0x11, 0x12, 0x12, 0x13, 0x13, 0x14, 0x14, 0x7F, 0x7F]
    assert [code.key[0] for code in found] == tags
    assert len({code.key for code in found}) == len(found)
