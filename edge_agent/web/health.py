"""GET /healthz: how the agent is, as JSON; 503 when it cannot do its work."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypedDict

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edge_agent.errors import AgentError


class ReceiverHealth(TypedDict):
    """One receiver. ``behind``: records not delivered; ``refused``: parcels set aside."""

    name: str
    behind: int
    state: str
    refused: int
    last_error: str


class Health(TypedDict):
    """How the agent is. ``ok``: it can do its work, which is not to say that every receiver can.
    ``broker`` is "connected" and ``store`` "ok", or each says its trouble.

    ``last_commit_ms`` is UTC, milliseconds since 1970; ``queue`` counts messages not yet written.
    """

    ok: bool
    broker: str
    store: str
    last_commit_ms: int
    queue: int
    quarantine: int
    receivers: list[ReceiverHealth]
    counters: dict[str, int]


class Server(uvicorn.Server):
    """Serves until told to stop; signals are the app's business."""

    def __init__(self, look: Callable[[], Health], listener: socket.socket) -> None:
        async def healthz(_: Request) -> Response:
            # A coroutine, so that ``look`` runs in the loop's thread, to which the view belongs.
            health = look()
            body = msgspec.json.encode(health)
            status = 200 if health["ok"] else 503
            return Response(body, status, media_type="application/json")

        app = Starlette(routes=[Route("/healthz", healthz, methods=["GET"])])
        super().__init__(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
        self._listener = listener

    async def run_until_told(self) -> None:
        """Serve until ``should_exit`` is set."""
        await self.serve(sockets=[self._listener])

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listen(host: str, port: int) -> socket.socket:
    """Open the port.

    Raises:
        AgentError: it is taken, or is not ours to open.
    """
    try:
        return socket.create_server((host, port))
    except OSError as error:
        raise AgentError(
            f"web.port = {port}: cannot listen on {host}:{port} ({error.strerror})",
            hint="stop what listens there, or set another web.port in agent.toml",
        ) from error
