"""Publishes signed heads of the store: into a file beside it, and on a retained topic."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import structlog

from edge_agent.clock import Clock
from edge_agent.domain.head import Head, opened, public_key, sign
from edge_agent.store import anchor
from edge_agent.store.sqlite import View

_EVERY_S = 86_400.0
_WAIT_S = 1.0  # between looks whether the broker is there

log = structlog.get_logger()


class Link(Protocol):
    """The way to the broker (ingest.mqtt)."""

    @property
    def ready(self) -> bool:
        """Whether what is published now reaches the broker."""

    def publish(self, topic: str, payload: bytes, retain: bool = ...) -> None:
        """Publish, if it is ready."""


class Anchor:
    """One head at the start, one a day, one at the end; none while nothing new is written."""

    def __init__(
        self, site: str, store: Path, key: bytes, view: View, link: Link, clock: Clock
    ) -> None:
        """
        Args:
            key: what heads are signed with, see ``domain.head``.
        """
        self.topic = f"scandock/1/{site}/agent/head"
        self._file = anchor.heads_file(store)
        self._key = key
        self._view = view
        self._link = link
        self._clock = clock
        self._line = b""
        self._head: Head | None = None  # the last one, and how it is written

    def check(self) -> None:
        """See whether the store extends the last head that was kept beside it."""
        for line in anchor.lines(self._file)[-1:]:
            try:
                head = opened(line, [public_key(self._key)])
                with self._view.read() as tx:
                    why = anchor.contradiction(tx, head)
            except ValueError as error:
                why = str(error)
            else:
                self._head, self._line = head, line
            if why:
                log.error("the store is not what it was: `scandock ledger verify`", why=why)

    async def run(self) -> None:
        """Publish until cancelled."""
        while True:
            self._look()
            while not self._link.ready:
                await self._clock.sleep(_WAIT_S)
            self._link.publish(self.topic, self._line, retain=True)
            await self._clock.sleep(_EVERY_S)

    def end(self) -> None:
        """Publish the last head, when nothing more will be written."""
        self._look()
        self._link.publish(self.topic, self._line, retain=True)

    def _look(self) -> None:
        """Sign how far the store has gone, and keep it, if that is news."""
        with self._view.read() as tx:
            head = anchor.head(tx, self._clock.now_ms())
        if self._head is not None and self._head._replace(at_ms=head.at_ms) == head:
            return
        self._head, self._line = head, sign(head, self._key)
        try:
            anchor.keep(self._file, self._line)
        except OSError as error:
            log.error("the head cannot be kept", file=str(self._file), why=str(error))
