"""Carries parcels to one receiver, in order: reserve on disk, send, settle on disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from typing import NamedTuple, TypeAlias

import structlog

from edge_agent.clock import Clock
from edge_agent.connectors.base import (
    Answer,
    Connector,
    Delivered,
    Later,
    Partly,
    Refused,
    Unknown,
)
from edge_agent.connectors.breaker import Breaker
from edge_agent.connectors.limits import Limits
from edge_agent.store import outbox
from edge_agent.store.driver import Tx
from edge_agent.store.outbox import Letter, Parcel

# A wait is cut into pieces, so that a clock that is set does not make it a long one.
_LOOK_S = 60.0
# A person may have had something tried again, and nothing wakes a dispatcher for that.
_IDLE_S = 5.0
# The least that a receiver can ask for: 0 would be a call after the other.
_LATER_MIN_S = 0.25
_LATER_MAX_S = outbox.WAIT_MAX_MS / 1000
# What comes within this time after a calm travels together: a request costs as much as 100 records.
_GATHER_S = 0.05

PACED = "paced"

log = structlog.get_logger()

Turn: TypeAlias = Parcel | int | None
Submit: TypeAlias = Callable[[Callable[[Tx], Turn]], "Future[Turn]"]


class _Outcome(NamedTuple):
    parcel: Parcel
    state: int
    due_ms: int
    words: str
    letters: tuple[Letter, ...] = ()


class Dispatcher:
    """One receiver's own loop; another receiver's trouble is not its trouble.

    Killed between send and settle, it finds the parcel reserved at its next start, does not know
    whether it arrived, and asks.
    """

    def __init__(
        self,
        name: str,
        connector: Connector,
        submit: Submit,
        records_max: int,
        clock: Clock,
        limits: Limits | None = None,
        breaker: Breaker | None = None,
    ) -> None:
        """
        Args:
            submit: has work done in the writer's next transaction.
            records_max: most records in one parcel.
            limits: how often it may be called; without them, as often as there is something.
        """
        self.name = name
        self.last_error = ""
        self.delivered = 0  # parcels, since the start
        self._connector = connector
        self._submit = submit
        self._records_max = records_max
        self._clock = clock
        self._limits = limits or Limits()
        self._breaker = breaker or Breaker()
        self._paced = False
        self._news = asyncio.Event()

    @property
    def trouble(self) -> str:
        """Why nothing is sent just now, beside what the store knows: ``breaker.BARRED``,
        ``breaker.RESTING``, or ``PACED`` while a limit keeps something back; else empty."""
        return self._breaker.state or (PACED if self._paced else "")

    def wake(self) -> None:
        """Say that there may be something new. To be called in the loop's thread."""
        self._news.set()

    async def run(self) -> None:
        """Carry parcels until cancelled."""
        try:
            while True:
                try:
                    await self._carry()
                except Exception as error:
                    # Our own mistake. The parcel on its way, if any, is found reserved.
                    self.last_error = repr(error)
                    log.error("dispatch failed", receiver=self.name, exc_info=error)
                    await self._clock.sleep(_LOOK_S)
        finally:
            await self._connector.close()

    async def _carry(self) -> None:
        outcome: _Outcome | None = None
        while True:
            self._news.clear()
            turn = await asyncio.wrap_future(self._submit(self._turn(outcome)))
            outcome = None
            if isinstance(turn, Parcel):
                outcome = self._settled(turn, await self._try(turn))
            elif turn is None:
                await self._calm()
                await self._clock.sleep(_GATHER_S)
            else:
                await self._clock.sleep(min(turn / 1000, _LOOK_S))

    async def _calm(self) -> None:
        """Wait for news, or until it is time to look without."""
        waits = [
            asyncio.ensure_future(self._news.wait()),
            asyncio.ensure_future(self._clock.sleep(_IDLE_S)),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()

    def _turn(self, outcome: _Outcome | None) -> Callable[[Tx], Turn]:
        """Settle the last parcel and reserve the next, in one transaction."""

        def work(tx: Tx) -> Turn:
            if outcome is not None:
                outbox.settle(tx, *outcome)
            now_ms = self._clock.now_ms()
            wait_ms = self._limits.wait_ms(tx, self.name, now_ms)
            self._paced = wait_ms > 0 and outbox.backlog(tx, self.name).behind > 0
            if wait_ms:
                return wait_ms
            turn = outbox.reserve(tx, self.name, self._records_max, now_ms)
            if isinstance(turn, Parcel):
                self._limits.spend(tx, self.name)
            return turn

        return work

    async def _try(self, parcel: Parcel) -> Answer:
        try:
            if parcel.in_doubt:
                return await self._connector.ask(parcel)
            return await self._connector.deliver(parcel)
        except Exception as error:
            # Our own mistake. It may have happened after the sending, so the parcel is in doubt.
            log.error("a connector failed", receiver=self.name, parcel=parcel.key, exc_info=error)
            return Unknown(repr(error), suspect=True)

    def _settled(self, parcel: Parcel, answer: Answer) -> _Outcome:
        if isinstance(answer, Partly):
            answer = _of_the_open(parcel, answer)
        if isinstance(answer, Refused):
            self._breaker.answered()
            return self._set_aside(parcel, answer.why)
        if isinstance(answer, Later | Unknown) or (isinstance(answer, Partly) and answer.unknown):
            return self._open_still(parcel, answer)
        self.delivered += 1
        self.last_error = ""
        self._breaker.took()
        letters = self._letters(parcel, answer) if isinstance(answer, Partly) else ()
        now_ms = self._clock.now_ms()
        return _Outcome(parcel, outbox.DELIVERED, now_ms, answer.reference, letters)

    def _set_aside(self, parcel: Parcel, why: str) -> _Outcome:
        self.last_error = why
        log.error("refused", receiver=self.name, parcel=parcel.key, why=why)
        return _Outcome(parcel, outbox.REFUSED, self._clock.now_ms(), why)

    def _open_still(self, parcel: Parcel, answer: Later | Unknown | Partly) -> _Outcome:
        wait_s = self._breaker.failed(answer, parcel.attempts)
        state = outbox.UNKNOWN
        letters: tuple[Letter, ...] = ()
        if isinstance(answer, Partly):
            why = f"it has not said what became of {len(answer.unknown)} records"
            letters = self._letters(parcel, answer)
        else:
            why = answer.why
            if self._breaker.gives_up():
                return self._set_aside(parcel, f"given up after {parcel.attempts} tries: {why}")
        if isinstance(answer, Later):
            if answer.after_s is not None:
                wait_s = min(max(answer.after_s, _LATER_MIN_S), _LATER_MAX_S)
            # That this try did not arrive says nothing about an earlier one.
            state = outbox.UNKNOWN if parcel.in_doubt else outbox.WAITING
        self.last_error = why
        log.warning("not delivered", receiver=self.name, parcel=parcel.key, why=why)
        due_ms = self._clock.now_ms() + int(wait_s * 1000)
        return _Outcome(parcel, state, due_ms, why, letters)

    def _letters(self, parcel: Parcel, answer: Partly) -> tuple[Letter, ...]:
        if answer.refused:
            one, count = answer.refused[0], len(answer.refused)
            self.last_error = f"{count} records refused; {one.number}: {one.code} {one.message}"
            log.error("refused in part", receiver=self.name, parcel=parcel.key, why=self.last_error)
        return (
            *(Letter(one.number, outbox.REFUSED, one.code, one.message) for one in answer.refused),
            *(Letter(number, outbox.UNKNOWN) for number in answer.unknown),
        )


def _of_the_open(parcel: Parcel, answer: Partly) -> Delivered | Partly | Unknown:
    """What it says of those records whose fate is open; of the others it is known already."""
    named = [*(one.number for one in answer.refused), *answer.unknown]
    strange = [one for one in named if not parcel.first <= one <= parcel.last]
    if strange or len(set(named)) < len(named):
        what = f"record {strange[0]}" if strange else "a record twice"
        why = f"the answer names {what} for records {parcel.first} to {parcel.last}"
        return Unknown(why, suspect=True)
    only = frozenset(parcel.only or range(parcel.first, parcel.last + 1))
    refused = tuple(one for one in answer.refused if one.number in only)
    unknown = tuple(number for number in answer.unknown if number in only)
    if not refused and not unknown:
        return Delivered(answer.reference)
    return Partly(answer.reference, refused, unknown)
