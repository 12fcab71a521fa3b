"""The one thread that writes: takes what has arrived, one transaction, COMMIT, then the answers."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import structlog

from edge_agent.clock import Clock
from edge_agent.domain.holds import Holds
from edge_agent.domain.model import Answer
from edge_agent.domain.wording import reason_name
from edge_agent.errors import StoreTrouble
from edge_agent.ingest.accept import Accept, Arrival
from edge_agent.ingest.decode import Decoder
from edge_agent.ingest.inbox import Inbox, Item, Job, Post
from edge_agent.store import holds, quarantine
from edge_agent.store.driver import Tx
from edge_agent.store.quarantine import Outcast
from edge_agent.store.sqlite import Store
from protocol import reasons
from protocol.errors import ProtocolError
from protocol.shapes import State

T = TypeVar("T")
log = structlog.get_logger()

_GROUP_RECORDS = 512  # a commit costs the same for one record and for these
_GROUP_WAIT_S = 0.005
_INBOX_MAX = 4096
_BACK_OFF_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class Outside(Protocol):
    """What the writer tells the world after each commit, in this order. Called in its thread."""

    def answer(self, answers: Sequence[Answer]) -> None:
        """Tell the cradles."""

    def acknowledge(self, receipts: Sequence[tuple[int, int]]) -> None:
        """Tell the broker."""

    def heard(self, device: str, state: State, at_ms: int) -> None:
        """A device spoke of itself, at ``at_ms`` UTC."""

    def booked(self) -> None:
        """There is something new in the ledger."""

    def held(self, what: Holds) -> None:
        """From now on this is what may not move."""


@dataclass
class Counters:
    """What happened since the start."""

    messages: int = 0
    commits: int = 0
    quarantined: int = 0
    troubles: int = 0


@dataclass
class _Group:
    """What one transaction has to do, and what is to be told after it."""

    arrivals: list[Arrival] = field(default_factory=list)
    outcasts: list[Outcast] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    receipts: list[tuple[int, int]] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    results: list[Any] = field(default_factory=list)
    holds: Holds | None = None  # if a job may have changed them


class Writer:
    """Never stops on a bad message, and never acknowledges what is not on disk.

    If anything unexpected goes wrong in a group, the group is rolled back and its items are done
    one by one; one that goes wrong again is put into quarantine, or, if it is a job, its error is
    handed back. While the store cannot be written (a full disk), nothing is acknowledged, and the
    same items are tried again until it can.
    """

    def __init__(
        self, store: Store, decode: Decoder, accept: Accept, outside: Outside, clock: Clock
    ) -> None:
        self.inbox = Inbox(_INBOX_MAX, _GROUP_RECORDS)
        self.counters = Counters()
        self.trouble = ""  # why nothing can be written just now
        self.last_commit_ms = 0  # UTC, milliseconds since 1970
        self._store = store
        self._decode = decode
        self._accept = accept
        self._outside = outside
        self._clock = clock
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Write what has arrived, and end. What cannot be written is given up: nobody was told
        that it was."""
        self._stopping.set()
        self.inbox.close()
        self._thread.join()

    def submit(self, work: Callable[[Tx], T]) -> Future[T]:
        """Have ``work`` done in the next transaction. Its result is there after the commit; after
        ``stop`` it is cancelled."""
        done: Future[T] = Future()
        if not self.inbox.put(Job(work, done)):
            done.cancel()
        return done

    def _run(self) -> None:
        # On a calm line the next message is far, and waiting for it only delays the cradle's light.
        # In a rush it pays.
        linger_s = 0.0
        while items := self.inbox.take(linger_s):
            linger_s = _GROUP_WAIT_S if len(items) > 1 else 0.0
            wanted = [item for item in items if _is_wanted(item)]
            if wanted:
                self._do(wanted)

    def _do(self, items: list[Item]) -> None:
        try:
            group = self._patiently(lambda: self._write(items))
        except StoreTrouble as trouble:
            for item in items:
                if isinstance(item, Job):
                    item.done.set_exception(trouble)
        except Exception as error:
            if len(items) > 1:
                log.warning("a group failed; doing it item by item", error=repr(error))
                for item in items:
                    self._do([item])
            else:
                self._cast_out(items[0], error)
        else:
            self._tell(group)

    def _patiently(self, write: Callable[[], T]) -> T:
        """Write, again and again while the store is in trouble.

        Raises:
            StoreTrouble: it still is, and the writer is to stop.
        """
        for tries in itertools.count():
            try:
                done = write()
            except StoreTrouble as trouble:
                self.trouble = trouble.what
                self.counters.troubles += 1
                log.error("nothing can be written", why=trouble.what, tries=tries + 1)
                if self._stopping.wait(_BACK_OFF_S[min(tries, len(_BACK_OFF_S) - 1)]):
                    raise
            else:
                self.trouble = ""
                self.counters.commits += 1
                self.last_commit_ms = self._clock.now_ms()
                return done
        raise AssertionError("counting never ends")

    def _write(self, items: list[Item]) -> _Group:
        group = _Group()
        for item in items:
            if isinstance(item, Job):
                group.jobs.append(item)
            else:
                self._read(item, group)
        with self._store.write() as tx:
            if group.arrivals:
                group.answers = self._accept(tx, group.arrivals)
            quarantine.keep(tx, group.outcasts)
            group.results = [job.work(tx) for job in group.jobs]
            if group.jobs and not holds.is_current(tx, self._accept.holds):
                group.holds = holds.held(tx)
        return group

    def _read(self, post: Post, group: _Group) -> None:
        try:
            message = self._decode(post.topic, post.payload)
        except ProtocolError as error:
            outcast = Outcast(post.arrived_ms, post.topic, post.payload, error.reason, error.at)
            group.outcasts.append(outcast)
        else:
            group.arrivals.append(Arrival(message, post.payload, post.arrived_ms))
        group.receipts.append(post.receipt)

    def _cast_out(self, item: Item, error: Exception) -> None:
        """One item fails even by itself: our own mistake, which must not stop the others."""
        if isinstance(item, Job):
            item.done.set_exception(error)
            return
        log.error("a message could not be booked", topic=item.topic, exc_info=error)
        outcast = Outcast(item.arrived_ms, item.topic, item.payload, reasons.INTERNAL, 0)
        try:
            group = self._patiently(lambda: self._keep(outcast))
        except Exception as again:
            # Not acknowledged: the broker has it still, and will bring it after the next start.
            log.error("nor be kept", topic=item.topic, exc_info=again)
        else:
            group.receipts.append(item.receipt)
            self._tell(group)

    def _keep(self, outcast: Outcast) -> _Group:
        with self._store.write() as tx:
            quarantine.keep(tx, [outcast])
        return _Group(outcasts=[outcast])

    def _tell(self, group: _Group) -> None:
        """Everything in ``group`` is on disk: tell those who wait for it."""
        self.counters.messages += len(group.receipts)
        self.counters.quarantined += len(group.outcasts)
        if group.outcasts:
            first = group.outcasts[0]
            log.warning(
                "quarantined",
                messages=len(group.outcasts),
                topic=first.topic,
                reason=reason_name(first.reason),
                place=first.place,
            )
        try:
            if group.holds is not None:
                self._accept.holds = group.holds
                self._outside.held(group.holds)
            self._outside.answer(group.answers)
            self._outside.acknowledge(group.receipts)
            for arrival in group.arrivals:
                device, body = arrival.message
                if isinstance(body, State):
                    self._outside.heard(device, body, arrival.arrived_ms)
            if group.arrivals:
                self._outside.booked()
        except Exception as error:
            # What was not told now is asked for again: cradles and the broker send once more.
            log.error("an answer was not given", exc_info=error)
        for job, result in zip(group.jobs, group.results, strict=True):
            job.done.set_result(result)


def _is_wanted(item: Item) -> bool:
    """A job may have been cancelled while it waited; from here on it cannot be."""
    return isinstance(item, Post) or item.done.set_running_or_notify_cancel()
