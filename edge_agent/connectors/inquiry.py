"""Asks about reflux before the goods come: of every code that a document expects to come in.

So the lane never waits for anybody outside. A unit of which nobody could say anything stays
unknown, which is not clean, and is asked about again after a while.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, TypeAlias

import structlog

from edge_agent.clock import Clock
from edge_agent.domain.documents import IN, TYPES
from edge_agent.domain.reflux import Provider, Sold
from edge_agent.store import documents, mentions, platform, reflux
from edge_agent.store.driver import Tx
from edge_agent.store.sqlite import View

_AT_ONCE = 400  # codes a question; what MSFX takes for a query by the insurance
_PAUSE_S = 1.0  # between two looks for something to ask
_AGAIN_MS = 3_600_000  # before somebody who did not know is asked once more
_WHO = "reflux inquiry"

log = structlog.get_logger()

Submit: TypeAlias = Callable[[Callable[[Tx], Any]], "Future[Any]"]


class Inquiry:
    """One loop over all providers. A provider's failure leaves what it did not say unknown."""

    def __init__(
        self, providers: Sequence[Provider], view: View, submit: Submit, clock: Clock
    ) -> None:
        """
        Args:
            submit: has work done in the writer's next transaction.
        """
        self._providers = providers
        self._view = view
        self._submit = submit
        self._clock = clock
        # When each live document had been asked about to its end; UTC, milliseconds since 1970.
        self._asked_ms: dict[int, int] = {}

    async def run(self) -> None:
        """Ask until cancelled."""
        while True:
            if not await self.round():
                await self._clock.sleep(_PAUSE_S)

    async def round(self) -> int:
        """Ask about what is due now, at most one question to each; return of how many codes."""
        keys = self._due()
        if keys:
            answers = [Sold(key, None, "", "nobody") for key in keys]
            for provider in self._providers:
                answers += await self._ask(provider, keys)
            now_ms = self._clock.now_ms()
            await asyncio.wrap_future(
                self._submit(lambda tx: reflux.learn(tx, now_ms, _WHO, answers))
            )
        return len(keys)

    def _due(self) -> list[bytes]:
        """Codes of one document that is to come in. It is walked once, then once an hour."""
        due_ms = self._clock.now_ms() - _AGAIN_MS
        with self._view.read() as tx:
            live = [
                id
                for id in mentions.live(tx)
                if TYPES[documents.document(tx, id).type].direction == IN
            ]
            self._asked_ms = {id: at for id, at in self._asked_ms.items() if id in live}
            for id in live:
                if self._asked_ms.get(id, due_ms) <= due_ms:
                    if keys := platform.unasked(tx, id, due_ms, _AT_ONCE):
                        return keys
                    self._asked_ms[id] = self._clock.now_ms()
        return []

    async def _ask(self, provider: Provider, keys: list[bytes]) -> list[Sold]:
        try:
            return await provider.query(keys)
        except Exception as error:
            # Our own mistake in a provider: it must not keep the others from being asked.
            log.error("a reflux provider failed", provider=provider.name, exc_info=error)
            return []
