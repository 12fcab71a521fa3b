"""`scandock recall`: where each unit of a lot is, and who got it; calling it back, to the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import click
import msgspec

from edge_agent import config
from edge_agent.cli import writing
from edge_agent.cli.options import config_file, in_name_of
from edge_agent.domain.naming import code_of
from edge_agent.domain.states import NAMES
from edge_agent.domain.written import written
from edge_agent.errors import AgentError
from edge_agent.store import lots, recalls
from edge_agent.store.recalls import Whereabouts
from edge_agent.store.sqlite import View
from protocol.codes import Classifier

_lot = click.option("--lot", default="", help="A lot, of every product or of the one given.")
_product = click.option("--product", default="", help="Its number in the table of products.")
_codes = click.option(
    "--codes", "listed", type=click.File("r", encoding="utf-8"), help="A file, one code a line."
)


@click.group(invoke_without_command=True)
@config_file
@_lot
@_product
@_codes
@click.option("--json", "as_json", is_flag=True, help="One JSON object a unit.")
@click.pass_context
def recall(
    context: click.Context,
    path: Path,
    lot: str,
    product: str,
    listed: TextIO | None,
    as_json: bool,
) -> None:
    """Where is each unit of a lot or of a list of codes now, and who got it? Exit 1 if nobody
    knows of any."""
    if context.invoked_subcommand is not None:
        return
    if not (lot or listed):
        raise AgentError("nothing was asked for", hint="give --lot, or --codes with a file")
    settings = config.load(path)
    with View(settings.store.path).read() as tx:
        keys = recalls.units_of_lots(tx, [one.id for one in lots.named(tx, lot, product)])
        classifier = Classifier(settings.code_rules)
        keys.update(code_of(code, classifier).key for code in _read(listed))
        units = list(recalls.whereabouts(tx, keys))
    if as_json:
        for unit in units:
            click.echo(msgspec.json.encode(_told(unit)))
    else:
        _table(units)
    context.exit(0 if units else 1)


@recall.command()
@config_file
@in_name_of
@click.argument("number")
@click.option("--level", type=click.IntRange(1, 3), required=True, help="1 is the gravest.")
@_lot
@_product
@_codes
@click.option("--why", "words", required=True, help="For people; stands in the record of acts.")
def start(
    path: Path,
    who: str,
    number: str,
    level: int,
    lot: str,
    product: str,
    listed: TextIO | None,
    words: str,
) -> None:
    """Begin recall NUMBER: what it calls back is held at every station from now on."""
    writing.carry_out(
        path,
        "recall.start",
        who=who,
        number=number,
        level=level,
        lot=lot,
        product=product,
        codes=list(_read(listed)),
        words=words,
    )
    click.echo(f"recall {number} is on")


@recall.command()
@config_file
@in_name_of
@click.argument("number")
@click.option("--why", "words", required=True, help="For people; stands in the record of acts.")
def end(path: Path, who: str, number: str, words: str) -> None:
    """End recall NUMBER, and release what it alone holds."""
    writing.carry_out(path, "recall.end", who=who, number=number, words=words)
    click.echo(f"recall {number} is over")


@recall.command("list")
@config_file
def listing(path: Path) -> None:
    """All recalls: number, level, and how it stands."""
    with View(config.load(path).store.path).read() as tx:
        for one in recalls.recalls(tx):
            click.echo(f"{one.number}  level {one.level}  {'over' if one.closed else 'on'}")


def _read(listed: TextIO | None) -> Iterator[str]:
    try:
        for line in listed or ():
            if code := line.strip():
                yield code
    except UnicodeDecodeError as error:
        raise AgentError(
            f"{listed.name if listed else ''}: not UTF-8 ({error.reason})",
            hint="write one code a line, as plain text",
        ) from None


def _told(unit: Whereabouts) -> dict[str, Any]:
    document = unit.document
    return {
        "code": written(unit.key),
        "state": _state(unit),
        "by": written(unit.by) if unit.by else None,
        "document": document.number if document else None,
        "type": document.type if document else None,
        "partner": document.partner if document else None,
    }


def _state(unit: Whereabouts) -> str:
    if unit.state is not None:
        return NAMES[unit.state][0]
    return "read, and not booked" if unit.read else "never read"


def _table(units: list[Whereabouts]) -> None:
    """How many units share one fate; the JSON form names each of them."""
    fates = Counter(
        (told["state"], told["type"], told["document"], told["partner"])
        for told in map(_told, units)
    )
    for (state, kind, document, partner), count in fates.most_common():
        place = f"  {kind} {document}  {partner}" if document else ""
        click.echo(f"{count:8,}  {state}{place}")
    click.echo(f"{len(units):8,}  in all")
