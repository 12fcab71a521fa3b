"""The command line: what it writes, what it says, and with which exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edge_agent import cli, config
from edge_agent.store import quarantine
from edge_agent.store.quarantine import Outcast
from edge_agent.store.sqlite import Store
from protocol import reasons
from simulator.broker import Broker
from simulator.loopback import free_port
from tests.edge_agent.conftest import STORE_ID
from tests.edge_agent.words import accept, arrival, code, octets, scan


def scandock(*words: str | int | Path) -> Result:
    return CliRunner().invoke(cli.main, [str(word) for word in words])


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """agent.toml of an agent that was never started."""
    done = scandock("agent", "init", tmp_path / "agent", "--broker-port", free_port())
    assert done.exit_code == 0, done.output
    return tmp_path / "agent" / "agent.toml"


def fill(settings: Path, work: Callable[[Store], object]) -> None:
    store = Store(config.load(settings).store.path, lambda: STORE_ID)
    work(store)
    store.close()


def test_init_writes_settings_that_load(tmp_path: Path) -> None:
    words = ["--site", "hall-2", "--broker-port", "11883", "--web-port", "18470"]
    done = scandock("agent", "init", tmp_path / "new", *words, "--host-url", "http://erp:8080/in")

    assert done.exit_code == 0
    loaded = config.load(tmp_path / "new" / "agent.toml")
    assert (loaded.site, loaded.broker.port, loaded.web.port) == ("hall-2", 11883, 18470)
    assert loaded.connectors == (config.Receiver("host", "host", "http://erp:8080/in", 5.0, 500),)
    # What is written there is what holds when it is not.
    bare = tmp_path / "bare.toml"
    bare.write_text('site = "hall-2"')
    assert (loaded.rules, loaded.broker.client_id) == (
        config.load(bare).rules,
        config.load(bare).broker.client_id,
    )


def test_init_writes_a_broker_that_forgets_nothing(tmp_path: Path) -> None:
    scandock("agent", "init", tmp_path, "--broker-port", "11883")

    lines = (tmp_path / "mosquitto.conf").read_text().splitlines()
    assert {
        "listener 11883 127.0.0.1",
        "max_queued_messages 0",
        "max_inflight_messages 2000",
        "message_size_limit 65536",
        "persistence true",
        f"persistence_location {tmp_path}/",
        "autosave_interval 30",
    } <= set(lines)


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "mosquitto.conf").write_text("mine")
    done = scandock("agent", "init", tmp_path)

    assert done.exit_code == 2
    assert done.stderr == (
        f"scandock: {tmp_path}/mosquitto.conf: already there; nothing was written\n"
        "  hint: choose another folder, or move the old settings away\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["mosquitto.conf"]


def test_init_leaves_nothing_behind_that_would_not_load(tmp_path: Path) -> None:
    done = scandock("agent", "init", tmp_path, "--site", "Hall 2")

    assert done.exit_code == 2
    assert 'site = "Hall 2" must be 1 to 32 of a-z 0-9 -' in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_check_says_what_is_missing(settings: Path) -> None:
    port = config.load(settings).broker.port
    done = scandock("agent", "check", "-c", settings)

    assert done.exit_code == 1
    assert f"finding: broker: no broker at 127.0.0.1:{port} (Connection refused)" in done.output


def test_check_finds_everything_well_also_while_the_agent_runs(
    settings: Path, tmp_path: Path, mosquitto_program: str
) -> None:
    port = config.load(settings).broker.port
    with Broker(tmp_path / "broker", config=settings.with_name("mosquitto.conf"), port=port):
        before = scandock("agent", "check", "-c", settings)
        fill(settings, lambda _: None)
        running = Store(config.load(settings).store.path, lambda: STORE_ID)
        during = scandock("agent", "check", "-c", settings)
        running.close()

    assert (before.exit_code, during.exit_code) == (0, 0), before.output + during.output
    assert "journal_mode wal, synchronous 2" in before.output
    assert "in use by a running agent" in during.output


def test_check_does_not_guess_at_wrong_settings(tmp_path: Path) -> None:
    done = scandock("agent", "check", "-c", tmp_path / "agent.toml")

    assert done.exit_code == 2
    assert "cannot read" in done.stderr


@pytest.mark.requirement("I19", "C07", "C08", "C21")
def test_export_writes_every_record_in_the_order_booked(settings: Path) -> None:
    def book(store: Store) -> None:
        for first in range(0, 4100, 100):
            accept(store, arrival(octets(*[scan(first + i, code(first + i)) for i in range(100)])))

    fill(settings, book)
    done = scandock("export", "scans", "-c", settings)

    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [record["seq"] for record in records] == list(range(4100))
    assert [record["labels"][0]["data"] for record in records] == [
        code(number).decode() for number in range(4100)
    ]


def test_export_writes_every_message_in_quarantine(settings: Path) -> None:
    def keep(store: Store) -> None:
        with store.write() as tx:
            outcasts = [Outcast(i, f"t/{i}", bytes([i % 256]), reasons.SIZE, i) for i in range(450)]
            quarantine.keep(tx, outcasts)

    fill(settings, keep)
    lines = scandock("export", "quarantine", "-c", settings).stdout.splitlines()

    assert len(lines) == 450
    assert json.loads(lines[299]) == {
        "id": 300,
        "at": "1970-01-01T00:00:00.299Z",
        "topic": "t/299",
        "payload_hex": "2b",
        "reason": "SIZE",
        "place": 299,
    }


def test_export_without_a_store_says_where_it_comes_from(settings: Path) -> None:
    done = scandock("export", "scans", "-c", settings)

    assert done.exit_code == 2
    assert "`scandock agent run` makes it" in done.stderr


def test_verify_tells_a_whole_ledger_from_a_changed_one(settings: Path) -> None:
    fill(settings, lambda store: accept(store, arrival(octets(scan(0, code(0))))))
    whole = scandock("ledger", "verify", "-c", settings)

    def change(store: Store) -> None:
        with store.write() as tx:
            tx.execute("DROP TRIGGER ledger_is_not_changed")
            tx.execute("UPDATE ledger SET arrived_ms = 1")

    fill(settings, change)
    changed = scandock("ledger", "verify", "-c", settings)

    assert whole.exit_code == 0
    assert "whole: 1 records in 1 rows" in whole.stdout
    assert changed.exit_code == 1
    assert "record 1: its link does not fit" in changed.stdout


def test_a_broken_plugin_leaves_the_other_commands_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = EntryPoint("broken", "no_such_module:command", "scandock.commands")
    monkeypatch.setattr(cli, "_OWN", [*cli._OWN, broken])

    listed = scandock("--help")
    called = scandock("broken", "--what", "ever")

    assert listed.exit_code == 0
    assert "(cannot be loaded: ModuleNotFoundError" in listed.output
    assert called.exit_code == 2
    assert called.stderr.startswith(
        "scandock: command `broken` cannot be loaded from no_such_module:command"
        " (ModuleNotFoundError: No module named 'no_such_module')\n  hint: "
    )


def test_the_agent_does_not_load_the_simulator(settings: Path) -> None:
    script = f"""
import sys
from edge_agent import cli
cli.main(["agent", "check", "-c", {str(settings)!r}], standalone_mode=False)
"""
    listing = script + "print([name for name in sys.modules if name.startswith('simulator')])"
    listing = listing.replace("cli.main", "try:\n  cli.main").replace(
        "standalone_mode=False)\n", "standalone_mode=False)\nexcept SystemExit: pass\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", listing], capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines()[-1] == "[]"
