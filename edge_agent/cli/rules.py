"""`scandock rules`: what the notices ask of this site, and what its products are in their eyes."""

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
from edge_agent.errors import ConfigError
from edge_agent.store import classes, documents, gates
from edge_agent.store.sqlite import View


@click.group()
def rules() -> None:
    """Who must do what, from which day."""


@rules.command()
@config_file
@click.option("--on", "on", type=Day, help="A day; without it, today.")
def show(path: Path, on: datetime | None) -> None:
    """The rules that bind this site on a day, each with its place in its notice."""
    profile = config.load(path).profile
    day = on.date() if on else kpi.date_at(SystemClock().now_ms())
    bound = obligations.in_force(profile, day, obligations.shipped())
    click.echo(f"{day}: {profile.province or 'no province'}, {profile.role}: {len(bound)} rules")
    for one in bound:
        rule = one.rule
        asked = [*rule.do, *(f"no code, no {deed}" for deed in rule.gates)]
        told = [f"{one.told()}: {', '.join(asked)}"]
        if rule.products:
            told.append(f"for {', '.join(sorted(rule.products))}")
        if rule.target:
            told.append(f"target {rule.target} %")
        if rule.to:
            told.append(f"to {', '.join(rule.to)}")
        if rule.weight != "must":
            told.append(rule.weight)
        click.echo("; ".join(told))


@rules.command()
@config_file
@click.argument("deed", type=click.Choice(obligations.WORDS["gates"]))
@click.option("--product", default="", help="Goods that are to be bought or received.")
@click.option("--coded", is_flag=True, help="They carry trace codes.")
@click.option("--document", default="", help="Instead: a document, with --line.")
@click.option("--line", type=click.IntRange(1))
@click.option("--on", "on", type=Day, help="A day; without it, today.")
def gate(
    path: Path,
    deed: obligations.Deed,
    product: str,
    coded: bool,
    document: str,
    line: int | None,
    on: datetime | None,
) -> None:
    """Ask whether goods may pass: purchase, receive or pay. Says a result code; exit 1 if not."""
    if bool(product) == (bool(document) and line is not None):
        raise ConfigError(
            "a gate is asked about a product or about a line",
            hint="give --product, or --document and --line",
        )
    settings = config.load(path)
    day = on.date() if on else kpi.date_at(SystemClock().now_ms())
    bound = obligations.in_force(settings.profile, day, obligations.shipped())
    with View(settings.store.path).read() as tx:
        if line is None:
            found = gates.of_product(tx, bound, deed, product, coded=coded)
        else:
            found = gates.of_line(tx, bound, deed, documents.named(tx, document), line)
    against = f" ({found.against.told()})" if found.against else ""
    click.echo(f"{found.why}: {' '.join(obligations.PASSAGES[found.why])}{against}")
    sys.exit(0 if found.open else 1)


@rules.command()
@config_file
@in_name_of
@click.argument("product")
@click.argument("kinds", nargs=-1)
def classify(path: Path, who: str, product: str, kinds: tuple[str, ...]) -> None:
    """Say what classes PRODUCT has, such as narcotic or tcm-pieces; none makes it ordinary."""
    writing.carry_out(path, "rules.classify", who=who, product=product, kinds=list(kinds))
    click.echo(f"product {product}: {', '.join(kinds) or 'ordinary'}")


@rules.command("classes")
@config_file
def list_classes(path: Path) -> None:
    """Every product that is not an ordinary one."""
    with View(config.load(path).store.path).read() as tx:
        for product, kinds in classes.products(tx).items():
            click.echo(f"{product}: {', '.join(kinds)}")
