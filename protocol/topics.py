"""Topic names: scandock/1/<site>/<device>/<leaf>."""

from protocol import reasons
from protocol.compat import const
from protocol.errors import TopicError

UP = "up"
DOWN = "down"
STATE = "state"

_HEAD = "scandock/1/"
_NAME_MAX = const(32)


def topic(site: str, device: str, leaf: str) -> str:
    """Return the topic of one device.

    Raises:
        TopicError: a name is not 1..32 of ``a-z 0-9 -``; ``at`` is where in the topic.
    """
    made = _HEAD + site + "/" + device + "/" + leaf
    split(made)
    return made


def split(made: str) -> "tuple[str, str, str]":
    """Take a topic apart into site, device and leaf.

    Raises:
        TopicError: not one of ours; ``at`` is the offset of the first wrong character.
    """
    if not made.startswith(_HEAD):
        raise TopicError(reasons.TOPIC, 0)
    at = len(_HEAD)
    parts = made[at:].split("/")
    if len(parts) != 3:
        raise TopicError(reasons.TOPIC, at)
    for name in parts[:2]:
        require_name(name, at)
        at += len(name) + 1
    if parts[2] not in (UP, DOWN, STATE):
        raise TopicError(reasons.TOPIC, at)
    return parts[0], parts[1], parts[2]


def require_name(name: str, at: int = 0) -> None:
    """Refuse a name of a site or device that is not 1..32 of ``a-z 0-9 -``."""
    if not 1 <= len(name) <= _NAME_MAX:
        raise TopicError(reasons.TOPIC, at)
    for offset, letter in enumerate(name):
        if not ("a" <= letter <= "z" or "0" <= letter <= "9" or letter == "-"):
            raise TopicError(reasons.TOPIC, at + offset)
