"""What happened, as events with times; kept in memory and, line by line, as JSON.

Whoever saw something writes it down; only the checker says what it means.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TypeAlias

import msgspec


class _Event(msgspec.Struct, frozen=True, tag_field="event", tag=str.lower):
    """Attributes:
    at_ms: UTC, milliseconds since 1970.
    """

    at_ms: float


class Presented(_Event, frozen=True):
    """An engine sent a frame.

    Attributes:
        boot: of the cradle, in hex; "" if it was off.
        number: the read's place in the script.
        frame: the octets without terminator, as Latin-1 text.
        decision, reason: what the rules must answer; both 0 for a repeat, of which the cradle must
            make no record.
    """

    cradle: str
    boot: str
    number: int
    frame: str
    decision: int
    reason: int


class Signalled(_Event, frozen=True):
    """A cradle's lamp showed a pattern for one of its records."""

    cradle: str
    boot: str
    seq: int
    pattern: str


class Booked(_Event, frozen=True):
    """A record stands in the agent's ledger.

    Attributes:
        at_ms: when its batch reached the agent, which is before it was booked.
        frame: as of ``Presented``; "" for the cradle's report about itself.
    """

    cradle: str
    boot: str
    seq: int
    frame: str
    decision: int
    reason: int


class Forwarded(_Event, frozen=True):
    """A receiver applied a record.

    Attributes:
        key: of the parcel that brought it.
    """

    cradle: str
    boot: str
    seq: int
    key: str


class Struck(_Event, frozen=True):
    """The nemesis did something, such as kill, to something, such as agent."""

    action: str
    target: str


Event: TypeAlias = Presented | Signalled | Booked | Forwarded | Struck


class History:
    """Events in the order in which they were added, by any thread.

    Args:
        path: where each one is also written at once, if anywhere.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._events: list[Event] = []
        self._file = path.open("ab", buffering=0) if path else None

    def add(self, event: Event) -> None:
        with self._lock:
            self._events.append(event)
            if self._file:
                self._file.write(msgspec.json.encode(event) + b"\n")

    def events(self) -> list[Event]:
        """Return what was added up to now."""
        with self._lock:
            return self._events.copy()

    def close(self) -> None:
        if self._file:
            self._file.close()


def load(path: Path) -> list[Event]:
    """Read what a ``History`` wrote.

    Raises:
        ValueError: a line that is no event. The text names the line.
    """
    decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)
    events = []
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        try:
            events.append(decoder.decode(line))
        except msgspec.DecodeError as error:
            raise ValueError(
                f"{path}:{number}: no event ({error})\n"
                "  hint: a history cut off in mid line ends there; take the line away"
            ) from error
    return events
