"""`scandock finding`: what was wrong, and how it was settled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec

from edge_agent import config
from edge_agent.cli import writing
from edge_agent.cli.options import config_file, in_name_of
from edge_agent.domain.findings import DISPOSITIONS, KINDS
from edge_agent.domain.statement import iso8601
from edge_agent.domain.written import written
from edge_agent.errors import AgentError
from edge_agent.store import documents, findings
from edge_agent.store.driver import Tx
from edge_agent.store.findings import Finding
from edge_agent.store.sqlite import View


@click.group()
def finding() -> None:
    """What was wrong between goods and documents."""


@finding.command("list")
@config_file
@click.option("--document", "number", default="", help="Of one document, the settled ones too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a finding.")
def listing(path: Path, number: str, as_json: bool) -> None:
    """The open findings, or all of one document."""
    with View(config.load(path).store.path).read() as tx:
        of = documents.named(tx, number).id if number else 0
        rows = findings.of_document(tx, of) if number else findings.all_open(tx)
        for one in rows:
            shown = told(tx, one)
            if as_json:
                click.echo(msgspec.json.encode(shown))
                continue
            how = "" if shown["open"] else f"{shown['disposition'] or 'gone'}: {shown['cause']}"
            words = (shown["document"], shown["chinese"], shown["code"], shown["detail"], how)
            click.echo("  ".join((str(one.id), *filter(None, words))))


@finding.command("open")
@config_file
@in_name_of
@click.option("--document", "number", required=True)
@click.option("--kind", required=True, type=click.Choice(list(KINDS)))
@click.option("--code", default="", help="Of the unit, if one is meant.")
@click.option("--detail", required=True, help="What is wrong, for people.")
def open_(path: Path, who: str, number: str, kind: str, code: str, detail: str) -> None:
    """Say that something is wrong, such as a pack without a code."""
    opened = writing.carry_out(
        path, "finding.open", who=who, number=number, kind=kind, code=code, detail=detail
    )
    click.echo(f"finding {opened} is open")


@finding.command()
@config_file
@in_name_of
@click.argument("id", type=int, default=0)
@click.option("--document", "number", default="", help="Instead of ID: all of a kind in it.")
@click.option("--kind", default="", type=click.Choice(["", *KINDS]))
@click.option("--cause", required=True, help="Why goods and document differed.")
@click.option("--disposition", required=True, type=click.Choice(list(DISPOSITIONS)))
@click.option("--feedback", default="", help="What the source of the goods was told.")
def settle(
    path: Path,
    who: str,
    id: int,
    number: str,
    kind: str,
    cause: str,
    disposition: str,
    feedback: str,
) -> None:
    """Settle finding ID, or all open ones of a kind; again, to correct it."""
    if bool(id) == bool(number and kind):
        raise AgentError(
            "it is not said which finding is meant", hint="give ID, or --document and --kind"
        )
    settled = writing.carry_out(
        path,
        "finding.settle",
        who=who,
        finding=id,
        number=number,
        kind=kind,
        cause=cause,
        disposition=disposition,
        feedback=feedback,
    )
    click.echo(f"settled: {settled}")


def told(tx: Tx, one: Finding) -> dict[str, Any]:
    """Return a finding as people and machines read it."""
    kind = KINDS[one.kind]
    return {
        "id": one.id,
        "document": documents.document(tx, one.document).number if one.document else "",
        "kind": one.kind,
        "chinese": kind.words[0],
        "english": kind.words[1],
        "next_chinese": kind.next_chinese,
        "next": kind.next_english,
        "code": written(one.key) if one.key else "",
        "line": one.line,
        "opened_at": iso8601(one.opened_ms),
        "detail": one.detail,
        "open": not one.settled,
        **findings.told(tx, one),
    }
