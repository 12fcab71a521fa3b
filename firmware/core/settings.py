"""What differs from cradle to cradle. A wrong one is refused by its name and its value."""

import hashlib
import json

from protocol import topics
from protocol.code_rules import DEFAULT, Rules
from protocol.errors import TopicError


class SettingsError(Exception):
    """A setting is missing, unknown or out of range. The text names it."""


# Name, what it is when not given (None: must be given), least, most. Texts have lengths instead.
_TEXTS = (
    ("site", None, 1, 32),
    ("device", None, 1, 32),
    ("broker_host", None, 1, 253),
    ("username", "", 0, 64),
    ("password", "", 0, 64),
    ("no_read", "NOREAD", 0, 32),  # what the engine says when it read nothing; "" if it is silent
)
_NUMBERS = (
    ("broker_port", 1883, 1, 65535),
    ("keep_alive_s", 30, 5, 600),
    ("gap_ms", 200, 5, 5000),  # silence inside a line after which it is given up
    ("repeat_ms", 300, 0, 10000),  # the same unit read again within this time is one read
    ("window_records", 256, 8, 4096),
    ("window_octets", 8192, 2048, 60000),
    ("resend_ms", 300, 50, 60000),
    ("resend_max_ms", 5000, 50, 600000),
)
_CODES_MOST = 2048  # characters of the rules below "codes", written as JSON


class Settings:
    """One attribute for each row above, and ``hash``, by which the agent sees what is in force.

    Args:
        text: JSON object as octets.

    Raises:
        SettingsError: with the name, the value seen and what is allowed.
    """

    site: str
    device: str
    broker_host: str
    username: str
    password: str
    no_read: str
    broker_port: int
    keep_alive_s: int
    gap_ms: int
    repeat_ms: int
    window_records: int
    window_octets: int
    resend_ms: int
    resend_max_ms: int
    codes: Rules  # by which labels are told

    def __init__(self, text: bytes) -> None:
        self.hash = hashlib.sha256(text).digest()[:8]
        try:
            given = json.loads(text)
        except ValueError:
            raise SettingsError("settings: not JSON; write them anew") from None
        if not isinstance(given, dict):
            raise SettingsError("settings: must be a JSON object of names and values")
        for rows, kind in ((_TEXTS, str), (_NUMBERS, int)):
            for name, otherwise, least, most in rows:
                value = given.pop(name, otherwise)
                size = len(value) if isinstance(value, str) else value
                if not isinstance(value, kind) or value is True or not least <= size <= most:
                    raise SettingsError(_sentence(name, value, kind, least, most))
                setattr(self, name, value)
        self.codes = _rules(given.pop("codes")) if "codes" in given else DEFAULT
        for name in given:
            raise SettingsError("settings: " + name + " is not a setting; leave it out")
        for name in ("site", "device"):
            try:
                topics.require_name(getattr(self, name))
            except TopicError:
                seen = repr(getattr(self, name))
                sentence = "settings: " + name + " is " + seen + "; use a-z 0-9 - only"
                raise SettingsError(sentence) from None


def _rules(given: object) -> Rules:
    if len(json.dumps(given)) > _CODES_MOST:
        raise SettingsError("settings: codes has more than " + str(_CODES_MOST) + " characters")
    # Few cradles have rules of their own, and the others have no place for reading them.
    from protocol.code_settings import RulesError, read  # noqa: PLC0415

    try:
        return read(given)
    except RulesError as error:
        raise SettingsError("settings: codes: " + str(error)) from None


def _sentence(name: str, value: object, kind: type, least: int, most: int) -> str:
    if value is None:
        return "settings: " + name + " is missing"
    what = "characters" if kind is str else "as a number"
    allowed = str(least) + " to " + str(most) + " " + what
    return "settings: " + name + " is " + repr(value) + "; allowed: " + allowed
