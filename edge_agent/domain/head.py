"""A signed head: how far ledger and acts went at one time. Kept elsewhere, it shows a cut-off end.

A chain proves that nothing inside it was changed. It cannot prove that nothing was cut off its end:
what is left is a whole chain too. Whoever holds a head can, because the store must extend it.
"""

from __future__ import annotations

import struct
from collections.abc import Collection
from typing import NamedTuple

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

# What is signed begins with this, so that no signature of ours can be taken for another one.
_SIGNED = b"scandock head 1\n"
_FIELDS = struct.Struct(">16sQQ32sQ32s")


class Head(NamedTuple):
    """How far a store had gone.

    Attributes:
        store: its id, 16 octets.
        at_ms: UTC, milliseconds since 1970.
        records: number of the last record, and ``ledger`` the last row's link.
        acts: number of the last act, and ``act`` its link.
    """

    store: bytes
    at_ms: int
    records: int
    ledger: bytes
    acts: int
    act: bytes


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    """A head as it is written: one JSON object; octets are hexadecimal."""

    store: str
    at_ms: int
    records: int
    ledger: str
    acts: int
    act: str
    key: str
    signature: str


def public_key(key: bytes) -> bytes:
    """What everybody may know of ``key``: 32 octets, with which its signatures are checked."""
    return Ed25519PrivateKey.from_private_bytes(key).public_key().public_bytes_raw()


def sign(head: Head, key: bytes) -> bytes:
    """Write ``head`` as one line, without its end.

    Args:
        key: 32 random octets, an Ed25519 private key (RFC 8032).
    """
    signature = Ed25519PrivateKey.from_private_bytes(key).sign(_octets(head))
    line = _Line(
        head.store.hex(),
        head.at_ms,
        head.records,
        head.ledger.hex(),
        head.acts,
        head.act.hex(),
        public_key(key).hex(),
        signature.hex(),
    )
    return msgspec.json.encode(line)


def opened(line: bytes, keys: Collection[bytes]) -> Head:
    """Read a head, if it is signed with one of ``keys``, which are public keys.

    Raises:
        ValueError: not a head, or not signed like that; says which.
    """
    try:
        told = msgspec.json.decode(line, type=_Line)
        key, signature = bytes.fromhex(told.key), bytes.fromhex(told.signature)
        head = Head(
            bytes.fromhex(told.store),
            told.at_ms,
            told.records,
            bytes.fromhex(told.ledger),
            told.acts,
            bytes.fromhex(told.act),
        )
        signed = _octets(head)
    except (msgspec.DecodeError, ValueError, struct.error) as error:
        raise ValueError(f"not a head ({error})") from None
    if key not in keys:
        raise ValueError(f"signed with another key ({key.hex()})")
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
    except (InvalidSignature, ValueError):
        raise ValueError("its signature does not fit: it was changed") from None
    return head


def _octets(head: Head) -> bytes:
    if (len(head.store), len(head.ledger), len(head.act)) != (16, 32, 32):
        raise ValueError("a field has the wrong length")
    return _SIGNED + _FIELDS.pack(*head)
