"""Figures of the agent, beside the careful script in the same run, on the same machine.

Trust the ratios: absolute times of a shared machine say little.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from protocol import wire
from simulator import demo, fleet, image, view
from simulator.agent import Agent
from simulator.broker import Broker
from simulator.loopback import free_port
from simulator.receiver import ReceiverProcess
from simulator.station import SITE, wait_for

_TIMEOUT_S = 120.0
_CRADLES = 16
_SEED = 5
_SIZES = (100_000, 1_000_000)


@dataclass(frozen=True)
class Load:
    """What is sent, into what.

    Attributes:
        messages: of each cradle; ``records`` of each message.
        rate: messages a second in all; 0 for as fast as they are answered.
        units: that the store knows already.
        documents: whether a document is open at every cradle, and counts its units.
    """

    messages: int
    records: int
    rate: float = 0.0
    units: int = 0
    random_codes: bool = False
    documents: bool = False


_WITH_PEER = {
    "batches of 64": Load(300, 64),
    "single records": Load(600, 1),
    "100 single records a second": Load(60, 1, 100.0),
    "1,000 single records a second": Load(300, 1, 1000.0),
}
_DOCUMENTS = {
    "batches of 64, a document open": Load(150, 64, documents=True),
    "single records, a document open": Load(600, 1, documents=True),
}


def ingest(size: int = 0) -> dict[str, Any]:
    """Measure durable ingest end to end: published, booked, answered; and told to a receiver.

    Args:
        size: units that a further store knows already, beside those of 1e5 and 1e6.

    Returns:
        by load: for the agent, and for the careful script where it can do the same, scans/s,
        messages/s, CPU µs a scan of its process, RSS, and p50/p99 ms from publish to verdict (for
        the script, which gives none, to its ``taken``); and the agent's share of the peer. Each
        load of the script is measured right after the agent's.
    """
    told: dict[str, Any] = {}
    for name, load in _WITH_PEER.items():
        agent, script = _measure(_agent, load), _measure(_careful, load)
        share = round(agent["scans_s"] / script["scans_s"], 2)
        told[name] = {"agent": agent, "careful script": script, "agent's share": share}
    for name, load in _DOCUMENTS.items():
        told[name] = {"agent": _measure(_agent, load)}
    for units in (*_SIZES, size) if size else _SIZES:
        for order, drawn in (("as makers number", False), ("random", True)):
            load = Load(150, 64, units=units, random_codes=drawn)
            told[f"{units:,} units known, codes {order}"] = {"agent": _measure(_agent, load)}
    return told


def signal() -> dict[str, Any]:
    """Measure a calm station, nothing killed: from the read to the lamp, through real firmware.

    Returns:
        scans, p50/p99/max ms, the most octets that a cradle's heap held, octets of the firmware.
    """
    with tempfile.TemporaryDirectory(prefix="scandock-") as scratch:
        outcome = demo.run(Path(scratch), _SEED, 600, 15, lambda *_: None, struck=())
    return {
        "scans": outcome.result.scanned,
        **{f"{name}_ms": wait for name, wait in view.latency_ms(outcome.result).items()},
        "heap": max(outcome.heap.values()),
        "mpy": sum(image.sizes(image.build()).values()),
    }


def _measure(start: Any, load: Load) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="scandock-") as scratch:
        drawn = (load.messages, load.records, 0, load.random_codes)
        cradles = fleet.cradles(random.Random(_SEED), _CRADLES, *drawn)
        with start(Path(scratch), load, [one.device for one in cradles]) as (port, pid, answer):
            before = _cpu_s(pid)
            run = fleet.Fleet(port, SITE, cradles, load.rate, answer).run(_TIMEOUT_S)
            cpu_s = _cpu_s(pid) - before
            scans = run.messages * load.records
            return {
                "scans_s": round(scans / run.seconds),
                "messages_s": round(run.messages / run.seconds),
                "cpu_us_a_scan": round(cpu_s / scans * 1e6, 1),
                "rss_mb": round(_rss_mb(pid), 1),
                "p50_ms": round(run.wait_ms(0.5), 1),
                "p99_ms": round(run.wait_ms(0.99), 1),
                "complete": run.complete,
            }


@contextmanager
def _agent(folder: Path, load: Load, devices: list[str]) -> Iterator[tuple[int, int, int]]:
    """The agent with its broker and a receiver; yields the broker's port, the agent's pid, and by
    what it answers."""
    receiver = ReceiverProcess(folder / "receiver.jsonl")
    receiver.start()
    port = free_port()
    agent = Agent(folder / "agent", SITE, port, free_port(), receiver.url)
    _fill(agent.config, load, devices)
    with Broker(folder, config=agent.broker_config, port=port):
        agent.start()
        wait_for(lambda: bool(agent.health().get("ok")), "the agent")
        try:
            yield port, agent.pid, wire.VERDICTS
        finally:
            agent.stop()
            receiver.kill()


def _fill(settings: Path, load: Load, devices: list[str]) -> None:
    """Give the agent's store a past, and its cradles their documents."""
    words = ["--units", str(load.units), *(["--random-codes"] if load.random_codes else [])]
    if load.documents:
        words += ["--stations", ",".join(devices)]
        rows = "".join(f'\n[[stations]]\ndevice = "{one}"\ndocuments = "bound"' for one in devices)
        settings.write_text(settings.read_text("utf-8") + rows, "utf-8")
    command = [sys.executable, "-m", "edge_agent.bench.fill", "-c", str(settings), *words]
    subprocess.run(command, check=True)


@contextmanager
def _careful(folder: Path, load: Load, devices: list[str]) -> Iterator[tuple[int, int, int]]:
    """The same around the careful script."""
    receiver = ReceiverProcess(folder / "receiver.jsonl")
    receiver.start()
    with Broker(folder) as broker:
        words = [str(broker.port), str(folder / "careful.db"), receiver.url]
        script = subprocess.Popen([sys.executable, "-m", "simulator.careful_script", *words])
        wait_for((folder / "careful.db").exists, "the careful script")
        try:
            yield broker.port, script.pid, wire.TAKEN
        finally:
            script.kill()
            script.wait()
            receiver.kill()


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _rss_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
