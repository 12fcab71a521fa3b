"""A whole scan station on this machine: broker, agent, receiver, cradles; each its own process.

The demo, the bench `unix` and the tests of the whole chain are built on it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from protocol import decisions, reasons
from simulator import label, receiver
from simulator.agent import Agent
from simulator.broker import Broker
from simulator.checker import PATTERNS
from simulator.cradle import Cradle
from simulator.engine import Engine
from simulator.history import Booked, Event, History, Presented, Signalled
from simulator.link import Link
from simulator.loopback import free_port
from simulator.nemesis import Victim
from simulator.running import Running
from simulator.shift import Read

SITE = "demo"

_POLL_S = 0.02


class NotReady(Exception):
    """A part of the station did not come up. The text names it and what it said."""


class Answered:
    """Which reads have been answered by a lamp, and when, whoever presented them."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._at: dict[int, float] = {}
        self._changed = threading.Condition()

    def add(self, number: int) -> None:
        """Note that the read ``number`` is answered."""
        with self._changed:
            self._at[number] = self._now()
            self._changed.notify_all()

    def wait(self, number: int, timeout_s: float) -> float | None:
        """Wait for the answer to a read; return the seconds since it came, None if it did not."""
        with self._changed:
            if not self._changed.wait_for(lambda: number in self._at, timeout_s):
                return None
            return self._now() - self._at[number]


class Place:
    """One cradle with its engine, and what its lamp has answered.

    A lamp answers reads in the order they were made, so the n-th answer is to the n-th read.
    """

    def __init__(
        self,
        folder: Path,
        device: str,
        broker_port: int,
        history: History,
        answered: Answered,
        now: Callable[[], float],
    ) -> None:
        self.device = device
        self.engine = Engine()
        self.cradle = Cradle(
            folder,
            self.engine.path,
            {
                "site": SITE,
                "device": device,
                "broker_host": "127.0.0.1",
                "broker_port": broker_port,
            },
            self._signal,
        )
        self.answers: list[str] = []  # patterns, in order
        self.awaited: list[int] = []  # numbers of the reads that they answer, and will answer
        self._history = history
        self._answered = answered
        self._now = now

    def present(self, reads: Sequence[Read]) -> None:
        """Hold labels before the engine, which sends all of them in one breath."""
        self.send(reads, look_at(reads))

    def send(self, reads: Sequence[Read], seen: Sequence[bytes | None]) -> None:
        """Send what the engine saw, and write it down."""
        for read, octets in zip(reads, seen, strict=True):
            self._history.add(
                Presented(
                    at_ms=self._now() * 1000,
                    cradle=self.device,
                    boot=self.cradle.boot_id,
                    number=read.number,
                    frame=self.engine.said(octets).decode("latin-1"),
                    decision=read.answer.decision if read.answer else 0,
                    reason=read.answer.reason if read.answer else 0,
                )
            )
            if read.answer:
                self.awaited.append(read.number)
        self.engine.send(*seen)

    def outstanding(self) -> int:
        """How many reads the lamp has not yet answered."""
        return len(self.awaited) - len(self.answers)

    def _signal(self, boot: str, ms: int, pattern: str, seq: int) -> None:
        self._history.add(Signalled(self._now() * 1000, self.device, boot, seq, pattern))
        if pattern in PATTERNS:
            place = len(self.answers)
            self.answers.append(pattern)
            if place < len(self.awaited):
                self._answered.add(self.awaited[place])


def look_at(reads: Sequence[Read]) -> list[bytes | None]:
    """Draw the labels and read them, as the engine does; None for what it cannot read."""
    return [label.scan(read.label, read.damage) for read in reads]


def wait_for(condition: Callable[[], bool], what: str, timeout_s: float = 20.0) -> None:
    """Return when ``condition`` holds.

    Raises:
        NotReady: it does not in time.
    """
    end = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > end:
            raise NotReady(f"{what} is not ready after {timeout_s:.0f} s")
        time.sleep(_POLL_S)


class Station(Running):
    """Everything, from the label to the host.

    Args:
        folder: for settings, stores and logs; emptied by nobody.
        cradles: how many.
        host_faults: what goes wrong at the receiver, as of simulator.faults.
        with_link: put a network that can be cut between the cradles and the broker.
        now: UTC, seconds since 1970.
    """

    def __init__(
        self,
        folder: Path,
        cradles: int,
        host_faults: str = "",
        with_link: bool = False,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.folder = folder
        self.history = History(folder / "history.jsonl")
        self.receiver = receiver.ReceiverProcess(folder / "receiver.jsonl", host_faults)
        self.receiver.port = free_port()
        broker_port = free_port()
        self.agent = Agent(folder / "agent", SITE, broker_port, free_port(), self.receiver.url)
        self.broker = Broker(folder, config=self.agent.broker_config, port=broker_port)
        self.link = Link("127.0.0.1", broker_port) if with_link else None
        cradles_port = self.link.port if self.link else broker_port
        names = [f"cradle-{number + 1}" for number in range(cradles)]
        self.answered = Answered(now)
        self.places = [
            Place(folder, name, cradles_port, self.history, self.answered, now) for name in names
        ]

    def start(self) -> None:
        """Start every process."""
        self.receiver.start()
        self.broker.start()
        self.agent.start()
        if self.link:
            self.link.start()
        for place in self.places:
            place.cradle.start()

    def wait_until_ready(self, timeout_s: float = 20.0) -> None:
        """Return when the agent hears the broker and every cradle has booted.

        Raises:
            NotReady: with what the part in question said.
        """
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            booted = all(place.cradle.boot_id for place in self.places)
            if booted and self.agent.health().get("ok"):
                return
            time.sleep(_POLL_S)
        raise NotReady(self._complaint())

    def victims(self) -> dict[str, Victim]:
        """What a nemesis may strike, by name."""
        victims: dict[str, Victim] = {
            "agent": self.agent,
            "broker": self.broker,
            "receiver": self.receiver,
        }
        if self.link:
            victims["link"] = self.link
        return victims

    def forwarded(self) -> bool:
        """Say whether the receiver has all that the agent booked."""
        receivers = self.agent.health().get("receivers", [])
        return bool(receivers) and all(one["behind"] == 0 for one in receivers)

    def settle(self, timeout_s: float) -> bool:
        """Wait until everything is answered and forwarded; say whether it came to that."""
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            if not any(place.outstanding() for place in self.places) and self.forwarded():
                return True
            time.sleep(_POLL_S)
        return False

    def events(self) -> list[Event]:
        """The whole history, with what stands in the agent's and in the receiver's ledger."""
        events = self.history.events()
        events += [_booked(record) for record in self.agent.booked()]
        events += receiver.forwarded(self.receiver.ledger)
        return events

    def stop(self) -> None:
        """End every process, the gentle way where there is one."""
        for place in self.places:
            place.cradle.kill()
            place.engine.close()
        if self.link:
            self.link.stop()
        if self.agent.running():
            self.agent.stop()
        self.broker.stop()
        self.receiver.kill()
        self.history.close()

    def _complaint(self) -> str:
        for place in self.places:
            if not place.cradle.boot_id:
                said = " / ".join(place.cradle.said) or "nothing"
                return f"{place.device} did not boot; it said: {said}"
        log = (self.folder / "agent.log").read_text(errors="replace").strip().splitlines()
        return f"the agent is not ready: {self.agent.health()}; its log ends: {log[-3:]}"


def _booked(record: dict[str, Any]) -> Booked:
    """One line of `scandock export scans` as an event."""
    frame = ""
    for label_read in record.get("labels", []):
        symbology = label_read["symbology"]
        data = label_read.get("data")
        if data is None:
            data = bytes.fromhex(label_read["data_hex"]).decode("latin-1")
        frame += f"]{symbology}{data}" if symbology else data
    return Booked(
        at_ms=datetime.fromisoformat(record["arrived_at"]).timestamp() * 1000,
        cradle=record["device"],
        boot=record["boot"],
        seq=record["seq"],
        frame=frame,
        decision=getattr(decisions, record["decision"]),
        reason=getattr(reasons, record["reason"]),
    )
