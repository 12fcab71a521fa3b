"""`scandock partner`: whom we trade with, and who is not enrolled where he must be."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from edge_agent import config
from edge_agent.cli import writing
from edge_agent.cli.kpi import Day
from edge_agent.cli.options import config_file, in_name_of
from edge_agent.clock import SystemClock
from edge_agent.domain import kpi, obligations
from edge_agent.domain.partners import lacking
from edge_agent.store import partners
from edge_agent.store.sqlite import View


@click.group()
def partner() -> None:
    """Suppliers and customers."""


@partner.command()
@config_file
@in_name_of
@click.argument("number")
@click.argument("name")
@click.option("--role", type=click.Choice(obligations.WORDS["role"]), required=True)
def add(path: Path, who: str, number: str, name: str, role: str) -> None:
    """Write a partner, or what is now known of him."""
    writing.carry_out(path, "partner.put", who=who, number=number, name=name, role=role)
    click.echo(f"{number}: {name}, {role}")


@partner.command()
@config_file
@in_name_of
@click.argument("number")
@click.argument("platform", type=click.Choice(obligations.WORDS["to"]))
@click.option("--since", type=Day, required=True)
def enrol(path: Path, who: str, number: str, platform: str, since: datetime) -> None:
    """File that a partner is enrolled at PLATFORM."""
    writing.carry_out(
        path, "partner.enrol", who=who, number=number, platform=platform, since=f"{since:%Y-%m-%d}"
    )
    click.echo(f"{number}: enrolled at {platform} since {since:%Y-%m-%d}")


@partner.command("list")
@config_file
def list_all(path: Path) -> None:
    """All partners. Exit 1 if one is not enrolled where the rules of our province ask for it."""
    settings = config.load(path)
    on = kpi.date_at(SystemClock().now_ms())
    with View(settings.store.path).read() as tx:
        found = partners.partners(tx)
    warned = False
    for one in found:
        missing = lacking(one, settings.profile, on, obligations.shipped())
        told = f"{one.number}: {one.name}, {one.role}"
        click.echo(told + (f": not enrolled at {', '.join(missing)}" if missing else ""))
        warned = warned or bool(missing)
    sys.exit(1 if warned else 0)
