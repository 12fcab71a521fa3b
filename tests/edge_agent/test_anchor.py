"""Signed heads: nobody else can make one, and a store whose end was cut off extends none."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import paho.mqtt.client as paho
import pytest
import structlog
from click.testing import CliRunner, Result
from paho.mqtt.enums import CallbackAPIVersion

from edge_agent import cli, config
from edge_agent.connectors.anchor import Anchor
from edge_agent.domain.head import Head, opened, public_key, sign
from edge_agent.store import acts, anchor, keys
from edge_agent.store.sqlite import Store, View
from simulator.agent import Agent
from simulator.broker import Broker
from simulator.loopback import free_port
from tests.edge_agent.conftest import SetClock
from tests.edge_agent.words import accept, arrival, code, octets, scan

KEY = bytes(range(32))
HEAD = Head(bytes(16), 1_700_000_000_000, 7, b"l" * 32, 2, b"a" * 32)


def test_a_head_is_opened_by_whoever_knows_the_public_key() -> None:
    line = sign(HEAD, KEY)

    assert b"\n" not in line
    assert opened(line, [public_key(b"x" * 32), public_key(KEY)]) == HEAD
    with pytest.raises(ValueError, match="signed with another key"):
        opened(line, [public_key(b"x" * 32)])


def test_a_changed_head_is_refused_wherever_it_was_changed() -> None:
    line = sign(HEAD, KEY)
    for at in range(len(line)):
        for octet in (line[at] ^ 1, ord("0"), ord("1"), 0xFF):
            changed = line[:at] + bytes([octet]) + line[at + 1 :]
            if changed.lower() != line.lower():
                with pytest.raises(ValueError, match=r"not a head|another key|was changed"):
                    opened(changed, [public_key(KEY)])


@pytest.mark.parametrize("number", [-1, 1 << 64])
def test_a_number_beyond_all_is_no_head(number: int) -> None:
    line = sign(HEAD, KEY).replace(b'"records":7', b'"records":%d' % number)
    with pytest.raises(ValueError, match="not a head"):
        opened(line, [public_key(KEY)])


def test_a_torn_last_line_is_none_and_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "heads.jsonl"
    assert anchor.lines(path) == []
    anchor.keep(path, b"one")
    with path.open("ab") as file:
        file.write(b"tor")
    assert anchor.lines(path) == [b"one"]
    anchor.keep(path, b"two")
    assert path.read_bytes() == b"one\ntwo\n"


class FakeLink:
    """A broker that comes when the clock has been waited for a few times."""

    def __init__(self, clock: SetClock) -> None:
        self._clock = clock
        self.said: list[tuple[str, bytes, bool]] = []

    @property
    def ready(self) -> bool:
        return len(self._clock.waits) > 2

    def publish(self, topic: str, payload: bytes, retain: bool = False) -> None:
        self.said.append((topic, payload, retain))


def test_a_head_is_published_each_day_that_has_news(
    store: Store, view: View, clock: SetClock
) -> None:
    link = FakeLink(clock)
    one = Anchor("demo", store.path, KEY, view, link, clock)

    async def days() -> None:
        one.check()
        work = asyncio.create_task(one.run())
        while len(link.said) < 5:
            if len(link.said) == 2:
                book(store, 1)
            await asyncio.sleep(0)
        work.cancel()

    asyncio.run(days())
    with store.write() as tx:
        acts.append(tx, clock.now_ms(), "Li", "pack.bind", {})
    one.end()

    heads = [
        opened(line, [public_key(KEY)]) for line in anchor.lines(anchor.heads_file(store.path))
    ]
    assert [(head.records, head.acts) for head in heads] == [(0, 0), (1, 0), (1, 1)]
    assert {(topic, retain) for topic, _, retain in link.said} == {
        ("scandock/1/demo/agent/head", True)
    }
    last = [opened(line, [public_key(KEY)]) for _, line, _ in link.said][-1]
    assert last == heads[-1]
    assert clock.waits[:3] == [1.0] * 3
    assert set(clock.waits[3:]) == {86_400.0}
    # After a start without news there is no other line.
    again = Anchor("demo", store.path, KEY, view, link, clock)
    again.check()
    again.end()
    assert len(anchor.lines(anchor.heads_file(store.path))) == len(heads)


def book(store: Store, count: int) -> None:
    accept(store, arrival(octets(*[scan(seq, code(seq)) for seq in range(count)])))


def cut_off(path: Path) -> None:
    """Somebody takes out all records, and all that remembers them."""
    db = sqlite3.connect(path)
    for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        db.execute(f"DROP TRIGGER {name}")
    for table in ("ledger", "boot", "code"):
        db.execute(f"DELETE FROM {table}")
    db.commit()
    db.close()


def test_an_agent_says_at_its_start_that_the_end_was_cut_off(
    open_store: Callable[[], Store], clock: SetClock
) -> None:
    store = open_store()
    book(store, 3)
    view = View(store.path)
    Anchor("demo", store.path, KEY, view, FakeLink(clock), clock).end()
    view.close()
    store.close()
    cut_off(store.path)

    view = View(open_store().path)
    with structlog.testing.capture_logs() as said:
        Anchor("demo", store.path, KEY, view, FakeLink(clock), clock).check()
    view.close()

    assert [line["why"] for line in said] == ["it had 3 records, and the ledger ends with record 0"]


def scandock(*words: str | Path) -> Result:
    return CliRunner().invoke(cli.main, [str(word) for word in words])


@pytest.mark.requirement("C03")
def test_the_retained_head_of_a_real_agent_shows_that_the_end_was_cut_off(
    tmp_path: Path, broker: Broker, site: str
) -> None:
    agent = Agent(tmp_path / "agent", site, broker.port, free_port(), "")
    settings = config.load(agent.config)
    agent.start()
    until(lambda: bool(agent.health().get("ok")), "the agent")
    cradle = paho.Client(CallbackAPIVersion.VERSION2)
    cradle.connect("127.0.0.1", broker.port)
    cradle.loop_start()
    cradle.publish(f"scandock/1/{site}/cradle-1/up", octets(scan(0, code(1)), scan(1, code(2))), 1)
    until(lambda: agent.health()["counters"]["messages"] == 1, "the batch")
    assert agent.stop() == 0
    heard: list[bytes] = []
    cradle.on_message = lambda _client, _data, message: heard.append(message.payload)
    cradle.subscribe(f"scandock/1/{site}/agent/head", 1)
    until(lambda: heard, "the retained head")
    cradle.disconnect()
    cradle.loop_stop()

    kept = tmp_path / "kept.jsonl"
    kept.write_bytes(heard[0] + b"\n")
    where = ("-c", agent.config)
    whole = scandock("ledger", "verify", *where, "--heads", kept)
    assert whole.exit_code == 0, whole.output
    assert "extends 3 signed heads" in whole.output  # of the start, of the end, and the kept one
    public = scandock("ledger", "key", *where).output.strip()
    assert opened(heard[0], [bytes.fromhex(public)]).records == 2

    cut_off(settings.store.path)
    anchor.heads_file(settings.store.path).unlink()
    assert scandock("ledger", "verify", *where).exit_code == 0  # nothing here remembers
    found = scandock("ledger", "verify", *where, "--heads", kept)
    assert found.exit_code == 1
    assert "it had 2 records, and the ledger ends with record 0" in found.output

    key = settings.keys.path / keys.HEADS
    key.unlink()
    assert scandock("ledger", "verify", *where, "--heads", kept).exit_code == 2
    with_key = scandock("ledger", "verify", *where, "--heads", kept, "--key", public)
    assert with_key.exit_code == 1
    other = scandock("ledger", "verify", *where, "--heads", kept, "--key", "00" * 32)
    assert (other.exit_code, "signed with another key" in other.output) == (1, True)
    assert scandock("ledger", "verify", *where, "--heads", kept, "--key", "x").exit_code == 2


def test_check_says_when_others_may_read_the_key(tmp_path: Path) -> None:
    made = scandock("agent", "init", tmp_path / "agent", "--broker-port", str(free_port()))
    key = tmp_path / "agent" / "keys" / keys.HEADS
    public = public_key(keys.read(key)).hex()
    assert public in made.output
    where = ("-c", tmp_path / "agent" / "agent.toml")
    assert f"heads are signed for {public}" in scandock("agent", "check", *where).output

    key.chmod(0o644)

    assert "others may read the key (mode 644)" in scandock("agent", "check", *where).output


def until(done: Callable[[], object], what: str) -> None:
    end = time.monotonic() + 30
    while not done():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.02)
