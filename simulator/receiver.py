"""The host system that is told of every scan: an HTTP receiver that applies each parcel once.

`python -m simulator.receiver --port 0 --ledger FILE [--faults SCHEDULE]` prints the port it listens
on. What it applied stands in its own ledger, and on disk, before it answers; kill it at any time.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec
from aiohttp import web

from simulator.faults import Fault, Schedule
from simulator.history import Forwarded

HOST = "127.0.0.1"
KEY_HEADER = "Idempotency-Key"

_RETRY_AFTER_S = 1
_BODY_MAX = 4 * 1024 * 1024


class Scan(msgspec.Struct, frozen=True):
    """A record's name. Whatever else the agent says of it is kept, and not looked at.

    Attributes:
        boot: in hex.
    """

    device: str
    boot: str
    seq: int


class Parcel(msgspec.Struct, frozen=True):
    """The body of a POST."""

    parcel: int | str
    site: str
    scans: tuple[Scan, ...]


class Applied(msgspec.Struct, frozen=True):
    """A line of the ledger.

    Attributes:
        at_ms: UTC, milliseconds since 1970.
        body: as it arrived, without insignificant white space.
    """

    at_ms: float
    key: str
    body: msgspec.Raw


class Ledger:
    """What was applied, a JSON line each. One process writes it.

    A line that a kill cut short was never answered, so it is taken away on opening.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("a+b", buffering=0)
        self._file.seek(0)
        octets = self._file.read()
        whole = octets.rfind(b"\n") + 1
        self._file.truncate(whole)
        lines = octets[:whole].splitlines()
        self._bodies = {line.key: bytes(line.body) for line in map(_line, lines)}

    def body(self, key: str) -> bytes | None:
        """Return the body that was applied under ``key``, or None."""
        return self._bodies.get(key)

    def apply(self, at_ms: float, key: str, body: bytes) -> None:
        """Append, and return when it is on disk."""
        self._file.write(msgspec.json.encode(Applied(at_ms, key, msgspec.Raw(body))) + b"\n")
        os.fsync(self._file.fileno())
        self._bodies[key] = body


def forwarded(path: Path) -> Iterator[Forwarded]:
    """Yield an event for each scan in the ledger at ``path``, in order. A torn end is no line."""
    octets = path.read_bytes() if path.exists() else b""
    for text in octets[: octets.rfind(b"\n") + 1].splitlines():
        line = _line(text)
        for scan in msgspec.json.decode(line.body, type=Parcel).scans:
            yield Forwarded(line.at_ms, scan.device, scan.boot, scan.seq, line.key)


def _line(text: bytes) -> Applied:
    return msgspec.json.decode(text, type=Applied)


class Receiver:
    """Answers POSTs on any path.

    Args:
        faults: which of the requests since the start go wrong, and how.
        slow_s: by how much a slow answer is late.
        clock: UTC, seconds since 1970.
    """

    def __init__(
        self, ledger: Ledger, faults: Schedule, slow_s: float, clock: Callable[[], float]
    ) -> None:
        self._ledger = ledger
        self._faults = faults
        self._slow_s = slow_s
        self._clock = clock
        self._requests = 0

    async def post(self, request: web.Request) -> web.StreamResponse:
        """Apply the parcel, unless its key is known, and answer."""
        octets = await request.read()
        self._requests += 1
        fault = self._faults.at(self._requests)
        if fault is Fault.SERVER_ERROR:
            return web.Response(status=500, text="out of order")
        if fault is Fault.TOO_MANY:
            return web.Response(status=429, headers={"Retry-After": str(_RETRY_AFTER_S)})
        if fault is Fault.HTML:
            # As a gateway answers that wants to be logged in to: cheerful, and nothing is done.
            return web.Response(
                text="<html><body>Please log in</body></html>", content_type="text/html"
            )
        answer = self._take(request.headers.get(KEY_HEADER, ""), octets)
        if fault is Fault.SLOW:
            await asyncio.sleep(self._slow_s)
        elif fault is Fault.LOST:
            _hang_up(request)
        elif fault is Fault.HALF:
            return await _half(request, answer)
        return answer

    def _take(self, key: str, octets: bytes) -> web.Response:
        if not key:
            return _complaint(400, f"no {KEY_HEADER}")
        try:
            parcel = msgspec.json.decode(octets, type=Parcel)
            body = msgspec.json.format(octets, indent=-1)
        except msgspec.DecodeError as error:
            return _complaint(400, str(error))
        before = self._ledger.body(key)
        if before is None:
            self._ledger.apply(self._clock() * 1_000, key, body)
        elif before != body:
            return _complaint(422, f"{KEY_HEADER} {key} came before with another body")
        return web.json_response({"parcel": parcel.parcel, "applied": len(parcel.scans)})


def _complaint(status: int, why: str) -> web.Response:
    return web.json_response({"error": why}, status=status)


def _hang_up(request: web.Request) -> None:
    if request.transport:
        request.transport.abort()


async def _half(request: web.Request, answer: web.Response) -> web.StreamResponse:
    """Send the head of ``answer`` and half of its body, then hang up."""
    text = answer.body
    assert isinstance(text, bytes)
    cut = web.StreamResponse(status=answer.status, headers={"Content-Length": str(len(text))})
    cut.content_type = answer.content_type
    await cut.prepare(request)
    await cut.write(text[: len(text) // 2])
    if request.transport:
        request.transport.close()
    return cut


async def serve(receiver: Receiver, port: int) -> None:
    """Listen on loopback for ever; print the port once it is open."""
    application = web.Application(client_max_size=_BODY_MAX)
    application.router.add_post("/{path:.*}", receiver.post)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, HOST, port)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


class ReceiverProcess:
    """A receiver in a process of its own. It keeps its port and its ledger when it is killed.

    Args:
        faults: as of simulator.faults.
        slow_s: by how much a slow answer is late.
    """

    def __init__(self, ledger: Path, faults: str = "", slow_s: float = 3.0) -> None:
        self.ledger = ledger
        self.port = 0
        self._options = [f"--ledger={ledger}", f"--faults={faults}", f"--slow-s={slow_s}"]
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}/scans"

    def start(self) -> None:
        """Start it, and return when it listens."""
        command = [sys.executable, "-m", __name__, f"--port={self.port}", *self._options]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the receiver ended with {self._process.wait()} before it listened")
        self.port = int(line)

    def kill(self) -> None:
        """SIGKILL. Its faults are counted anew after the next start."""
        if self._process:
            self._process.kill()
            self._process.communicate()


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="simulator.receiver", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--ledger", type=Path, required=True)
    parser.add_argument("--faults", type=Schedule, default=Schedule(""))
    parser.add_argument("--slow-s", type=float, default=3.0)
    options = parser.parse_args(words)
    ledger = Ledger(options.ledger)
    asyncio.run(serve(Receiver(ledger, options.faults, options.slow_s, time.time), options.port))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
