"""`scandock product`: the table that tells which product, on which level, a code names."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from edge_agent import config
from edge_agent.cli import writing
from edge_agent.cli.options import config_file, in_name_of
from edge_agent.domain import product_files
from edge_agent.domain.product_files import LevelOne
from edge_agent.domain.products import Entry
from edge_agent.store import products
from edge_agent.store.sqlite import View


@click.group()
def product() -> None:
    """Products, and the heads of their codes."""


@product.command("import")
@config_file
@in_name_of
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--xml-level-one",
    type=click.Choice([one.value for one in LevelOne]),
    help="Which pack codeLevel 1 is in the product XML; without it no level is taken from XML.",
)
def import_(path: Path, who: str, file: Path, xml_level_one: str | None) -> None:
    """Take the product table FILE: CSV, or the platform's product XML.

    A head that is there already gets its new meaning. Exit 1 if rows were refused.
    """
    octets = file.read_bytes()
    read = product_files.read(octets, LevelOne(xml_level_one) if xml_level_one else None)
    about: dict[str, Any] = {"file": file.name, "sha256": hashlib.sha256(octets).hexdigest()}
    changed = msgspec.convert(
        writing.carry_out(path, "product.import", who=who, entries=list(read.products), file=about),
        list[Entry],
    )
    for complaint in read.complaints:
        click.echo(f"{file}: {complaint}", err=True)
    for entry in changed:
        click.echo(f"was: {_told(entry)}")
    taken = f"{len(read.products)} heads taken, {len(changed)} of them changed"
    click.echo(f"{file}: {taken}, {len(read.complaints)} rows refused")
    sys.exit(1 if read.complaints else 0)


@product.command("list")
@config_file
def listing(path: Path) -> None:
    """Every head: its product, level and ratio."""
    with View(config.load(path).store.path).read() as tx:
        for entry in products.table(tx):
            click.echo(_told(entry))


def _told(entry: Entry) -> str:
    level = f"level {entry.level}" if entry.level else ""
    names = (entry.product.id, entry.product.name, entry.product.spec, entry.product.pack)
    return "  ".join(filter(None, (entry.head, *names, level, entry.ratio)))
