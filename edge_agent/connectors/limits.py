"""How often a receiver may be called, in any minute and any day, whatever the clock does.

What was spent is in the store, in the transaction that reserves a parcel; so a limit holds across
a kill. A call that is on its way may reach the receiver at any moment, so it counts as of the
moment when it is known to be over. The clock may jump:

* set back, it makes calls look younger than they are. What seems to come from the future is taken
  for a call of just now: so a limit holds all the same, and nobody waits for longer than a window;
* set forward, it makes calls look older than they are, and nobody can tell. Then there may be more
  of them than there should, once.
"""

from __future__ import annotations

import msgspec

from edge_agent.store import outbox
from edge_agent.store.driver import Tx

_MINUTE_MS = 60_000
_DAY_MS = 86_400_000
# Calls are kept in so many slots a window, each as young as its last call. A limit is thus used up
# to 98 %, and a receiver costs 120 numbers, not one for each call of a day.
_SLOTS = 60


class Slot(msgspec.Struct, array_like=True):
    """Some calls. ``number`` counts slots since 1970; ``last_ms`` is the time of the last call."""

    number: int
    last_ms: int
    calls: int


class Spent(msgspec.Struct):
    """The calls of late. ``on_its_way`` counts those not known to be over."""

    on_its_way: int = 0
    minute: list[Slot] = []
    day: list[Slot] = []


class Limits:
    """Of one receiver. 0 is no limit."""

    def __init__(self, per_minute: int = 0, per_day: int = 0) -> None:
        self._per_minute = per_minute
        self._per_day = per_day

    def wait_ms(self, tx: Tx, receiver: str, now_ms: int) -> int:
        """Return in how many milliseconds the next call may be made; 0: now.

        To be called while none is on its way.
        """
        if not (self._per_minute or self._per_day):
            return 0
        kept = outbox.pace(tx, receiver)
        spent = _read(kept)
        spent.minute = _lately(spent.minute, spent.on_its_way, now_ms, _MINUTE_MS)
        spent.day = _lately(spent.day, spent.on_its_way, now_ms, _DAY_MS)
        spent.on_its_way = 0
        if (told := _written(spent)) != kept:
            outbox.keep_pace(tx, receiver, told)
        return max(
            _wait_ms(spent.minute, self._per_minute, now_ms, _MINUTE_MS),
            _wait_ms(spent.day, self._per_day, now_ms, _DAY_MS),
        )

    def spend(self, tx: Tx, receiver: str) -> None:
        """Note that a call is about to be made, after ``wait_ms`` said that it may."""
        if self._per_minute or self._per_day:
            spent = _read(outbox.pace(tx, receiver))
            spent.on_its_way += 1
            outbox.keep_pace(tx, receiver, _written(spent))


def _lately(slots: list[Slot], landed: int, now_ms: int, window_ms: int) -> list[Slot]:
    """The calls of the window before ``now_ms``, with ``landed`` that have just come to an end."""
    found = {}
    for slot in slots:
        slot.last_ms = min(slot.last_ms, now_ms)
        if slot.last_ms > now_ms - window_ms:
            found[slot.number] = slot
    if landed:
        number = now_ms * _SLOTS // window_ms
        slot = found.setdefault(number, Slot(number, 0, 0))
        slot.last_ms = now_ms
        slot.calls += landed
    return list(found.values())


def _wait_ms(slots: list[Slot], limit: int, now_ms: int, window_ms: int) -> int:
    """How long until enough calls are older than the window for one more."""
    calls = sum(slot.calls for slot in slots)
    wait_ms = 0
    for slot in sorted(slots, key=lambda slot: slot.last_ms):
        if not limit or calls < limit:
            break
        calls -= slot.calls
        wait_ms = slot.last_ms + window_ms - now_ms
    return wait_ms


def _read(kept: str) -> Spent:
    return msgspec.json.decode(kept, type=Spent) if kept else Spent()


def _written(spent: Spent) -> str:
    return msgspec.json.encode(spent).decode()
