"""Golden octets: every message of every released version is still read, and still written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cbor2
import pytest

from protocol import cbor, shapes, wire

FILES = sorted((Path(cbor.__file__).parent / "golden").glob("v*.json"))
MESSAGES: dict[str, dict[str, Any]] = {
    f"{file.stem}: {message['about']}": message
    for file in FILES
    for message in json.loads(file.read_text())
}

TOPICS: dict[str, tuple[Callable[[object], object], Callable[[Any], object]]] = {
    "up": (wire.read_batch, wire.batch_item),
    "down": (wire.read_down, wire.down_item),
    "state": (wire.read_state, wire.state_item),
}


def shape(written: dict[str, Any]) -> Any:
    """The tuple that the JSON of a golden file stands for."""
    fields = {name: value for name, value in written.items() if name != "shape"}
    for name, value in fields.items():
        if name in ("boot_id", "rulings", "settings"):
            fields[name] = bytes.fromhex(value)
        elif name == "names":
            fields[name] = [bytes.fromhex(one) for one in value]
        elif name == "records":
            fields[name] = [shape(one) for one in value]
        elif name == "labels":
            fields[name] = tuple(
                shapes.Label(symbology.encode("latin-1"), data.encode("latin-1"), reason)
                for symbology, data, reason in value
            )
    return getattr(shapes, written["shape"])(**fields)


@pytest.mark.parametrize("message", MESSAGES.values(), ids=MESSAGES)
def test_the_octets_mean_what_they_meant(message: dict[str, Any]) -> None:
    read, _ = TOPICS[message["topic"]]
    octets = bytes.fromhex(message["hex"])

    assert read(cbor.loads(octets)) == shape(message["means"])
    assert read(cbor2.loads(octets)) == shape(message["means"])


def test_the_meaning_is_still_written_with_the_same_octets() -> None:
    for about, message in MESSAGES.items():
        if "newer" in message:
            continue
        _, item = TOPICS[message["topic"]]
        assert cbor.dumps(item(shape(message["means"]))).hex() == message["hex"], about


def test_every_shape_of_a_message_and_of_a_record_is_among_them() -> None:
    written = [message["means"] for message in MESSAGES.values()]
    inner = [one for w in written for one in w.get("records", ())]

    assert {w["shape"] for w in written + inner} == {
        name for name in vars(shapes) if name[0].isupper() and name != "Label"
    }
