"""Puts the agent together, starts it and stops it. The only file that knows all parts."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import signal
from collections.abc import Sequence
from functools import partial

import structlog

from edge_agent.clock import Clock
from edge_agent.commands.desk import Desk
from edge_agent.config import Config
from edge_agent.connectors.anchor import Anchor
from edge_agent.connectors.breaker import Breaker
from edge_agent.connectors.bureau_list import BureauList
from edge_agent.connectors.device import Device
from edge_agent.connectors.dispatch import Dispatcher
from edge_agent.connectors.host import Host
from edge_agent.connectors.inquiry import Inquiry
from edge_agent.connectors.limits import Limits
from edge_agent.domain.holds import Holds
from edge_agent.domain.model import Answer
from edge_agent.domain.stations import Station, Stations
from edge_agent.errors import AgentError
from edge_agent.ingest.accept import Accept
from edge_agent.ingest.decode import Decoder
from edge_agent.ingest.mqtt import Link
from edge_agent.ingest.writer import Writer
from edge_agent.store import holds, keys, outbox, quarantine
from edge_agent.store.registry import Registry
from edge_agent.store.sqlite import Store, View
from edge_agent.web.health import Health, ReceiverHealth, Server, listen
from protocol.codes import Classifier
from protocol.shapes import State

log = structlog.get_logger()


class Agent:
    """Three threads: paho's own, the writer, and this one with everything else on an event loop."""

    def __init__(self, config: Config, clock: Clock) -> None:
        """
        Raises:
            AgentError: the port is taken, or the store or the registry cannot be opened.
        """
        self._config = config
        self._listener = listen(config.web.host, config.web.port)
        key = keys.read_or_make(config.keys.path / keys.HEADS, os.urandom)
        self._store = Store(config.store.path, partial(os.urandom, 16))
        with self._store.write() as tx:
            for receiver in config.connectors:
                outbox.enrol(tx, receiver.name)
            held = holds.held(tx)
        self._view = View(config.store.path)
        self._registry = Registry(config.registry.path)
        stations = Stations(
            Station(
                one.device, one.step, one.documents, one.owner, one.types, frozenset(one.checks)
            )
            for one in config.stations
        )
        prefix = config.code_rules.command_prefix
        accept = Accept(config.rules.reread_ms, stations, prefix, held)
        self._writer = Writer(
            self._store, Decoder(config.site, config.code_rules), accept, self, clock
        )
        self._link = Link(config.broker, config.site, self._writer.inbox.put, clock)
        self._anchor = Anchor(config.site, config.store.path, key, self._view, self._link, clock)
        self._desk = Desk(config, self._writer.submit, clock, os.urandom)
        self._device = Device(config.site, self._link.publish)
        self._device.hold(held)
        self._dispatchers = [
            Dispatcher(
                one.name,
                Host(
                    one.url,
                    config.site,
                    one.timeout_s,
                    self._view,
                    clock,
                    config.code_rules,
                    one.rendering,
                ),
                self._writer.submit,
                one.records_max,
                clock,
                Limits(one.calls_per_minute, one.calls_per_day),
                Breaker(one.failures_max, one.probe_s),
            )
            for one in config.connectors
        ]
        classifier = Classifier(config.code_rules)
        lists = [BureauList(path, classifier) for path in config.reflux.lists]
        self._inquiry = Inquiry(lists, self._view, self._writer.submit, clock)
        self._spoke: dict[str, tuple[State, int]] = {}
        self._spoken = asyncio.Event()

    async def run(self) -> None:
        """Work until SIGTERM or SIGINT."""
        self._loop = asyncio.get_running_loop()
        told_to_stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, told_to_stop.set)
        server = Server(self._health, self._listener)
        self._anchor.check()
        self._writer.start()
        self._link.start()
        works = [asyncio.create_task(one.run()) for one in self._dispatchers]
        works.append(asyncio.create_task(self._keep_registry()))
        works.append(asyncio.create_task(self._desk.run()))
        works.append(asyncio.create_task(self._anchor.run()))
        if self._config.reflux.lists:
            works.append(asyncio.create_task(self._inquiry.run()))
        serving = asyncio.create_task(server.run_until_told())
        log.info("the agent is up", site=self._config.site, store=str(self._store.path))
        told = asyncio.create_task(told_to_stop.wait())
        # None of the others ever ends but by a mistake of ours: then it is better to end in order,
        # and to be started again, than to go on with a part missing.
        await asyncio.wait([told, serving, *works], return_when=asyncio.FIRST_COMPLETED)
        log.info("stopping")
        server.should_exit = True
        for work in (told, *works):
            work.cancel()
        ends = await asyncio.gather(serving, *works, return_exceptions=True)
        # The writer first: what it has taken is answered and acknowledged over the link.
        await asyncio.to_thread(self._writer.stop)
        self._anchor.end()
        await asyncio.to_thread(self._link.stop)
        self._view.close()
        self._store.close()
        for end in ends:
            if isinstance(end, Exception):
                raise end

    # What the writer tells after each commit, in its thread (ingest.writer.Outside).

    def answer(self, answers: Sequence[Answer]) -> None:
        self._device.answer(answers)

    def acknowledge(self, receipts: Sequence[tuple[int, int]]) -> None:
        self._link.acknowledge(receipts)

    def heard(self, device: str, state: State, at_ms: int) -> None:
        self._device.heard(device, state.online)
        self._loop.call_soon_threadsafe(self._hear, device, state, at_ms)

    def held(self, what: Holds) -> None:
        self._device.hold(what)

    def booked(self) -> None:
        self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        for dispatcher in self._dispatchers:
            dispatcher.wake()

    def _hear(self, device: str, state: State, at_ms: int) -> None:
        # Only the last word of each device waits: the registry is slow, and a fleet may be loud.
        self._spoke[device] = (state, at_ms)
        self._spoken.set()

    async def _keep_registry(self) -> None:
        while True:
            await self._spoken.wait()
            self._spoken.clear()
            while self._spoke:
                device, (state, at_ms) = self._spoke.popitem()
                try:
                    await asyncio.to_thread(self._registry.heard, device, state, at_ms)
                except (OSError, AgentError) as error:
                    log.error("the registry cannot be written", device=device, why=str(error))

    def _health(self) -> Health:
        receivers: list[ReceiverHealth] = []
        with self._view.read() as tx:
            in_quarantine = quarantine.count(tx)
            for dispatcher in self._dispatchers:
                backlog = outbox.backlog(tx, dispatcher.name)
                receivers.append(
                    {
                        "name": dispatcher.name,
                        "behind": backlog.behind,
                        "state": dispatcher.trouble or backlog.state,
                        "refused": backlog.refused,
                        "last_error": dispatcher.last_error or backlog.last_answer,
                    }
                )
        return {
            "ok": self._link.ready and not self._writer.trouble,
            "broker": "connected" if self._link.ready else self._link.trouble,
            "store": self._writer.trouble or "ok",
            "last_commit_ms": self._writer.last_commit_ms,
            "queue": len(self._writer.inbox),
            "quarantine": in_quarantine,
            "receivers": receivers,
            "counters": dataclasses.asdict(self._writer.counters),
        }


def run(config: Config, clock: Clock) -> None:
    """Run an agent until it is told to stop.

    Raises:
        AgentError: it cannot start.
    """

    async def main() -> None:
        await Agent(config, clock).run()

    asyncio.run(main())
