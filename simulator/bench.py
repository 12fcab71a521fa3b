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
from pathlib import Path
from typing import Any

from simulator import demo, fleet, image, view
from simulator.agent import Agent
from simulator.broker import Broker
from simulator.loopback import free_port
from simulator.receiver import ReceiverProcess
from simulator.station import SITE, wait_for

_TIMEOUT_S = 120.0
_CRADLES = 16
_SEED = 5
# Messages a cradle, records a message.
_SHAPES = {"batches of 64": (300, 64), "single records": (600, 1)}
_RATE = 500.0


def ingest() -> dict[str, Any]:
    """Measure durable ingest end to end: published, booked, answered; and told to a receiver.

    Returns:
        by shape: for the agent and for the careful script scans/s, messages/s, CPU µs a scan of its
        process, and p50/p99 ms from publish to ``taken``; and the agent's share of the peer. The
        last shape is 500 single records a second.
    """
    shapes: dict[str, Any] = {}
    for name, (messages, records) in _SHAPES.items():
        peers = {"agent": _agent, "careful script": _careful}
        told = {who: _measure(start, messages, records, 0.0) for who, start in peers.items()}
        share = told["agent"]["scans_s"] / told["careful script"]["scans_s"]
        shapes[name] = {**told, "agent's share": round(share, 2)}
    shapes["500 single records a second"] = {
        "agent": _measure(_agent, 150, 1, _RATE),
        "careful script": _measure(_careful, 150, 1, _RATE),
    }
    return shapes


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


def _measure(start: Any, messages: int, records: int, rate: float) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="scandock-") as scratch, start(Path(scratch)) as peer:
        port, pid = peer
        load = fleet.cradles(random.Random(_SEED), _CRADLES, messages, records)
        before = _cpu_s(pid)
        run = fleet.Fleet(port, SITE, load, rate).run(_TIMEOUT_S)
        cpu_s = _cpu_s(pid) - before
        scans = run.messages * records
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
def _agent(folder: Path) -> Iterator[tuple[int, int]]:
    """The agent with its broker and a receiver; yields the broker's port and the agent's pid."""
    receiver = ReceiverProcess(folder / "receiver.jsonl")
    receiver.start()
    port = free_port()
    agent = Agent(folder / "agent", SITE, port, free_port(), receiver.url)
    with Broker(folder, config=agent.broker_config, port=port):
        agent.start()
        wait_for(lambda: bool(agent.health().get("ok")), "the agent")
        try:
            yield port, agent.pid
        finally:
            agent.stop()
            receiver.kill()


@contextmanager
def _careful(folder: Path) -> Iterator[tuple[int, int]]:
    """The same around the careful script."""
    receiver = ReceiverProcess(folder / "receiver.jsonl")
    receiver.start()
    with Broker(folder) as broker:
        words = [str(broker.port), str(folder / "careful.db"), receiver.url]
        script = subprocess.Popen([sys.executable, "-m", "simulator.careful_script", *words])
        wait_for((folder / "careful.db").exists, "the careful script")
        try:
            yield broker.port, script.pid
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
