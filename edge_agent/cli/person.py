"""`scandock person`: to whom was it handed? A person's data are read from standard input only:
what stands in a command line is seen by every user of the machine, and kept by the shell."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from edge_agent.cli import writing
from edge_agent.cli.options import config_file, in_name_of
from edge_agent.domain.persons import DOCUMENTS, IDENTITY_CARD
from edge_agent.errors import AgentError

_FIELDS = ("number", "name", "phone", "agent")
_INPUT_MAX = 4096

_document_type = click.option(
    "--type",
    "kind",
    type=click.Choice([str(number) for number in DOCUMENTS]),
    default=str(IDENTITY_CARD),
    show_default=True,
    help="Of the document: " + ", ".join(f"{number} {name}" for number, name in DOCUMENTS.items()),
)


@click.group()
def person() -> None:
    """Persons to whom drugs were handed. The number of the identity document is read from standard
    input, never from the command line."""


@person.command()
@config_file
@in_name_of
@_document_type
@click.option("--document", default="", help="With which the packs left.")
@click.argument("codes", nargs=-1, required=True)
def link(path: Path, who: str, kind: str, document: str, codes: tuple[str, ...]) -> None:
    """File that the packs CODES were handed to a person whose document was looked at.

    Standard input: the number in the first line; if known, name, phone, and who collects for the
    person in the next three.
    """
    told = _person(kind, _FIELDS)
    act = writing.carry_out(
        path, "person.link", who=who, person=told, codes=list(codes), document=document
    )
    click.echo(f"act {act}: {len(codes)} packs handed to the person")


@person.command()
@config_file
@in_name_of
@_document_type
def find(path: Path, who: str, kind: str) -> None:
    """Tell what was handed to the person with this document, as JSON lines. Looking is an act.
    Exit 1 if nothing was."""
    told = _person(kind, _FIELDS[:1])
    _print(writing.carry_out(path, "person.find", who=who, person=told))


@person.command()
@config_file
@in_name_of
@click.argument("codes", nargs=-1, required=True)
def who_got(path: Path, who: str, codes: tuple[str, ...]) -> None:
    """Tell to whom the packs CODES were handed, as JSON lines. Looking is an act. Exit 1 if to
    nobody."""
    _print(writing.carry_out(path, "person.who", who=who, codes=list(codes)))


@person.command()
@config_file
@in_name_of
@_document_type
@click.option("--yes", is_flag=True, help="Do it. It cannot be undone.")
def erase(path: Path, who: str, kind: str, yes: bool) -> None:
    """Forget the person with this document, for ever. Exit 1 if nobody is known by it."""
    if not yes:
        raise AgentError("nobody was erased", hint="add --yes; it cannot be undone")
    told = _person(kind, _FIELDS[:1])
    if not writing.carry_out(path, "person.erase", who=who, person=told):
        click.echo("nobody is known by this document")
        sys.exit(1)
    click.echo("the person is erased; older backups know the person still")


def _person(kind: str, fields: tuple[str, ...]) -> dict[str, Any]:
    """Read as many lines as there are fields; on a terminal nothing is shown."""
    if sys.stdin.isatty():
        lines = [click.prompt(field, default="", hide_input=True, err=True) for field in fields]
    else:
        try:
            lines = sys.stdin.buffer.read(_INPUT_MAX).decode("utf-8").splitlines()
        except UnicodeDecodeError:
            raise AgentError("standard input is not UTF-8", hint="see `--help`") from None
    if len(lines) > len(fields):
        raise AgentError(
            f"standard input has {len(lines)} lines", hint=f"in this order: {', '.join(fields)}"
        )
    values = dict(zip(fields, (line.strip() for line in lines), strict=False))
    return {"type": int(kind), "number": "", **values}


def _print(found: list[dict[str, Any]]) -> None:
    for one in found:
        click.echo(json.dumps(one, ensure_ascii=False))
    if not found:
        click.echo("nothing was found", err=True)
        sys.exit(1)
