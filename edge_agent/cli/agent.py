"""`scandock agent`: make its settings, look whether it can work, run it."""

from __future__ import annotations

import getpass
import os
import string
import sys
from importlib import resources
from pathlib import Path

import click

from edge_agent import app, config, log
from edge_agent.cli.options import config_file
from edge_agent.clock import SystemClock
from edge_agent.config import Config
from edge_agent.domain.head import public_key
from edge_agent.errors import ConfigError, StoreError
from edge_agent.ingest.probe import probe
from edge_agent.store import driver, keys
from edge_agent.store.sqlite import SETTINGS, Store, View

_PORT = click.IntRange(1, 65535)


@click.group()
def agent() -> None:
    """The agent beside the cradles."""


@agent.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--site", default="demo", show_default=True, help="Its name in every topic.")
@click.option("--broker-port", type=_PORT, default=1883, show_default=True)
@click.option("--web-port", type=_PORT, default=8470, show_default=True)
@click.option("--host-url", default="", help="Where to post what was booked.")
def init(folder: Path, site: str, broker_port: int, web_port: int, host_url: str) -> None:
    """Write agent.toml and mosquitto.conf into FOLDER."""
    connectors = _fill("host.toml", url=host_url) if host_url else "# No connectors yet.\n"
    files = {
        "agent.toml": _fill(
            "agent.toml",
            site=site,
            broker_port=str(broker_port),
            web_port=str(web_port),
            connectors=connectors.rstrip("\n"),
        ),
        "mosquitto.conf": _fill(
            "mosquitto.conf",
            broker_port=str(broker_port),
            user=getpass.getuser(),
            folder=str(folder.resolve()),
        ),
    }
    there = [str(folder / name) for name in files if (folder / name).exists()]
    if there:
        raise ConfigError(
            f"{', '.join(there)}: already there; nothing was written",
            hint="choose another folder, or move the old settings away",
        )
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    try:
        settings = config.load(folder / "agent.toml")
    except ConfigError:
        for name in files:
            (folder / name).unlink()
        raise
    key = keys.read_or_make(settings.keys.path / keys.HEADS, os.urandom)
    click.echo(f"wrote {folder / 'agent.toml'} and {folder / 'mosquitto.conf'}")
    click.echo(f"  public key of the ledger's signed heads, to be kept: {public_key(key).hex()}")
    click.echo(f"  next: mosquitto -c {folder / 'mosquitto.conf'}")
    click.echo(f"  then: scandock agent run -c {folder / 'agent.toml'}")


@agent.command()
@config_file
def check(path: Path) -> None:
    """Look at settings, store and broker. Exit 1 if something would keep the agent from working."""
    settings = config.load(path)
    click.echo(f"settings: {path}: site {settings.site}, {len(settings.connectors)} receivers")
    findings = [*_check_keys(settings), *_check_store(settings), *_check_broker(settings)]
    for finding in findings:
        click.echo(f"finding: {finding}")
    sys.exit(1 if findings else 0)


@agent.command()
@config_file
def run(path: Path) -> None:
    """Run until SIGTERM or Ctrl-C."""
    settings = config.load(path)
    log.configure()
    app.run(settings, SystemClock())


def _fill(template: str, **values: str) -> str:
    text = resources.files("edge_agent.cli").joinpath(template).read_text("utf-8")
    return string.Template(text).substitute(values)


def _check_keys(settings: Config) -> list[str]:
    path = settings.keys.path / keys.HEADS
    try:
        key = keys.read(path)
    except StoreError as error:
        # The agent draws one at its first start.
        return [error.what] if path.exists() else []
    click.echo(f"keys: {settings.keys.path}: heads are signed for {public_key(key).hex()}")
    return []


def _check_store(settings: Config) -> list[str]:
    path = settings.store.path
    try:
        store = Store(path, lambda: os.urandom(16))
    except StoreError as error:
        return _check_store_in_use(path, error)
    found = store.settings()
    store.close()
    told = f"journal_mode {found['journal_mode']}, synchronous {found['synchronous']}"
    click.echo(f"store: {path}: {driver.NAME}, {told}")
    wrong = [name for name, value in SETTINGS.items() if found[name] != value]
    return [f"{path}: {name} is {found[name]}, must be {SETTINGS[name]}" for name in wrong]


def _check_store_in_use(path: Path, error: StoreError) -> list[str]:
    """A running agent keeps its store to itself; that it can be read must do."""
    try:
        View(path).close()
    except StoreError:
        return [str(error)]
    click.echo(f"store: {path}: {driver.NAME}, in use by a running agent")
    return []


def _check_broker(settings: Config) -> list[str]:
    broker = settings.broker
    findings = probe(broker)
    click.echo(f"broker: {broker.host}:{broker.port}: {'see below' if findings else 'well'}")
    return [f"broker: {finding}" for finding in findings]
