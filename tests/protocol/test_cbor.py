"""CBOR: one octet string for each item and one item for each; everything else has its reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cbor2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from protocol import cbor, reasons
from protocol.errors import CborError
from tests.protocol.draws import items


def nested(arrays: int) -> bytes:
    """``arrays`` arrays, one in the other."""
    return b"\x81" * (arrays - 1) + b"\x80"


REFUSED = {
    "nothing at all": (b"", reasons.TRUNCATED, 0),
    "head cut": (b"\x19\x03", reasons.TRUNCATED, 2),
    "string cut": (b"\x43ab", reasons.TRUNCATED, 3),
    "array cut": (b"\x83\x01\x02", reasons.TRUNCATED, 3),
    "map without its last value": (b"\xa1\x01", reasons.TRUNCATED, 2),
    "array that promises 2**64-1 items": (b"\x9b" + b"\xff" * 8, reasons.TRUNCATED, 9),
    "string that promises 2**64-1 octets": (b"\x5b" + b"\xff" * 8, reasons.TRUNCATED, 9),
    "surplus octet": (b"\x01\x00", reasons.TRAILING, 1),
    "23 in two octets": (b"\x18\x17", reasons.NOT_SHORTEST, 0),
    "255 in three octets": (b"\x19\x00\xff", reasons.NOT_SHORTEST, 0),
    "65535 in five octets": (b"\x1a\x00\x00\xff\xff", reasons.NOT_SHORTEST, 0),
    "2**32-1 in nine octets": (b"\x1b" + bytes(4) + b"\xff" * 4, reasons.NOT_SHORTEST, 0),
    "length of a string": (b"\x81\x58\x01a", reasons.NOT_SHORTEST, 1),
    "indefinite octets": (b"\x5f\x41a\xff", reasons.INDEFINITE, 0),
    "indefinite array": (b"\x82\x01\x9f\xff", reasons.INDEFINITE, 2),
    "tag": (b"\x81\xc0\x60", reasons.TAG, 1),
    "half float": (b"\xf9\x3c\x00", reasons.FLOAT_OR_SIMPLE, 0),
    "undefined": (b"\xf7", reasons.FLOAT_OR_SIMPLE, 0),
    "break alone": (b"\xff", reasons.FLOAT_OR_SIMPLE, 0),
    "reserved length 28": (b"\x1c", reasons.FLOAT_OR_SIMPLE, 0),
    "text as key": (b"\xa1\x61a\x01", reasons.KEY_TYPE, 1),
    "true as key": (b"\xa1\xf5\x01", reasons.KEY_TYPE, 1),
    "array as key": (b"\xa1\x80\x01", reasons.KEY_TYPE, 1),
    "keys descending": (b"\xa2\x02\x00\x01\x00", reasons.KEY_ORDER, 3),
    "key twice": (b"\xa2\x01\x00\x01\x00", reasons.KEY_ORDER, 3),
    "nine arrays deep": (nested(cbor.DEPTH_MAX + 1), reasons.DEPTH, cbor.DEPTH_MAX),
    "too large": (bytes(cbor.MESSAGE_MAX + 1), reasons.SIZE, cbor.MESSAGE_MAX),
    "overlong slash": (b"\x62\xc0\xaf", reasons.UTF8, 1),
    "surrogate": (b"\x63\xed\xa0\x80", reasons.UTF8, 1),
    "beyond U+10FFFF": (b"\x64\xf4\x90\x80\x80", reasons.UTF8, 1),
    "character cut": (b"\x63ab\xc3", reasons.UTF8, 3),
    "continuation missing": (b"\x63a\xc3a", reasons.UTF8, 2),
}


@pytest.mark.parametrize(("data", "reason", "at"), REFUSED.values(), ids=REFUSED)
def test_what_is_outside_the_slice_is_refused_with_reason_and_place(
    data: bytes, reason: int, at: int
) -> None:
    with pytest.raises(CborError) as refusal:
        cbor.loads(data)

    assert (refusal.value.reason, refusal.value.at) == (reason, at)


def test_every_reason_of_cbor_is_reached() -> None:
    assert {reason for _, reason, _ in REFUSED.values()} == set(
        range(reasons.TRUNCATED, reasons.UTF8 + 1)
    )


@given(items())
def test_round_trip(item: object) -> None:
    assert cbor.loads(cbor.dumps(item)) == item


@given(items())
def test_the_octets_are_those_of_cbor2(item: object) -> None:
    assert cbor.dumps(item) == cbor2.dumps(item, canonical=True)


def test_the_deepest_nesting_is_the_same_both_ways() -> None:
    deepest = cbor.loads(nested(cbor.DEPTH_MAX))

    assert cbor.dumps(deepest) == nested(cbor.DEPTH_MAX)
    for container in ([deepest], {1: deepest}):
        with pytest.raises(ValueError, match="nested deeper than 8"):
            cbor.dumps(container)


def test_the_longest_message_is_read() -> None:
    longest = bytes(cbor.MESSAGE_MAX - 3)

    assert cbor.loads(cbor.dumps(longest)) == longest


@pytest.mark.parametrize(
    ("item", "error"),
    [
        (1.0, TypeError),
        ({"a": 1}, TypeError),
        ({True: 1}, TypeError),
        (object(), TypeError),
        (2**64, ValueError),
        (-(2**64) - 1, ValueError),
    ],
    ids=repr,
)
def test_our_own_mistakes_are_no_cbor_errors(item: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        cbor.dumps(item)


def strictly(data: bytes) -> object:
    """Read ``data`` with cbor2, and hold what it gives to every rule that cbor2 does not know.

    Raises:
        CBORDecodeError or ValueError: not our slice.
    """
    if len(data) > cbor.MESSAGE_MAX:
        raise ValueError("too large")
    item = cbor2.loads(data, allow_indefinite=False, allow_duplicate_keys=False)
    _require_slice(item, 1)
    # Only the shortest form, without a tag and without a surplus octet, comes out as it went in.
    if cbor2.dumps(item) != data:
        raise ValueError("not the one encoding")
    return item


def _require_slice(item: object, depth: int) -> None:
    if isinstance(item, list | dict) and depth > cbor.DEPTH_MAX:
        raise ValueError("too deep")
    if isinstance(item, dict):
        keys = [cbor2.dumps(key) for key in item]
        if not all(type(key) is int for key in item) or keys != sorted(keys):
            raise ValueError("keys")
        for value in item.values():
            _require_slice(value, depth + 1)
    elif isinstance(item, list):
        for value in item:
            _require_slice(value, depth + 1)
    elif isinstance(item, int):
        if not -(2**64) <= item < 2**64:
            raise ValueError("a bignum")
    elif not (item is None or isinstance(item, bytes | str)):
        raise ValueError(f"{type(item)} is outside")


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A message of ours, or one of CBOR's other forms, with up to three octets changed."""
    foreign = (
        st.floats() | st.just(cbor2.undefined) | st.builds(cbor2.CBORTag, st.just(99), items())
    )
    item = draw(items() | st.lists(items(3) | foreign, max_size=4))
    octets = bytearray(cbor2.dumps(item, indefinite_containers=draw(st.booleans())))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(octets)))
        octets[at : at + draw(st.integers(0, 1))] = draw(st.binary(max_size=2))
    return bytes(octets)


@given(damaged() | st.binary(max_size=40))
@example(b"\xa2\x20\x00\x18\x18\x00")  # -1 before 24: shorter first, as RFC 7049 had it
@example(b"\xa2\x18\x18\x00\x20\x00")
@example(b"\xc2\x41\x01")  # a bignum that would fit an integer
@example(nested(cbor.DEPTH_MAX + 1))
def test_we_read_exactly_what_cbor2_reads_and_every_rule_allows(data: bytes) -> None:
    try:
        expected = strictly(data)
    except (cbor2.CBORDecodeError, ValueError):
        with pytest.raises(CborError) as refusal:
            cbor.loads(data)
        assert reasons.TRUNCATED <= refusal.value.reason <= reasons.UTF8
        assert 0 <= refusal.value.at <= len(data)
    else:
        found = cbor.loads(data)
        assert found == expected
        assert cbor.dumps(found) == data


def test_appendix_a_of_the_rfc(shared_data: Path) -> None:
    """Source: RFC 8949, appendix A, as collected by the CBOR working group."""
    inside = 0
    for vector in json.loads((shared_data / "cbor_appendix_a.json").read_text()):
        data = bytes.fromhex(vector["hex"])
        reason = _outside(vector)
        if reason == reasons.OK:
            inside += 1
            assert cbor.loads(data) == vector.get("decoded", cbor2.loads(data)), vector
            assert cbor.dumps(cbor.loads(data)) == data, vector
            continue
        with pytest.raises(CborError) as refusal:
            cbor.loads(data)
        assert refusal.value.reason == reason, vector

    assert inside == 34


def _outside(vector: dict[str, Any]) -> int:
    """Why a vector of the appendix is none of ours, by its first octet and its meaning."""
    first = int(vector["hex"][:2], 16)
    if first >> 5 == 6:
        return reasons.TAG
    if first >> 5 == 7 and first not in (0xF4, 0xF5, 0xF6):
        return reasons.FLOAT_OR_SIMPLE
    if not vector["roundtrip"]:
        return reasons.INDEFINITE
    return reasons.KEY_TYPE if _has_text_key(vector.get("decoded")) else reasons.OK


def _has_text_key(item: object) -> bool:
    """JSON writes every key as text: those that are numbers in the appendix do not count."""
    if isinstance(item, dict):
        return not all(key.isdigit() for key in item)
    return isinstance(item, list) and any(_has_text_key(part) for part in item)
