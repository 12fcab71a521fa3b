"""`scandock nocode`: stock bought before goods had to carry codes, used up before it expires."""

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
from edge_agent.domain import kpi
from edge_agent.domain.nocode import must_go
from edge_agent.store import nocode as register
from edge_agent.store.sqlite import View


@click.group()
def nocode() -> None:
    """Stock without codes."""


@nocode.command()
@config_file
@in_name_of
@click.option("--product", required=True)
@click.option("--lot", required=True)
@click.option("--expiry", type=Day, required=True, help="Last day on which it may be used.")
@click.option("--bought", type=Day, required=True)
@click.option("--zone", required=True, help="Where it is kept apart.")
@click.option("--quantity", type=click.IntRange(1), required=True, help="Smallest packs.")
def add(
    path: Path,
    who: str,
    product: str,
    lot: str,
    expiry: datetime,
    bought: datetime,
    zone: str,
    quantity: int,
) -> None:
    """Register a delivery."""
    number = writing.carry_out(
        path,
        "nocode.add",
        who=who,
        product=product,
        lot=lot,
        expiry=f"{expiry:%Y-%m-%d}",
        bought=f"{bought:%Y-%m-%d}",
        zone=zone,
        quantity=quantity,
    )
    click.echo(f"{number}: registered; have it checked: scandock nocode check {number}")


@nocode.command()
@config_file
@in_name_of
@click.argument("number", type=int)
@click.option("--words", required=True, help="What was compared with what.")
def check(path: Path, who: str, number: int, words: str) -> None:
    """File that entry NUMBER was checked against papers and goods; before, it cannot be taken."""
    writing.carry_out(path, "nocode.check", who=who, number=number, words=words)
    click.echo(f"{number}: checked")


@nocode.command()
@config_file
@in_name_of
@click.option("--product", required=True)
@click.option("--quantity", type=click.IntRange(1), required=True, help="Smallest packs.")
@click.option("--document", required=True, help="The number of the sale.")
@click.option("--line", type=click.IntRange(1), required=True)
def take(path: Path, who: str, product: str, quantity: int, document: str, line: int) -> None:
    """Take stock for a line of a sale, the earliest expiry first: its payment passes without
    codes."""
    parts = writing.carry_out(
        path,
        "nocode.take",
        who=who,
        product=product,
        quantity=quantity,
        document=document,
        line=line,
    )
    for part in parts:
        click.echo(f"{part['zone']}: lot {part['lot']}: {part['quantity']}")


@nocode.command("list")
@config_file
@click.option("--within", type=click.IntRange(0), help="Only what expires within so many days.")
def list_all(path: Path, within: int | None) -> None:
    """What is there, the earliest expiry first. With --within, exit 1 if there is any."""
    with View(config.load(path).store.path).read() as tx:
        found = register.stocks(tx)
    on = kpi.date_at(SystemClock().now_ms())
    urgent = found if within is None else must_go(found, on, within)
    for one in urgent:
        if one.remains:
            state = "checked" if one.checked else "waits for its check"
            if one.expiry < on:
                state = "expired"
            click.echo(
                f"{one.id}: {one.product} lot {one.lot}, expires {one.expiry}, {one.zone}:"
                f" {one.remains} of {one.quantity}, {state}"
            )
    sys.exit(1 if within is not None and urgent else 0)
