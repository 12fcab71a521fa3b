"""`scandock invoice`: the invoices of a receipt, two at most from maker to hospital."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from edge_agent import config
from edge_agent.cli import writing
from edge_agent.cli.options import config_file, in_name_of
from edge_agent.errors import ConfigError
from edge_agent.store import invoices
from edge_agent.store.sqlite import View

_PARTS = 3


@click.group()
def invoice() -> None:
    """The invoices that came with goods."""


@invoice.command()
@config_file
@in_name_of
@click.argument("document")
@click.argument("chain", nargs=-1)
@click.option("--maker", "makers", multiple=True, required=True, help="Of the goods; repeatable.")
@click.option("--us", "buyer", required=True, help="Our name on invoices.")
@click.option("--owner", default="", help="Who must look if it is wrong; without it, you.")
def put(
    path: Path,
    who: str,
    document: str,
    chain: tuple[str, ...],
    makers: tuple[str, ...],
    buyer: str,
    owner: str,
) -> None:
    """Write the invoices of DOCUMENT, each as NUMBER:SELLER:BUYER, from the maker on. Exit 1 if
    they are not as two invoices must be; that raises an alert."""
    told = []
    for one in chain:
        parts = one.split(":")
        if len(parts) != _PARTS or not all(parts):
            raise ConfigError(f'invoice "{one}"', hint="write NUMBER:SELLER:BUYER")
        told.append(dict(zip(("number", "seller", "buyer"), parts, strict=True)))
    wrong = writing.carry_out(
        path,
        "invoice.put",
        who=who,
        document=document,
        chain=told,
        makers=list(makers),
        buyer=buyer,
        owner=owner,
    )
    for finding in wrong:
        click.echo(f"{document}: {finding}")
    if wrong:
        click.echo("  the goods may be refused")
        sys.exit(1)
    click.echo(f"{document}: {len(told)} invoices, as they must be")


@invoice.command()
@config_file
@click.argument("document")
def show(path: Path, document: str) -> None:
    """The invoices of DOCUMENT."""
    with View(config.load(path).store.path).read() as tx:
        for one in invoices.invoices(tx, document):
            click.echo(f"{one.number}: {one.seller} to {one.buyer}")
