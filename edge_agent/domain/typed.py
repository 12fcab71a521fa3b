"""What a person typed or pasted, as the octets an engine would have sent.

People write codes as packs show them: in groups, with hyphens, in full-width digits, with
brackets around application identifiers, with the words of the pack. Only here are such things
taken away; what a scanner sent is never touched. What cannot be read in exactly one way is
refused, not mended.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from edge_agent.domain.element_string import joined
from edge_agent.domain.escapes import unescaped
from edge_agent.errors import AgentError
from protocol import gs1_ai

# Full-width forms of ASCII, as Chinese input methods write them, and the ideographic space.
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
# What copying from a document leaves behind, invisible.
_INVISIBLE = dict.fromkeys((0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF))
_HYPHENS = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u00ad-"
_GROUPS = rf"[0-9](?:[ \t{_HYPHENS}]*[0-9])*"

# The pack's words for the two halves of a 20-digit code, and for the whole.
# Source: NMPAB/T 1002-2019 for the terms; pack texts for their use.
_IDENTIFICATION = ("药品标识码", "药品识别码", "标识码")
_SERIAL = ("序列号",)
_WHOLE = ("药品追溯码", "追溯码", "药品电子监管码", "电子监管码")
_WORDS = re.compile(
    rf"(?P<word>{'|'.join((*_IDENTIFICATION, *_SERIAL, *_WHOLE))})\s*[:]?\s*(?P<digits>{_GROUPS})"
)

# A German article number, as a pack shows it and as it stands in Code 39.
_PZN = re.compile(r"(?:PZN[ \t:]*-?|-)[ \t]*(?P<digits>[0-9]{7,8})")

_BRACKETED = re.compile(r"\((?P<ai>[0-9]{2,4})\)(?P<value>(?:[^(\\]|\\[()\\])+)")

# Digits of numbers that may be written with hyphens; in any other the hyphens may be meant.
_HYPHENATED = (8, 12, 13, 14, 18, 20)

_FORMS = (
    "write 20 digits, an article number, (01)…(21)… with brackets, a link, or the pack's own"
    " words such as 药品标识码：… 序列号：…"
)


class TypedError(AgentError):
    """A text that is no code we know how to read."""


class Typed(NamedTuple):
    """What an engine would have sent.

    Attributes:
        symbology: two octets without "]" if the text began with an identifier; else empty.
        data: the octets after it. A leading 0x1D says that a GS1 element string follows.
    """

    symbology: bytes
    data: bytes


def octets(text: str) -> Typed:
    """Read ``text``.

    Raises:
        TypedError: it is no code, or could be read in more than one way.
    """
    plain = text.translate(_FULL_WIDTH).translate(_INVISIBLE).strip(" \t\r\n")
    if not plain:
        raise TypedError("nothing was typed", hint=_FORMS)
    if plain.startswith("("):
        return Typed(b"", _elements(plain))
    if word := _WORDS.match(plain):
        return Typed(b"", _labelled(plain, word["word"]))
    if pzn := _PZN.fullmatch(plain):
        return Typed(b"", b"-" + pzn["digits"].encode())
    if re.fullmatch(rf"[0-9 \t{_HYPHENS}]+", plain):
        return Typed(b"", _digits(plain))
    if _is_as_sent(plain):
        return _as_sent(plain)
    raise TypedError(f'"{text.strip()}" is no code', hint=_FORMS)


def _elements(text: str) -> bytes:
    """A GS1 element string in brackets. Spaces are none of GS1's characters, so they go."""
    packed = "".join(text.split())
    elements: list[tuple[bytes, bytes]] = []
    at = 0
    while at < len(packed):
        found = _BRACKETED.match(packed, at)
        if found is None or not packed.isascii():
            raise TypedError(
                f'"{packed[at:]}" is no (application identifier) and value',
                hint=r"write (01)…(21)…; a bracket inside a value is written \(",
            )
        value = re.sub(r"\\(.)", r"\1", found["value"])
        elements.append(_element(found["ai"].encode(), value.encode()))
        at = found.end()
    return b"\x1d" + joined(elements)


def _element(ai: bytes, value: bytes) -> tuple[bytes, bytes]:
    """Check what no FNC1 will tell: where the identifier ends, and where a value of fixed length
    does. Otherwise the next element would begin at another place than in the brackets."""
    # It is one, and does not merely begin with one.
    if not gs1_ai.row_at(ai, 0, len(ai)) or gs1_ai.row_at(ai, 0, len(ai) - 1):
        raise TypedError(
            f"({ai.decode()}) is no application identifier of GS1", hint="compare with the pack"
        )
    fixed = gs1_ai.predefined(int(ai[:2])) - len(ai)
    if fixed >= 0 and len(value) != fixed:
        raise TypedError(
            f"({ai.decode()}){value.decode()} has {len(value)} characters, not {fixed}",
            hint="compare with the pack; a GTIN of 13 digits has a 0 before it",
        )
    return ai, value


def _labelled(text: str, first: str) -> bytes:
    """The words of a pack with their digits: both halves, or the whole."""
    parts: dict[str, str] = {}
    at = 0
    while at < len(text):
        found = _WORDS.match(text, at)
        if found is None:
            raise TypedError(f'"{text[at:]}" after {first} is not understood', hint=_FORMS)
        word = found["word"]
        role = "head" if word in _IDENTIFICATION else "serial" if word in _SERIAL else "whole"
        if role in parts:
            raise TypedError(f"{word} stands twice", hint="type the words of one pack")
        parts[role] = "".join(re.findall("[0-9]", found["digits"]))
        at = found.end()
        at += len(text[at:]) - len(text[at:].lstrip(" \t\r\n,;、"))
    if parts.keys() == {"whole"}:
        return parts["whole"].encode()
    if parts.keys() != {"head", "serial"}:
        missing = "序列号" if "head" in parts else "药品标识码"
        raise TypedError(f"{first} without {missing}", hint="type both, as the pack shows them")
    if (len(parts["head"]), len(parts["serial"])) != (7, 13):
        raise TypedError(
            f"药品标识码 has {len(parts['head'])} digits and 序列号 {len(parts['serial'])},"
            " not 7 and 13",
            hint="compare with the pack",
        )
    return (parts["head"] + parts["serial"]).encode()


def _digits(text: str) -> bytes:
    digits = "".join(re.findall("[0-9]", text))
    hyphens = any(char in _HYPHENS for char in text)
    if not digits or (hyphens and len(digits) not in _HYPHENATED):
        raise TypedError(
            f'"{text}" has hyphens and {len(digits)} digits: the hyphens may belong to the code',
            hint="type it without hyphens, or as (01)…(21)…",
        )
    return digits.encode()


def _is_as_sent(text: str) -> bool:
    """Say whether ``text`` is one piece, in a form that tells what it is."""
    return text.isascii() and (
        re.fullmatch(r"https?://\S+", text, re.IGNORECASE) is not None
        or re.fullmatch(r"MA\.\S+", text) is not None
        or re.match(r"\][A-Za-z][0-9A-Za-z]\S", text) is not None
        or re.match(r"\[\)>(?:\{RS\}|\\x1[eE]|\x1e)", text) is not None
        or re.match(r"(?:\{GS\}|\\x1[dD]|\x1d)?(?:01[0-9]{14}|00[0-9]{18})", text) is not None
    )


def _as_sent(text: str) -> Typed:
    if re.search(r"\s", text.replace("\x1d", "").replace("\x1e", "")):
        raise TypedError(f'"{text}" has a space inside', hint="take the space out")
    data = unescaped(text.encode("ascii"))
    if data[:1] == b"]":
        return Typed(data[1:3], data[3:])
    return Typed(b"", data)
