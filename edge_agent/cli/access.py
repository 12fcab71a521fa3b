"""`scandock access`: which holder may see which of our data; each consent is on record."""

from __future__ import annotations

from pathlib import Path

import click

from edge_agent import config
from edge_agent.cli import writing
from edge_agent.cli.options import config_file, in_name_of
from edge_agent.domain.partners import SCOPES
from edge_agent.store import partners
from edge_agent.store.sqlite import View


@click.group()
def access() -> None:
    """What holders may see. Nothing that was not granted."""


@access.command()
@config_file
@in_name_of
@click.argument("holder")
@click.argument("scope", type=click.Choice(list(SCOPES)))
@click.option("--product", default="", help="Its number; without it, all of the holder's.")
def grant(path: Path, who: str, holder: str, scope: str, product: str) -> None:
    """Let HOLDER see SCOPE of his products."""
    number = writing.carry_out(
        path, "access.grant", who=who, holder=holder, product=product, scope=scope
    )
    click.echo(f"{number}: {holder} may see: {SCOPES[scope][1]}")


@access.command()
@config_file
@in_name_of
@click.argument("number", type=int)
@click.option("--why", "words", required=True, help="For people; stands in the record of acts.")
def revoke(path: Path, who: str, number: int, words: str) -> None:
    """Take authorisation NUMBER back."""
    writing.carry_out(path, "access.revoke", who=who, number=number, words=words)
    click.echo(f"{number}: over")


@access.command("list")
@config_file
def list_all(path: Path) -> None:
    """All that were ever granted, in that order."""
    with View(config.load(path).store.path).read() as tx:
        for one in partners.authorisations(tx):
            over = f", over by act {one.revoked}" if one.revoked else ""
            of = one.product or "all products"
            click.echo(f"{one.id}: {one.holder}: {one.scope} of {of}, by act {one.granted}{over}")
