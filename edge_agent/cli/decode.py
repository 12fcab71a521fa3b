"""`scandock decode`: what kind of code each line is, and what stands in it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

import click
import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from edge_agent import config
from edge_agent.domain import product_files, titles
from edge_agent.domain.escapes import escaped, unescaped
from edge_agent.domain.facts import KIND_NAMES
from edge_agent.domain.product_files import LevelOne
from edge_agent.domain.products import Products
from edge_agent.domain.typed import Typed, octets
from edge_agent.domain.wording import REASONS, reason_name
from edge_agent.errors import AgentError, ConfigError
from protocol import code_rules, codes, reasons
from protocol.codes import Code

_AIM = b"]"  # before an ISO/IEC 15424 identifier
_COMPLAINTS_SHOWN = 20


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--hex", "in_hex", is_flag=True, help="Lines are octets in hexadecimal digits.")
@click.option("--typed", "by_hand", is_flag=True, help="Lines are what a person typed or pasted.")
@click.option(
    "--products",
    "table",
    type=click.Path(path_type=Path),
    help="Table of products: CSV, or the platform's product XML.",
)
@click.option(
    "--xml-level-one",
    type=click.Choice([one.value for one in LevelOne]),
    help="Which pack codeLevel 1 is in the product XML; without it no level is taken from XML.",
)
@click.option(
    "-c",
    "--config",
    "settings",
    type=click.Path(path_type=Path),
    help="The agent's settings, for their rules of codes: the table [codes].",
)
@click.argument("file", type=click.File("rb"), default="-")
def decode(
    as_json: bool,
    in_hex: bool,
    by_hand: bool,
    table: Path | None,
    xml_level_one: str | None,
    settings: Path | None,
    file: BinaryIO,
) -> None:
    r"""Say what each line of FILE (default: standard input) is, as soon as it comes.

    A line is a symbology identifier such as ]d2, if there is one, and the data. FNC1 is \x1d or
    {GS}; \xHH is any octet and \\ a backslash.

    A damaged or foreign code is an answer, not an error: exit code 0. A line that cannot be read
    as --hex or --typed says is named on standard error and has no answer; exit code 2 in the end.
    """
    if in_hex and by_hand:
        raise click.UsageError("--hex and --typed: a line is one or the other")
    products = _products(table, xml_level_one)
    read = _from_hex if in_hex else _from_hand if by_hand else _as_sent
    show = _json if as_json else _table
    classifier = codes.Classifier(
        config.load(settings).code_rules if settings else code_rules.DEFAULT
    )
    refused = False
    for number, line in enumerate(_lines(file), 1):
        try:
            symbology, data = read(line)
        except AgentError as error:
            click.echo(f"scandock: line {number}: {error}", err=True)
            refused = True
            continue
        code = classifier.code(symbology, data)
        show(code, data, products)
    sys.exit(2 if refused else 0)


def _products(table: Path | None, xml_level_one: str | None) -> Products:
    """Read the table of products and say what of it was not taken."""
    if table is None:
        return Products()
    try:
        octets = table.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"{table}: cannot read ({error.strerror})", hint="name a CSV file or a product XML"
        ) from error
    result = product_files.read(octets, LevelOne(xml_level_one) if xml_level_one else None)
    for complaint in result.complaints[:_COMPLAINTS_SHOWN]:
        click.echo(f"{table}: {complaint}", err=True)
    if result.complaints:
        click.echo(
            f"{table}: rows: {result.rows}; complaints: {len(result.complaints)};"
            f" heads known: {len(result.products)}",
            err=True,
        )
    return result.products


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Yield lines without their end, each as soon as it is there."""
    for line in file:
        yield line.removesuffix(b"\n").removesuffix(b"\r")


def _as_sent(line: bytes) -> Typed:
    return _split(unescaped(line))


def _from_hex(line: bytes) -> Typed:
    try:
        return _split(bytes.fromhex(line.decode("ascii")))
    except ValueError:
        raise ConfigError(
            f'"{escaped(line)}" is not octets in hexadecimal digits',
            hint="write two digits for each octet, such as 5d643230…",
        ) from None


def _from_hand(line: bytes) -> Typed:
    try:
        return octets(line.decode("utf-8"))
    except UnicodeDecodeError:
        raise ConfigError(f"{escaped(line)} is no UTF-8", hint="type it anew") from None


def _split(frame: bytes) -> Typed:
    """Tell the symbology identifier from the data, as a cradle does."""
    if len(frame) > 3 and frame.startswith(_AIM):
        return Typed(frame[1:3], frame[3:])
    return Typed(b"", frame)


def _json(code: Code, data: bytes, products: Products) -> None:
    click.echo(msgspec.json.encode(_told(code, data, products)))


def _told(code: Code, data: bytes, products: Products) -> dict[str, object]:
    entry = products.of(code, data)
    wrong = code.reason != reasons.OK
    told: dict[str, object] = {
        "kind": KIND_NAMES[code.kind],
        "key": code.key.hex() if codes.names_a_unit(code.kind) else None,
        "elements": [[escaped(name), escaped(value)] for name, value in code.elements],
        "level": entry.level if entry else None,
        "product": asdict(entry.product) if entry else None,
        "reason": reason_name(code.reason) if wrong else None,
        "at": code.at if wrong else None,
    }
    if code.readings:
        told["readings"] = [_told(reading, data, products) for reading in code.readings]
    return told


def _table(code: Code, data: bytes, products: Products) -> None:
    entry = products.of(code, data)
    table = Table(title=Text(escaped(data)), title_justify="left", show_header=False)
    for _ in range(2):
        table.add_column(overflow="fold")  # nothing of a code is left out
    chinese, english = titles.KINDS[code.kind]
    table.add_row("种类 kind", f"{chinese} · {english} · {KIND_NAMES[code.kind]}")
    if codes.names_a_unit(code.kind):
        table.add_row("标识 key", code.key.hex())
    if entry:
        product = entry.product
        words = (product.name, product.spec, product.pack, product.maker, product.approval)
        table.add_row("药品 product", Text(" · ".join(filter(None, words))))
        if entry.level is not None:
            table.add_row("包装级别 level", f"{entry.level} (1 = 最小包装 smallest)")
    for name, value in code.elements:
        chinese, english = titles.title(code.kind, name.decode("ascii"))
        table.add_row(
            Text(" ".join(filter(None, (f"({name.decode()})", chinese, english)))),
            Text(escaped(value)),
        )
    if code.reason != reasons.OK:
        chinese, english = REASONS[code.reason]
        told = f"{chinese} · {english} · {reason_name(code.reason)}, octet {code.at}"
        table.add_row("原因 reason", told)
    Console().print(table)
    for reading in code.readings:
        _table(reading, data, products)
