"""`scandock document`: what should come and go, what came and went, and whether the two agree."""

from __future__ import annotations

import hashlib
import sys
from functools import partial
from pathlib import Path
from typing import Any

import click
import msgspec

from edge_agent import config
from edge_agent.cli import writing
from edge_agent.cli.finding import told as told_finding
from edge_agent.cli.options import config_file, in_name_of
from edge_agent.domain.documents import MODE_NAMES, STATES, TYPES, Document
from edge_agent.domain.interchange import epcis_form
from edge_agent.domain.interchange.formats import FORMATS, recognised
from edge_agent.domain.interchange.gathering import Gathered, gather
from edge_agent.domain.statement import iso8601
from edge_agent.store import bills, closing, documents, products
from edge_agent.store.sqlite import View
from protocol.codes import Classifier

_number = click.argument("number")
_station = click.option("--station", default="", help="Name of the cradle there.")


@click.group()
def document() -> None:
    """Documents: purchase, sale, return, transfer, dispensing, scrapping, count, recall."""


@document.command("import")
@config_file
@in_name_of
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--format", "form", type=click.Choice(list(FORMATS)), help="[default: as it begins]")
@click.option("--partial", is_flag=True, help="Take what is right, and leave out what is refused.")
@click.option("--number", default="", help="Where the file leaves it empty, as in relation files.")
@click.option("--type", default="", help="Likewise: purchase_in, sale_out …")
@click.option("--partner", default="", help="Likewise: who sends or gets the goods.")
@click.option("--owner", default="", help="Likewise: whose goods they are.")
def import_(
    path: Path, who: str, file: Path, form: str | None, partial: bool, **named: str
) -> None:
    """Take documents from FILE: CSV, JSON, the platform's XML, or EPCIS 2.0 in JSON.

    Everything is checked first. If anything is refused, nothing is taken (exit 1), unless
    --partial.
    """
    settings = config.load(path)
    with View(settings.store.path).read() as tx:
        table = products.table(tx)
    with file.open("rb") as stream:
        form = form or recognised(stream)
        classifier = Classifier(settings.code_rules)
        gathered = gather(FORMATS[form].read(stream), classifier, table or None, named)
        stream.seek(0)
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    for refusal in gathered.refusals:
        click.echo(f"{file}: {refusal}", err=True)
    if (gathered.refusals and not partial) or not gathered.bills:
        click.echo(_summary(file, gathered, "nothing is taken"), err=True)
        sys.exit(1)
    source: dict[str, Any] = {"file": file.name, "format": form, "sha256": digest}
    source |= {"rows": gathered.rows, "refused": len(gathered.refusals)}
    taken = writing.carry_out(path, "document.import", who=who, told=gathered.bills, source=source)
    click.echo(_summary(file, gathered, f"taken: {', '.join(taken)}"))


@document.command("list")
@config_file
@click.option("--all", "also_over", is_flag=True, help="Those that are over as well.")
def listing(path: Path, also_over: bool) -> None:
    """Documents, the newest first: number, type, partner, state, where it is worked on."""
    with View(config.load(path).store.path).read() as tx:
        stations = documents.bound_stations(tx)
        for one in documents.all_documents(tx):
            name, chinese, follows = STATES[one.state]
            if not (follows or also_over):
                continue
            here = ", ".join(device for device, id in stations.items() if id == one.id)
            words = (one.number, f"{TYPES[one.type].chinese} {one.type}", one.partner)
            click.echo("  ".join(filter(None, (*words, f"{chinese} {name}", here))))


@document.command()
@config_file
@_number
@click.option("--json", "as_json", is_flag=True, help="Everything, as one JSON object.")
def show(path: Path, number: str, as_json: bool) -> None:
    """Lines, what was counted, findings. Exit 1 if findings are open."""
    with View(config.load(path).store.path).read() as tx:
        report = closing.report(tx, documents.named(tx, number))
        found = [told_finding(tx, one) for one in report.findings]
    shown = {
        **_shown(report.document),
        "lines": [line._asdict() for line in report.lines],
        "counted": report.counted,
        "missing": report.missing,
        "findings": found,
        "verification": report.verification._asdict(),
    }
    if as_json:
        click.echo(msgspec.json.encode(shown))
    else:
        _print(shown)
    sys.exit(1 if any(one["open"] for one in found) else 0)


@document.command("open")
@config_file
@in_name_of
@_number
@click.option("--type", "type_name", default="", help="Of a new document, that no file told of.")
@click.option("--partner", default="", help="Of a new document: who sends or gets the goods.")
@click.option("--owner", default="", help="Of a new document: whose goods they are.")
@click.option("--operator", default="", help="Of a new document: who handles them.")
@click.option("--order", default="", help="Of a new document: the order it answers.")
@click.option("--person", default="", help="Of a new document: a prescription or a visit.")
@click.option("--waybill", default="", help="Of a new document: number of the parcel.")
@_station
def open_(path: Path, who: str, number: str, type_name: str, station: str, **named: str) -> None:
    """Begin with document NUMBER, at a station if one is given."""
    writing.carry_out(
        path,
        "document.open",
        who=who,
        number=number,
        type_name=type_name,
        named=named,
        station=station,
    )
    click.echo(f"{number} is open" + (f" at {station}" if station else ""))


@document.command()
@config_file
@in_name_of
@_number
def close(path: Path, who: str, number: str) -> None:
    """Close document NUMBER. With open findings it stays open: they are listed, exit 1."""
    if not writing.carry_out(path, "document.close", who=who, number=number):
        click.echo(f"{number} is closed")
        return
    with View(config.load(path).store.path).read() as tx:
        report = closing.report(tx, documents.named(tx, number))
        found = [told_finding(tx, one) for one in report.findings]
    click.echo(f"{number} is not closed: these findings are open")
    for one in found:
        _print_finding(one)
    sys.exit(1)


@document.command()
@config_file
@in_name_of
@_number
@click.option("--why", required=True, help="For people; stands in the record of acts.")
def cancel(path: Path, who: str, number: str, why: str) -> None:
    """Give up document NUMBER, of which nothing was counted."""
    writing.carry_out(path, "document.cancel", who=who, number=number, why=why)
    click.echo(f"{number} is cancelled")


@document.command()
@config_file
@in_name_of
@_number
@click.option("--station", required=True, help="Name of the cradle there.")
def bind(path: Path, who: str, number: str, station: str) -> None:
    """Work on document NUMBER at a station, in place of the one before."""
    writing.carry_out(path, "document.bind", who=who, number=number, station=station)
    click.echo(f"{number} is open at {station}")


@document.command()
@config_file
@in_name_of
@click.argument("station")
def release(path: Path, who: str, station: str) -> None:
    """Work on no document at STATION any more."""
    number = writing.carry_out(path, "document.release", who=who, station=station)
    click.echo(f"{station}: {f'{number} is put away' if number else 'no document was open here'}")


@document.command()
@config_file
@click.argument("numbers", nargs=-1, required=True)
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="csv")
@click.option("--counted", is_flag=True, help="What was counted, not what was expected.")
@click.option(
    "--base",
    default=epcis_form.BASE,
    show_default=True,
    help="With epcis: how the URIs of 20-digit codes begin; an address of your own.",
)
def export(path: Path, numbers: tuple[str, ...], form: str, counted: bool, base: str) -> None:
    """Write documents NUMBERS to standard output, with the trees of their packs."""
    with View(config.load(path).store.path).read() as tx:
        named = [documents.named(tx, number) for number in numbers]
        found = [bills.counted(tx, one) if counted else bills.expected(tx, one) for one in named]
    encoding = FORMATS[form].encoding
    write = partial(epcis_form.write, base=base) if form == "epcis" else FORMATS[form].write
    for piece in write(found):
        click.echo(piece.encode(encoding), nl=False)
        encoding = encoding.removesuffix("-sig")  # the mark stands at the beginning only


def _summary(file: Path, gathered: Gathered, end: str) -> str:
    counts = f"{gathered.rows} rows, {len(gathered.refusals)} refused"
    return f"{file}: {counts}; {end}"


def _shown(one: Document) -> dict[str, Any]:
    of = TYPES[one.type]
    return one._asdict() | {
        "type_chinese": of.chinese,
        "type_english": of.english,
        "bill_type": of.bill_type,
        "state": STATES[one.state][0],
        "mode": MODE_NAMES[one.mode],
        "at": iso8601(one.at_ms),
    }


def _print(shown: dict[str, Any]) -> None:
    head = ("number", "type_chinese", "type", "partner", "owner", "state", "at")
    click.echo("  ".join(str(shown[name]) for name in head if shown[name]))
    for line in shown["lines"]:
        goods = (line["product"], line["lot"], line["expiry"])
        click.echo(
            f"  line {line['line']}  {'  '.join(filter(None, goods))}"
            f"  {line['counted']} of {line['quantity']}"
        )
    click.echo(f"  counted {shown['counted']}, missing {shown['missing']}")
    click.echo(f"  {shown['verification']['text']}")
    for one in shown["findings"]:
        _print_finding(one)


def _print_finding(one: dict[str, Any]) -> None:
    if one["open"]:
        click.echo(f"  finding {one['id']}  {one['chinese']}  {one['code']}  {one['detail']}")
        click.echo(f"    {one['next_chinese']} · {one['next']}")
