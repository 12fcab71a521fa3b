"""Persons to whom drugs are handed: checked, sealed under a key of their own, found by a hash.

Two keys, drawn from a secret that is not in the store: ``master`` seals each person's data key,
``lookup`` makes the hash of a document's number by which the person is found again. A data key
seals what is known of one person; without it that is noise, for ever. No error and no ``repr`` here
holds anything of a person.
"""

from __future__ import annotations

import hmac
from typing import NamedTuple

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from edge_agent.errors import AgentError

NONCE = 12  # octets, random for each sealing
KEY = 32
ID = 16

# Types of identity documents. Source: MSFX, uploadretail, customer_id_type.
IDENTITY_CARD = 1
DOCUMENTS = {
    IDENTITY_CARD: "身份证",
    2: "护照",
    3: "军官证",
    4: "医保卡",
    5: "接种卡",
    6: "学生证",
    9: "其它",
}

# Classes of products (domain.obligations) that go to a known person only. Source: the notices of
# Inner Mongolia, line 64, and Shanxi, line 61.
BY_PERSON = frozenset(("narcotic", "psychotropic"))

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_TEXT_MAX = 100
_BLOCK = b"scandock person 1\n"
_DATA_KEY = b"scandock person key 1\n"


class Person(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a sale or dispensing says of a person.

    Attributes:
        type: of the identity document, one of ``DOCUMENTS``.
        number: its number.
        agent: who collects for the person, if another one does.
    """

    type: int
    number: str
    name: str = ""
    phone: str = ""
    agent: str = ""

    def __repr__(self) -> str:
        return "Person(…)"

    __str__ = __repr__


class Keys(NamedTuple):
    """The two keys, 32 octets each."""

    master: bytes
    lookup: bytes

    def __repr__(self) -> str:
        return "Keys(…)"


def derived(secret: bytes) -> Keys:
    """Draw both keys from one secret of 32 random octets."""
    return Keys(
        hmac.digest(secret, b"scandock persons: master", "sha256"),
        hmac.digest(secret, b"scandock persons: lookup", "sha256"),
    )


def checked(person: Person) -> Person:
    """Return ``person`` with the number as it is compared: no spaces, capital letters.

    Raises:
        AgentError: no such document, no number, a wrong check digit, a text too long.
    """
    if person.type not in DOCUMENTS:
        known = ", ".join(f"{number} {name}" for number, name in DOCUMENTS.items())
        raise AgentError(f"{person.type}: no such type of document", hint=f"one of {known}")
    number = "".join(person.number.split()).upper()
    if not number or not number.isascii() or not number.isalnum():
        raise AgentError(
            "the number of the document is not letters and digits", hint="read the document again"
        )
    if person.type == IDENTITY_CARD and not _fits(number):
        raise AgentError(
            "the number of the 身份证 does not have 18 places with a check digit that fits",
            hint="read the document again; for another document give its type",
        )
    if max(map(len, (number, person.name, person.phone, person.agent))) > _TEXT_MAX:
        raise AgentError(f"a text of the person has more than {_TEXT_MAX} characters")
    return msgspec.structs.replace(person, number=number)


def lookup(keys: Keys, person: Person) -> bytes:
    """The hash by which ``person``, which was checked, is found: HMAC-SHA256, 32 octets."""
    return hmac.digest(keys.lookup, f"{person.type}:{person.number}".encode(), "sha256")


def seal(data_key: bytes, person_id: bytes, person: Person, nonce: bytes) -> bytes:
    """Seal what is known of a person: AES-256-GCM, bound to the person's id; nonce first."""
    text = msgspec.json.encode(person)
    return nonce + AESGCM(data_key).encrypt(nonce, text, _BLOCK + person_id)


def unseal(data_key: bytes, person_id: bytes, sealed: bytes) -> Person:
    """Open what ``seal`` made.

    Raises:
        AgentError: it was changed, or sealed with another key.
    """
    return msgspec.json.decode(_opened(data_key, sealed, _BLOCK + person_id), type=Person)


def seal_key(keys: Keys, person_id: bytes, data_key: bytes, nonce: bytes) -> bytes:
    """Seal a person's data key for the store."""
    return nonce + AESGCM(keys.master).encrypt(nonce, data_key, _DATA_KEY + person_id)


def unseal_key(keys: Keys, person_id: bytes, sealed: bytes) -> bytes:
    """Open what ``seal_key`` made.

    Raises:
        AgentError: it was changed, or the master key is another one.
    """
    return _opened(keys.master, sealed, _DATA_KEY + person_id)


def _opened(key: bytes, sealed: bytes, bound: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], bound)
    except (InvalidTag, ValueError):
        raise AgentError(
            "what is sealed of a person does not open",
            hint="is keys/persons.key the one it was sealed with? bring back the copy of that time",
        ) from None


def _fits(number: str) -> bool:
    """Source: GB 11643-1999, 18 places; check by ISO 7064 MOD 11-2."""
    if len(number) != 18 or not number[:17].isdigit():
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return number[17] == _CHECKS[total % 11]
