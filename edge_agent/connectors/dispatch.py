"""Carries parcels to one receiver, in order: reserve on disk, send, settle on disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from typing import NamedTuple, TypeAlias

import structlog

from edge_agent.clock import Clock
from edge_agent.connectors.base import Answer, Connector, Delivered, Later, Refused, Unknown
from edge_agent.store import outbox
from edge_agent.store.driver import Tx
from edge_agent.store.outbox import Parcel

_BACK_OFF_MAX_S = 60.0
_BACK_OFF_S = 0.25
_LATER_MAX_S = 3600.0
# What comes within this time after a calm travels together: a request costs as much as 100 records.
_GATHER_S = 0.05

log = structlog.get_logger()

Turn: TypeAlias = Parcel | int | None
Submit: TypeAlias = Callable[[Callable[[Tx], Turn]], "Future[Turn]"]


class _Outcome(NamedTuple):
    parcel: Parcel
    state: int
    due_ms: int
    words: str


class Dispatcher:
    """One receiver's own loop; another receiver's trouble is not its trouble.

    Killed between send and settle, it finds the parcel reserved at its next start, does not know
    whether it arrived, and asks.
    """

    def __init__(
        self, name: str, connector: Connector, submit: Submit, records_max: int, clock: Clock
    ) -> None:
        """
        Args:
            submit: has work done in the writer's next transaction.
            records_max: most records in one parcel.
        """
        self.name = name
        self.last_error = ""
        self.delivered = 0  # parcels, since the start
        self._connector = connector
        self._submit = submit
        self._records_max = records_max
        self._clock = clock
        self._news = asyncio.Event()

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
                    await self._clock.sleep(_BACK_OFF_MAX_S)
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
                await self._news.wait()
                await self._clock.sleep(_GATHER_S)
            else:
                await self._clock.sleep(min(turn / 1000, _BACK_OFF_MAX_S))

    def _turn(self, outcome: _Outcome | None) -> Callable[[Tx], Turn]:
        """Settle the last parcel and reserve the next, in one transaction."""

        def work(tx: Tx) -> Turn:
            if outcome is not None:
                outbox.settle(tx, *outcome)
            return outbox.reserve(tx, self.name, self._records_max, self._clock.now_ms())

        return work

    async def _try(self, parcel: Parcel) -> Answer:
        try:
            if parcel.in_doubt:
                return await self._connector.ask(parcel)
            return await self._connector.deliver(parcel)
        except Exception as error:
            # Our own mistake. It may have happened after the sending, so the parcel is in doubt.
            log.error("a connector failed", receiver=self.name, parcel=parcel.key, exc_info=error)
            return Unknown(repr(error))

    def _settled(self, parcel: Parcel, answer: Answer) -> _Outcome:
        now_ms = self._clock.now_ms()
        if isinstance(answer, Delivered):
            self.delivered += 1
            self.last_error = ""
            return _Outcome(parcel, outbox.DELIVERED, now_ms, answer.reference)
        self.last_error = answer.why
        if isinstance(answer, Refused):
            log.error("refused", receiver=self.name, parcel=parcel.key, why=answer.why)
            return _Outcome(parcel, outbox.REFUSED, now_ms, answer.why)
        wait_s = min(_BACK_OFF_S * 2 ** min(parcel.attempts - 1, 20), _BACK_OFF_MAX_S)
        state = outbox.UNKNOWN
        if isinstance(answer, Later):
            if answer.after_s is not None:
                wait_s = min(answer.after_s, _LATER_MAX_S)
            # That this try did not arrive says nothing about an earlier one.
            state = outbox.UNKNOWN if parcel.in_doubt else outbox.WAITING
        log.warning("not delivered", receiver=self.name, parcel=parcel.key, why=answer.why)
        return _Outcome(parcel, state, now_ms + int(wait_s * 1000), answer.why)
