"""`scandock hold`: goods that may not move, at any station, from the moment it is placed."""

from __future__ import annotations

from pathlib import Path

import click

from edge_agent import config
from edge_agent.cli import writing
from edge_agent.cli.options import config_file, in_name_of
from edge_agent.domain import holds as scopes
from edge_agent.domain.holds import Hold
from edge_agent.domain.wording import reason_name
from edge_agent.domain.written import written
from edge_agent.store import holds, lots
from edge_agent.store.driver import Tx
from edge_agent.store.sqlite import View


@click.group()
def hold() -> None:
    """Goods that may not move."""


@hold.command()
@config_file
@in_name_of
@click.option("--code", default="", help="One unit, and with a pack all that is in it.")
@click.option("--lot", default="", help="A lot, of every product or of the one given.")
@click.option("--product", default="", help="A product, by its number in the table of products.")
@click.option(
    "--reason", type=click.Choice(list(scopes.PLACEABLE)), default="sealed", show_default=True
)
@click.option("--why", "words", required=True, help="For people; stands in the record of acts.")
def place(path: Path, who: str, code: str, lot: str, product: str, reason: str, words: str) -> None:
    """Hold a unit, a lot or a product."""
    numbers = writing.carry_out(
        path,
        "hold.place",
        who=who,
        code=code,
        lot=lot,
        product=product,
        reason=reason,
        words=words,
    )
    for number in numbers:
        click.echo(f"hold {number} is in force")


@hold.command()
@config_file
@in_name_of
@click.argument("number", type=int)
@click.option("--why", "words", required=True, help="For people; stands in the record of acts.")
def release(path: Path, who: str, number: int, words: str) -> None:
    """End hold NUMBER."""
    writing.carry_out(path, "hold.release", who=who, number=number, words=words)
    click.echo(f"hold {number} is over")


@hold.command("list")
@config_file
@click.option("--all", "also_over", is_flag=True, help="Those that are over as well.")
def listing(path: Path, also_over: bool) -> None:
    """What is in force: number, reason, what."""
    with View(config.load(path).store.path).read() as tx:
        for one in holds.listed(tx, also_over=also_over):
            over = "  (over)" if one.released else ""
            click.echo(f"{one.id}  {reason_name(one.reason)}  {_words(tx, one)}{over}")


def _words(tx: Tx, one: Hold) -> str:
    if one.scope == scopes.UNIT:
        return f"unit {written(one.what)}"
    if one.scope == scopes.PRODUCT:
        return f"product {one.what.decode()}"
    lot = lots.lots(tx, [int(one.what)])[int(one.what)]
    return f"lot {lot.lot} of product {lot.product}"
