"""Tells the cradles what is on disk, then what shall happen with the goods; and what is held.

No answer is kept here, and yet none is lost for good. A record stays in its cradle until the
cradle has both words on it, and is sent again until then; to whatever a cradle sends again, the
agent answers with both, from the ledger. So it makes no difference whether an answer died with the
agent between commit and publish, in the broker, or on the way. A cradle that announces itself, as
every cradle seems to when agent or broker come back (its retained state), is told its last records
at once, without waiting to be asked (ingest.accept), and the list of held units with them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import cbor2

from edge_agent.domain.holds import NOTHING_HELD, Holds
from edge_agent.domain.model import Answer
from protocol import topics, wire
from protocol.shapes import Holds as HoldsMessage
from protocol.shapes import Taken, Verdicts

# What a cradle takes at once is 2,048 octets, its topic included.
_NAMES_MAX = 1800
_NAME_HEAD = 2

_TAG_MAX = 5  # a key that begins higher names no code of 20 digits
_TAG_GS1 = 0x10
_TAG_SSCC = 0x11


class Device:
    """The connector that is first in line after every commit. One thread at a time."""

    def __init__(self, site: str, publish: Callable[[str, bytes], None]) -> None:
        self._site = site
        self._publish = publish
        self._cradles: set[str] = set()
        self._lists: list[HoldsMessage] = []
        self._version = NOTHING_HELD.version

    def answer(self, answers: Sequence[Answer]) -> None:
        """Give ``answers``. A verdict never comes before the word that its record is on disk."""
        for answer in answers:
            self._say(answer.device, Taken(answer.boot_id, answer.next_seq))
            for seq, rulings in answer.runs:
                self._say(answer.device, Verdicts(answer.boot_id, seq, rulings))

    def heard(self, device: str, online: bool) -> None:
        """A cradle announced itself, or is gone."""
        if not online:
            self._cradles.discard(device)
            return
        self._cradles.add(device)
        self._tell_holds([device])

    def hold(self, holds: Holds) -> None:
        """Tell every cradle that is here what is held now, if that is news."""
        if holds.version == self._version:
            return
        self._version = holds.version
        self._lists = list(hold_lists(holds))
        self._tell_holds(self._cradles)

    def _tell_holds(self, devices: Iterable[str]) -> None:
        for device in devices:
            for message in self._lists:
                self._say(device, message)

    def _say(self, device: str, message: Taken | Verdicts | HoldsMessage) -> None:
        topic = topics.topic(self._site, device, topics.DOWN)
        self._publish(topic, cbor2.dumps(wire.down_item(message)))


def hold_lists(holds: Holds) -> Iterator[HoldsMessage]:
    """Cut what is held into messages for a cradle: the newest units that its table has room for.

    Lots and products are held by the agent's verdict: a cradle cannot tell them.
    """
    names: set[bytes] = set()
    room = wire.HELD_OCTETS
    for key in holds.units:
        name = hold_name(key)
        room -= len(name)
        if len(names) == wire.HELD_MAX or room < 0:
            break
        if name:
            names.add(name)
    part: list[bytes] = []
    left = _NAMES_MAX
    full = True
    for name in sorted(names):
        left -= _NAME_HEAD + len(name)
        if left < 0:
            yield HoldsMessage(holds.version, full, part)
            full = False
            part = []
            left = _NAMES_MAX - _NAME_HEAD - len(name)
        part.append(name)
    yield HoldsMessage(holds.version, full, part)


def hold_name(key: bytes) -> bytes:
    """Write a unit's key as cradles look it up (protocol.cddl, ``held``); empty if they cannot."""
    if key[0] <= _TAG_MAX:
        return bytes.fromhex(f"{int.from_bytes(key, 'big'):020}")
    if key[0] == _TAG_GS1:
        return key[:1] + bytes.fromhex(f"{int.from_bytes(key[1:7], 'big'):014}") + key[7:]
    if key[0] == _TAG_SSCC:
        return key[:1] + bytes.fromhex(f"{int.from_bytes(key[1:], 'big'):018}")
    return b""
