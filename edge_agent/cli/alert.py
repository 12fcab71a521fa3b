"""`scandock alert`: what somebody must look at by a day, until it is closed with a cause."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from edge_agent import config
from edge_agent.cli import writing
from edge_agent.cli.options import config_file, in_name_of
from edge_agent.clock import SystemClock
from edge_agent.domain import kpi
from edge_agent.domain.alerts import KINDS
from edge_agent.store import alerts
from edge_agent.store.sqlite import View


@click.group()
def alert() -> None:
    """Warnings, each with an owner and a due date."""


@alert.command("list")
@config_file
@click.option("--all", "also_closed", is_flag=True, help="Also those that are closed.")
def list_all(path: Path, also_closed: bool) -> None:
    """The open ones, the most urgent first. Exit 1 if one is overdue."""
    on = kpi.date_at(SystemClock().now_ms())
    with View(config.load(path).store.path).read() as tx:
        found = alerts.listed(tx, also_closed=also_closed)
    for one in found:
        state = "closed" if one.closed else "OVERDUE" if one.overdue(on) else "open"
        words = KINDS[one.kind]
        click.echo(f"{one.id}: {state}, {one.owner} by {one.due}: {words[0]} {words[1]}")
        click.echo(f"   {one.about}: {one.detail}")
    sys.exit(1 if any(one.overdue(on) for one in found) else 0)


@alert.command()
@config_file
@in_name_of
@click.option("--product", default="", help="Only of this one.")
@click.option("--owner", default="", help="Who must look; without it, you.")
def balance(path: Path, who: str, product: str, owner: str) -> None:
    """Compare stock with movements, lot by lot, and raise an alert where they do not agree.
    Exit 1 if there is any."""
    found = writing.carry_out(path, "alert.balance", who=who, product=product, owner=owner)
    for one in found:
        click.echo(f"alert {one['alert']}: {one['about']}: {one['detail']}")
    sys.exit(1 if found else 0)


@alert.command()
@config_file
@in_name_of
@click.argument("number", type=int)
@click.option("--cause", required=True, help="Why it came to that.")
@click.option("--done", required=True, help="What was done about it.")
def close(path: Path, who: str, number: int, cause: str, done: str) -> None:
    """End alert NUMBER."""
    writing.carry_out(path, "alert.close", who=who, number=number, cause=cause, done=done)
    click.echo(f"alert {number} is closed")
