"""A command does the same, whether an agent runs or not; and no question can hurt the agent."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
import structlog

from edge_agent import commands, config
from edge_agent.cli import writing
from edge_agent.commands import desk
from edge_agent.commands.desk import Desk
from edge_agent.errors import AgentError, StoreInUse
from edge_agent.ingest.accept import Accept
from edge_agent.ingest.decode import Decoder
from edge_agent.ingest.inbox import Post
from edge_agent.ingest.writer import Writer
from edge_agent.store import acts
from edge_agent.store.driver import Tx
from edge_agent.store.sqlite import Store, View
from protocol.shapes import State
from tests.edge_agent.conftest import STORE_ID, SetClock
from tests.edge_agent.words import code, octets, scan, up


class Nobody:
    """Outside the writer there is nothing in these tests."""

    def answer(self, answers: object) -> None: ...
    def acknowledge(self, receipts: object) -> None: ...
    def heard(self, device: str, state: State, at_ms: int) -> None: ...
    def held(self, holds: object) -> None: ...
    def booked(self) -> None: ...


def note(tx: Tx, order: commands.Order, *, text: str, times: int = 1) -> dict[str, Any]:
    """A command: files acts, and refuses or fails when told so."""
    numbers = [
        acts.append(tx, order.now_ms, order.who, "test.note", {"text": text}) for _ in range(times)
    ]
    if text == "refuse":
        raise AgentError("this is refused", hint="ask for something else")
    if text == "fail":
        raise ZeroDivisionError(text)
    return {"numbers": numbers, "text": text, "none": None}


@pytest.fixture(autouse=True)
def own_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(commands._COMMANDS, "test.note", f"{__name__}:note")
    monkeypatch.setattr(writing, "_BETWEEN_S", 0.2)


@pytest.fixture(params=["short", "long" + "x" * 100])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """agent.toml in a folder whose path may be too long for a socket's address."""
    folder = tmp_path / str(request.param)
    folder.mkdir()
    (folder / "agent.toml").write_text('site = "demo"')
    return folder / "agent.toml"


@contextlib.contextmanager
def served(settings: Path) -> Iterator[Writer]:
    """As in a running agent: a writer, and a desk on an event loop."""
    loaded = config.load(settings)
    store = Store(loaded.store.path, lambda: STORE_ID)
    writer = Writer(store, Decoder("demo"), Accept(5000), Nobody(), SetClock())
    writer.start()
    loop = asyncio.new_event_loop()
    up = threading.Event()

    async def main() -> None:
        work = asyncio.create_task(
            Desk(loaded, writer.submit, SetClock(), random.Random(1).randbytes).run()
        )
        await asyncio.sleep(0)
        up.set()
        await ending.wait()
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)

    ending = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(main()))
    thread.start()
    assert up.wait(10)
    yield writer
    loop.call_soon_threadsafe(ending.set)
    thread.join()
    writer.stop()
    store.close()
    loop.close()


@pytest.fixture(params=[served, contextlib.nullcontext], ids=["running", "stopped"])
def agent(request: pytest.FixtureRequest, settings: Path) -> Iterator[None]:
    running: Callable[[Path], AbstractContextManager[Any]] = request.param
    with running(settings):
        yield


def filed(settings: Path) -> list[str]:
    view = View(config.load(settings).store.path)
    with view.read() as tx:
        found = [f"{act.who}: {act.body['text']}" for act in acts.acts(tx)]
    view.close()
    return found


def ask(settings: Path, **arguments: Any) -> Any:
    return writing.carry_out(settings, "test.note", who="Li", **arguments)


@pytest.mark.usefixtures("agent")
def test_a_command_is_done_and_on_disk(settings: Path) -> None:
    done = ask(settings, text="备注", times=2)

    assert done == {"numbers": [1, 2], "text": "备注", "none": None}
    assert filed(settings) == ["Li: 备注"] * 2


@pytest.mark.usefixtures("agent")
def test_a_refused_command_says_why_and_leaves_nothing(settings: Path) -> None:
    ask(settings, text="first")
    with pytest.raises(AgentError) as refused:
        ask(settings, text="refuse")
    with pytest.raises(AgentError, match="knows no command `test"):
        writing.carry_out(settings, "test.other", who="Li")

    assert (refused.value.what, refused.value.hint) == ("this is refused", "ask for something else")
    assert filed(settings) == ["Li: first"]


def test_a_refused_command_takes_no_scan_with_it(settings: Path) -> None:
    """They share a transaction; what is refused is only the command's part of it."""
    with served(settings) as writer:
        blocked, seen = threading.Event(), threading.Event()

        def hold_up(_: Tx) -> None:
            seen.set()
            blocked.wait(10)

        writer.submit(hold_up)
        assert seen.wait(10)
        refused = []

        def asking() -> None:
            with pytest.raises(AgentError) as error:
                ask(settings, text="refuse")
            refused.append(error.value.what)

        thread = threading.Thread(target=asking)
        thread.start()
        writer.inbox.put(Post(up("cradle-1", "demo"), octets(scan(0, code(1))), 1, (1, 1)))
        blocked.set()
        thread.join()
        until(lambda: writer.counters.messages == 1)
        assert writer.counters.troubles == 0
    assert refused == ["this is refused"]
    assert filed(settings) == []


def until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not done():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_our_own_mistake_is_told_without_its_text(settings: Path) -> None:
    with served(settings):
        for arguments in ({"text": "fail"}, {"text": "x", "other": 1}):
            with pytest.raises(AgentError, match=r"test.note failed: (ZeroDiv|Type)[a-zA-Z]+$"):
                ask(settings, **arguments)
        ask(settings, text="next")
    assert filed(settings) == ["Li: next"]


@pytest.mark.parametrize("question", [b"", b"{", b"[1]", b'{"command":"test.note"}', b"\xff"])
def test_a_question_that_is_none_is_answered(settings: Path, question: bytes) -> None:
    with served(settings), socket.socket(socket.AF_UNIX) as line:
        line.settimeout(10)
        with desk._short(desk._path(config.load(settings).store.path)) as address:
            line.connect(address)
        line.sendall(question)
        line.shutdown(socket.SHUT_WR)
        answer = json.loads(b"".join(iter(lambda: line.recv(4096), b"")))
    assert answer["refused"] == "the agent cannot read the question"


def test_a_question_that_is_too_long_is_refused(
    settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "_QUESTION_MAX", 1 << 20)
    with served(settings):
        with pytest.raises(AgentError, match="cannot read the question"):
            ask(settings, text="x" * (8 << 20))
        assert ask(settings, text="y" * (1 << 19))["numbers"] == [1]


def test_who_asks_and_goes_away_hinders_nobody(settings: Path) -> None:
    with served(settings):
        for _ in range(20):
            with socket.socket(socket.AF_UNIX) as line:
                with desk._short(desk._path(config.load(settings).store.path)) as address:
                    line.connect(address)
                line.sendall(b'{"command"')
        assert ask(settings, text="still there")["numbers"] == [1]


def test_only_the_owner_may_ask(settings: Path) -> None:
    with served(settings):
        mode = desk._path(config.load(settings).store.path).stat().st_mode
    assert mode & 0o777 == 0o600


def test_a_socket_that_a_killed_agent_left_is_no_agent(settings: Path) -> None:
    path = desk._path(config.load(settings).store.path)
    desk._bound(path).close()
    assert path.exists()

    assert ask(settings, text="here")["numbers"] == [1]
    with served(settings):
        assert ask(settings, text="there")["numbers"] == [2]
    assert not path.exists()


def test_an_agent_that_does_not_serve_is_waited_for(settings: Path) -> None:
    store = Store(config.load(settings).store.path, lambda: STORE_ID)
    with pytest.raises(StoreInUse):
        ask(settings, text="in vain")

    threading.Timer(0.05, store.close).start()
    assert ask(settings, text="then")["numbers"] == [1]


def test_where_no_socket_can_be_made_the_agent_runs_and_says_so(
    settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> socket.socket:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(desk, "_bound", refuse)
    with (
        structlog.testing.capture_logs() as said,
        served(settings),
        pytest.raises(StoreInUse, match="another process writes this store"),
    ):
        ask(settings, text="in vain")
    assert [line["event"] for line in said] == ["commands that write need the agent to stop"]


def test_an_agent_that_stops_meanwhile_says_so(settings: Path) -> None:
    with served(settings) as writer:
        writer.stop()
        with pytest.raises(AgentError, match="the agent is stopping"):
            ask(settings, text="late")
    assert filed(settings) == []
