"""A Unix socket beside the store, over which a running agent takes commands of this machine.

One question a connection: the asker sends a JSON object and ends its side; the answer comes back,
and the connection ends. Only the agent's own user (and root) may connect. JSON and nothing else:
what the agent does is in ``commands``, by name.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
import structlog

from edge_agent import commands
from edge_agent.clock import Clock
from edge_agent.config import Config
from edge_agent.errors import AgentError, StoreTrouble
from edge_agent.store import driver
from edge_agent.store.driver import Tx
from edge_agent.store.sqlite import part

_QUESTION_MAX = 64 << 20  # octets; a packing list of a million codes
_ANSWER_S = 60.0
_PATH_MAX = 100  # octets; the system's own limit for the address of such a socket is 107

Submit: TypeAlias = Callable[[Callable[[Tx], Any]], "Future[Any]"]
log = structlog.get_logger()


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is asked for."""

    command: str
    who: str
    arguments: dict[str, Any]


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The result; or, with ``refused``, why there is none."""

    result: Any = None
    refused: str = ""
    hint: str = ""


class Desk:
    """The agent's side. Lives on the event loop; the work itself is done by the writer."""

    def __init__(
        self, config: Config, submit: Submit, clock: Clock, draw: Callable[[int], bytes]
    ) -> None:
        """
        Args:
            submit: has work done in the writer's next transaction.
            draw: returns so many random octets.
        """
        self._config = config
        self._submit = submit
        self._clock = clock
        self._draw = draw

    async def run(self) -> None:
        """Serve until cancelled. The store's lock is held, so no other agent has this socket."""
        path = _path(self._config.store.path)
        path.unlink(missing_ok=True)
        try:
            listener = _bound(path)
        except OSError as error:  # a file system that has no sockets
            log.error("commands that write need the agent to stop", why=str(error), path=str(path))
            await asyncio.Event().wait()
        server = await asyncio.start_unix_server(self._serve, sock=listener)
        try:
            await asyncio.Event().wait()
        finally:
            # Whoever is being answered waits for the writer, which ends after us.
            server.close()
            path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            octets = await _all(reader)
            writer.write(msgspec.json.encode(await self._answer(octets)))
            await writer.drain()
        except OSError as error:
            log.warning("who asked has gone", why=str(error))
        finally:
            writer.close()

    async def _answer(self, octets: bytes) -> Answer:
        try:
            asked = msgspec.json.decode(octets, type=Question)
        except msgspec.DecodeError:
            return Answer(
                refused="the agent cannot read the question",
                hint=f"it may have {_QUESTION_MAX >> 20} MiB, and agent and command one version",
            )
        order = commands.Order(self._config, asked.who, self._clock.now_ms(), self._draw)
        try:
            return await asyncio.wrap_future(self._submit(lambda tx: _done(tx, order, asked)))
        except (StoreTrouble, CancelledError, asyncio.CancelledError):
            return Answer(refused="the agent is stopping", hint="run the command again")
        except Exception as error:
            return _failed(asked, error)


def _done(tx: Tx, order: commands.Order, asked: Question) -> Answer:
    """What becomes of a question, in the writer's transaction. If it is refused nothing of it is
    written, and the scans in the same transaction do not notice."""
    try:
        with part(tx):
            return Answer(commands.carry_out(tx, order, asked.command, asked.arguments))
    except AgentError as error:
        return Answer(refused=error.what, hint=error.hint)
    except driver.Error:
        raise
    except Exception as error:
        return _failed(asked, error)


def _failed(asked: Question, error: Exception) -> Answer:
    # Our own mistake. Its text may hold what was asked, hence perhaps a person's data.
    log.error("a command failed", command=asked.command, error=type(error).__name__)
    return Answer(refused=f"{asked.command} failed: {type(error).__name__}")


def ask(store: Path, command: str, who: str, arguments: dict[str, Any]) -> Answer | None:
    """Ask the agent that runs on ``store``.

    Returns:
        its answer; None if no agent serves there.

    Raises:
        AgentError: it took the question, and gave no answer.
    """
    path = _path(store)
    question = msgspec.json.encode(Question(command, who, arguments))
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(_ANSWER_S)
        try:
            with _short(path) as address:
                line.connect(address)
        except (FileNotFoundError, ConnectionRefusedError):
            return None
        except OSError as error:
            raise AgentError(
                f"{path}: cannot reach the running agent ({error.strerror})",
                hint="run the command as the user that runs the agent",
            ) from error
        try:
            line.sendall(question)
            line.shutdown(socket.SHUT_WR)
            octets = b"".join(iter(lambda: line.recv(65536), b""))
            return msgspec.json.decode(octets, type=Answer)
        except (OSError, msgspec.DecodeError) as error:
            raise AgentError(
                f"{path}: the agent took `{command}` and gave no answer",
                hint="it may have been done all the same: look before you try again",
            ) from error


def result(answer: Answer) -> Any:
    """What was asked for.

    Raises:
        AgentError: it was refused.
    """
    if answer.refused:
        raise AgentError(answer.refused, hint=answer.hint)
    return answer.result


async def _all(reader: asyncio.StreamReader) -> bytes:
    """Everything up to the end; nothing, which is no question, if it is too much."""
    octets = bytearray()
    while part := await reader.read(1 << 20):
        if len(octets) <= _QUESTION_MAX:  # the rest is read too, so that the asker hears of it
            octets += part
    return bytes(octets) if len(octets) <= _QUESTION_MAX else b""


def _path(store: Path) -> Path:
    return store.with_name(store.name + ".sock")


def _bound(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    before = os.umask(0o177)
    try:
        with _short(path) as address:
            listener.bind(address)
    finally:
        os.umask(before)
    return listener


@contextmanager
def _short(path: Path) -> Iterator[str]:
    """An address for ``path``; by way of its open folder where it is too long for one."""
    if len(os.fsencode(path)) <= _PATH_MAX:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
