"""`scandock ledger`: is it still what was written?"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from edge_agent import config
from edge_agent.cli.options import config_file
from edge_agent.store.sqlite import View
from edge_agent.store.verify import verify as walk


@click.group()
def ledger() -> None:
    """Look after the ledger."""


@ledger.command()
@config_file
def verify(path: Path) -> None:
    """Walk the ledger's chain. Exit 1 at the first place that was changed, and say where."""
    store = config.load(path).store.path
    report = walk(View(store))
    if report.finding is not None:
        click.echo(f"{store}: record {report.finding.number}: {report.finding.what}")
        click.echo(f"  whole up to record {report.records}")
        sys.exit(1)
    click.echo(f"{store}: whole: {report.records} records in {report.rows} rows")
    click.echo(f"  last link: {report.chain.hex()}")
