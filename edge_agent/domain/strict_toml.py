"""Reads a TOML text into a shape. A break of it is told by file, place, value, next step."""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from typing import Any, TypeVar

import msgspec

from edge_agent.errors import ConfigError

T = TypeVar("T")

_COMPLAINT = re.compile(r"^(?P<why>.*?)(?: - at (?:`key` in )?`\$(?P<place>.*)`)?$", re.DOTALL)
_UNKNOWN_KEY = re.compile(r"contains unknown field `(.*)`$")
_BAD_WORD = re.compile(r"[Ii]nvalid enum value '(.*)'$")
_STEP = re.compile(r"\[(\d+)\]|\[\.\.\.\]|([^.\[\]]+)")
# msgspec's complaint, and what a person does about it.
_NEXT_STEP = (
    ("`str`, got", "write the text in quotes"),
    ("`int.*`, got", "write the number without quotes"),
    ("`int` [<>]", "choose a number in that range"),
    ("RFC3339", "write the day without quotes, such as 2026-01-01"),
    ("`array`, got", "write a list, in square brackets"),
    ("missing required field", "write that key"),
)


def read(name: str, text: str, shape: type[T], words: dict[str, tuple[str, ...]]) -> T:
    """Return ``text`` as a ``shape``.

    Args:
        name: of the file, for the complaint.
        words: for each key whose values (or, of a table, whose keys) come from a list: that list.

    Raises:
        ConfigError: not TOML, or of another shape.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"{name}: not TOML: {error}", hint="text stands in quotes, numbers and days do not"
        ) from error
    try:
        return msgspec.convert(raw, shape)
    except msgspec.ValidationError as error:
        raise _explained(name, raw, str(error), words) from error


def _explained(
    name: str, raw: dict[str, Any], complaint: str, words: dict[str, tuple[str, ...]]
) -> ConfigError:
    found = _COMPLAINT.match(complaint)
    assert found is not None, complaint
    why, place = found["why"], (found["place"] or "").removeprefix(".")
    if unknown := _UNKNOWN_KEY.search(why):
        where = f"{place}.{unknown[1]}" if place else unknown[1]
        return ConfigError(
            f"{name}: {where} = {_told(_at(raw, where))}: no such key",
            hint="take it away, or correct its name",
        )
    key = re.sub(r"\[[\d.]*\]$", "", place).rpartition(".")[2]
    if bad := _BAD_WORD.search(why):
        near = difflib.get_close_matches(bad[1], words[key], 1)
        hint = f"did you mean `{near[0]}`?" if near else f"known here: {', '.join(words[key])}"
    else:
        hint = next((step for pattern, step in _NEXT_STEP if re.search(pattern, why)), "")
    why = why[0].lower() + why[1:].replace("`", "")
    seen = f"{place} = {_told(_at(raw, place))}: " if place else ""
    return ConfigError(f"{name}: {seen}{why}", hint=hint)


def _at(raw: Any, place: str) -> Any:
    """What stands at a place such as ``rules[1].do``; msgspec names some places of a list as
    ``[...]``, and then the whole list is shown."""
    for index, key in _STEP.findall(place):
        if key:
            raw = raw[key]
        elif index:
            raw = raw[int(index)]
    return raw


def _told(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 120 else text[:119] + "…"
