"""A wrong setting is refused by its name, the value seen and what is allowed."""

import hashlib
import json

import pytest

from firmware.core.settings import Settings, SettingsError
from protocol.code_rules import DEFAULT

GOOD = {"site": "demo", "device": "cradle-1", "broker_host": "127.0.0.1"}


def octets(**changes: object) -> bytes:
    return json.dumps({**GOOD, **changes}).encode()


def test_what_is_not_given_has_its_usual_value() -> None:
    settings = Settings(octets())

    assert (settings.broker_port, settings.repeat_ms, settings.no_read) == (1883, 300, "NOREAD")


def test_the_rules_of_classification_are_a_setting() -> None:
    assert Settings(octets()).codes is DEFAULT
    assert Settings(octets(codes={"msfx_heads": ["81"]})).codes.msfx_heads == (b"81",)


def test_the_hash_tells_the_agent_what_is_in_force() -> None:
    assert Settings(octets()).hash == hashlib.sha256(octets()).digest()[:8]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"{", "settings: not JSON; write them anew"),
        (b"[]", "settings: must be a JSON object of names and values"),
        (octets(device=None), "settings: device is missing"),
        (octets(repeat=1), "settings: repeat is not a setting; leave it out"),
        (octets(repeat_ms=-1), "settings: repeat_ms is -1; allowed: 0 to 10000 as a number"),
        (octets(repeat_ms="1"), "settings: repeat_ms is '1'; allowed: 0 to 10000 as a number"),
        (octets(gap_ms=True), "settings: gap_ms is True; allowed: 5 to 5000 as a number"),
        (octets(device=""), "settings: device is ''; allowed: 1 to 32 characters"),
        (octets(codes={"msfx": 1}), "settings: codes: msfx is not a rule; leave it out"),
        (octets(codes=[]), "settings: codes: the rules are []; allowed: names and values"),
        (octets(codes={"x": "8" * 2048}), "settings: codes has more than 2048 characters"),
        (octets(site="Demo"), "settings: site is 'Demo'; use a-z 0-9 - only"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_wrong_setting_is_named(text: bytes, sentence: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings(text)

    assert str(caught.value) == sentence
