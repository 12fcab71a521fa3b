"""`scandock reflux`: packs that may have been paid for before, from the first word to the last."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

import click
import msgspec

from edge_agent import config
from edge_agent.cli import writing
from edge_agent.cli.options import config_file, in_name_of
from edge_agent.domain.reflux import REPORTED, STEPS, SUSPECTED, SalesError, sales
from edge_agent.domain.written import written
from edge_agent.store import reflux as cases
from edge_agent.store.sqlite import View

_AT_ONCE = 1000
# The first step comes with the suspicion, and `report` takes the one that it names.
_BY_HAND = [name for step, (name, _, _) in STEPS.items() if step not in (SUSPECTED, REPORTED)]


@click.group()
def reflux() -> None:
    """Packs that may have been paid for before."""


@reflux.command("import")
@config_file
@in_name_of
@click.option("--source", required=True, help="Whose list it is, such as the bureau's name.")
@click.argument("file", type=click.File("r", encoding="utf-8-sig"))
def learn(path: Path, who: str, source: str, file: TextIO) -> None:
    """Take a list of sales: CSV with the columns code, times and, if known, payer.

    What is suspect by it is held at every station from now on.
    """
    total: dict[str, int] = {}
    rows = []
    try:
        for row in sales(file):
            if row.times is None:
                raise SalesError(
                    f'line {row.line}: times is "{row.said}"',
                    hint="write how often it was paid for, such as 0 or 1",
                )
            rows.append((row.code, row.times, row.payer))
    except SalesError as error:
        raise SalesError(f"{file.name}: {error.what}", hint=error.hint) from None
    for at in range(0, len(rows), _AT_ONCE):
        fallen = writing.carry_out(
            path, "reflux.learn", who=who, source=source, answers=rows[at : at + _AT_ONCE]
        )
        for opinion, count in fallen.items():
            total[opinion] = total.get(opinion, 0) + count
    click.echo(", ".join(f"{count} {opinion}" for opinion, count in total.items()) or "no rows")


@reflux.command()
@config_file
@in_name_of
@click.argument("code")
@click.argument("next_step", type=click.Choice(_BY_HAND))
@click.option("--clue", default="", help="The number that the bureau gave it.")
@click.option("--why", "words", required=True, help="For people; stands in the record of acts.")
def step(path: Path, who: str, code: str, next_step: str, clue: str, words: str) -> None:
    """Take the case of CODE one step further."""
    writing.carry_out(
        path, "reflux.step", who=who, code=code, following=next_step, clue=clue, words=words
    )
    click.echo(f"{code}: {next_step}")


@reflux.command()
@config_file
@in_name_of
@click.argument("code")
@click.option("--why", "words", required=True, help="For those who get it.")
def report(path: Path, who: str, code: str, words: str) -> None:
    """Write the report on CODE as JSON, with those whom the rules of this site name, and note
    that it is reported."""
    told = writing.carry_out(path, "reflux.report", who=who, code=code, words=words)
    click.echo(msgspec.json.format(msgspec.json.encode(told)))
    if not told["to"]:
        click.echo("no rule of this site names a recipient; see [profile] in agent.toml", err=True)


@reflux.command("list")
@config_file
def listing(path: Path) -> None:
    """Every case: code, step in English and 中文, number of the clue."""
    with View(config.load(path).store.path).read() as tx:
        for case in cases.cases(tx):
            name, chinese, _ = STEPS[case.step]
            click.echo(f"{written(case.key)}  {name}  {chinese}  {case.clue}".rstrip())
