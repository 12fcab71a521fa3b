"""`scandock ledger`: is it still what was written? And copies of it, for the day it is lost."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from edge_agent import config
from edge_agent.cli.options import config_file, in_name_of
from edge_agent.clock import SystemClock
from edge_agent.config import Config
from edge_agent.domain.head import Head, opened, public_key
from edge_agent.domain.statement import iso8601
from edge_agent.errors import ConfigError
from edge_agent.store import acts, anchor, backup, identity, keys
from edge_agent.store.ledger import LOST
from edge_agent.store.sqlite import View
from edge_agent.store.verify import Finding, Report
from edge_agent.store.verify import verify as walk


@click.group()
def ledger() -> None:
    """Look after the ledger."""


@ledger.command()
@config_file
@click.option(
    "--heads",
    "files",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    help="Signed heads kept elsewhere, one a line. Those beside the store are always looked at.",
)
@click.option(
    "--key", "public", multiple=True, help="Public key of the heads; default: that of this agent."
)
def verify(path: Path, files: tuple[Path, ...], public: tuple[str, ...]) -> None:
    """Walk the chains of ledger and acts. Exit 1 at the first place that was changed, and say
    where. With the signed heads an end that was cut off is found too."""
    settings = config.load(path)
    store = settings.store.path
    heads, finding = _heads(settings, [anchor.heads_file(store), *files], public)
    view = View(store)
    report = walk(view, heads)
    finding = report.finding or finding
    if finding is not None:
        click.echo(f"{store}: {finding.place}: {finding.what}")
        click.echo(f"  whole up to record {report.records} and act {report.acts}")
        sys.exit(1)
    _tell(store, report)
    click.echo(f"  extends {len(heads)} signed heads")
    if not heads:
        click.echo("  hint: an end that was cut off is found with heads only, see --heads")
    with view.read() as tx:
        for act in identity.restores(tx):
            click.echo(f"  restored from a backup at {iso8601(act.at_ms)}: record {act.record}")
        for act in acts.acts_of(tx, LOST):
            lost = act.body
            click.echo(
                f"  lost with the store before: {lost['device']}, boot {lost['boot']},"
                f" seq {lost['seq']} to {lost['until'] - 1}"
            )


@ledger.command()
@config_file
def key(path: Path) -> None:
    """Print the public key of the signed heads. Whoever keeps heads should keep it too."""
    click.echo(public_key(keys.read(config.load(path).keys.path / keys.HEADS)).hex())


@ledger.command("backup")
@config_file
@click.argument("target", type=click.Path(path_type=Path))
def backup_(path: Path, target: Path) -> None:
    """Write a copy of the store to TARGET: a new file, or a folder, in which it is named by the
    time. The agent may be running. The keys are not in it: keep copies of them elsewhere."""
    store = config.load(path).store.path
    if target.is_dir():
        target /= f"{store.stem}-{iso8601(SystemClock().now_ms())[:19].replace(':', '')}Z.db"
    copy = backup.backup(store, target)
    click.echo(f"{target}: whole, up to record {copy.report.records} and act {copy.report.acts}")


@ledger.command()
@config_file
@in_name_of
@click.argument("source", metavar="BACKUP", type=click.Path(path_type=Path))
@click.option("--check", is_flag=True, help="Only look whether it could be done.")
def restore(path: Path, who: str, source: Path, check: bool) -> None:
    """Put BACKUP in the place of the store. The agent must be stopped. What is there is moved into
    a folder beside it, and kept."""
    settings = config.load(path)
    store = settings.store.path
    now_ms = SystemClock().now_ms()
    if check:
        copy = backup.check(store, source)
        if copy.report.finding is not None:
            click.echo(f"{source}: {copy.report.finding.place}: {copy.report.finding.what}")
            sys.exit(1)
        _tell_copy(source, copy, now_ms)
        return
    copy, away = backup.restore(store, source, settings.keys.path, now_ms, who, os.urandom)
    _tell_copy(source, copy, now_ms)
    click.echo(f"  is now {store}; what was there is in {away}")
    click.echo("  what cradles had booked since is lost; `scandock ledger verify` will name it")


def _tell_copy(source: Path, copy: backup.Copy, now_ms: int) -> None:
    records, filed = copy.report.records, copy.report.acts
    click.echo(f"{source}: whole, up to record {records} and act {filed}")
    if copy.newest_ms:
        hours = (now_ms - copy.newest_ms) / 3_600_000
        click.echo(f"  the newest of it is of {iso8601(copy.newest_ms)}, {hours:.1f} hours ago")


def _heads(
    settings: Config, files: list[Path], public: tuple[str, ...]
) -> tuple[list[Head], Finding | None]:
    """Read heads; the first line that is none is a finding."""
    written = [(file, line) for file in files for line in anchor.lines(file)]
    if not written:
        return [], None
    try:
        known = [bytes.fromhex(one) for one in public]
    except ValueError:
        raise ConfigError(
            f"--key {' '.join(public)}: not hexadecimal", hint="`scandock ledger key` prints it"
        ) from None
    heads = []
    for file, line in written:
        try:
            own = known or [public_key(keys.read(settings.keys.path / keys.HEADS))]
            heads.append(opened(line, own))
        except ValueError as error:
            return heads, Finding(str(file), str(error))
    return heads, None


def _tell(store: Path, report: Report) -> None:
    records, filed = report.records, report.acts
    click.echo(f"{store}: whole: {records} records in {report.rows} rows, {filed} acts")
    click.echo(f"  last link: {report.chain.hex()}")
