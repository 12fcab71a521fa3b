"""`scandock pack`: what is packed in what, who says so, and what was done about it by hand."""

from __future__ import annotations

import codecs
import hashlib
import io
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import click
import msgspec

from edge_agent import config
from edge_agent.cli import writing
from edge_agent.cli.options import config_file, in_name_of
from edge_agent.domain import relation_csv, relation_xml, relations
from edge_agent.domain.naming import code_of
from edge_agent.domain.packs import SHAPES, SOURCES, WHOLE, Problem
from edge_agent.domain.relations import Row
from edge_agent.domain.states import NAMES
from edge_agent.domain.written import written
from edge_agent.store import codes, packs, relation_rows
from edge_agent.store.driver import Tx
from edge_agent.store.sqlite import View
from protocol.codes import Classifier

# Codes taken in one transaction: cradles wait for about as long as for a batch of their own.
_PART = 2000
_HINTS = ("count",)

_parent = click.argument("parent")
_children = click.argument("children", nargs=-1)
_some = click.argument("children", nargs=-1, required=True)
_code = click.argument("code")


@click.group()
def pack() -> None:
    """Packs: pallets, cases, smallest packs, and what they hold."""


@pack.command("import")
@config_file
@in_name_of
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--source",
    type=click.Choice([name for name, _, _ in SOURCES.values()]),
    default="file",
    show_default=True,
    help="Who says so: the maker, a supplier, a platform.",
)
def import_(path: Path, who: str, file: Path, source: str) -> None:
    """Take what FILE says: relation XML, or CSV with the columns parent and child.

    The file is taken part by part; taken again, it changes nothing. Exit 1 if rows were refused or
    something is contradicted.
    """
    classifier = Classifier(config.load(path).code_rules)
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        stream.seek(0)
        rows, found, refused = 0, 0, 0
        for number, part in enumerate(relations.parts(_read(stream), classifier, _PART), 1):
            about = {"file": file.name, "sha256": digest, "part": number}
            told = {"part": part, "source": source, "file": about}
            found += _tell(writing.carry_out(path, "pack.import", who=who, **told))
            for complaint in part.complaints:
                click.echo(f"{file}: {complaint}", err=True)
            rows += part.rows
            refused += len(part.complaints)
    click.echo(f"{file}: {rows} rows, {refused} refused, {found} contradictions")
    sys.exit(1 if refused or found else 0)


@pack.command()
@config_file
@in_name_of
@_parent
@_some
def bind(path: Path, who: str, parent: str, children: tuple[str, ...]) -> None:
    """Say that CHILDREN are in PARENT. What another source says better stands."""
    _do(path, who, "pack.bind", parent=parent, children=children)


@pack.command()
@config_file
@in_name_of
@_parent
@_children
def unbind(path: Path, who: str, parent: str, children: tuple[str, ...]) -> None:
    """Take CHILDREN out of PARENT; without any, everything."""
    _do(path, who, "pack.unbind", parent=parent, children=children)


@pack.command()
@config_file
@in_name_of
@_parent
@_some
def rebox(path: Path, who: str, parent: str, children: tuple[str, ...]) -> None:
    """Put CHILDREN into PARENT, out of whatever they are in."""
    _do(path, who, "pack.rebox", parent=parent, children=children)


@pack.command()
@config_file
@in_name_of
@click.argument("old")
@click.argument("new")
def replace(path: Path, who: str, old: str, new: str) -> None:
    """Give the unit with code OLD the code NEW."""
    _do(path, who, "pack.replace", old=old, new=new)


@pack.command()
@config_file
@in_name_of
@_parent
@_some
def split(path: Path, who: str, parent: str, children: tuple[str, ...]) -> None:
    """Make CHILDREN, codes that the platform gave for it, parts of the smallest pack PARENT."""
    _do(path, who, "pack.split", parent=parent, children=children)


@pack.command()
@config_file
@_code
@click.option("--json", "as_json", is_flag=True, help="One JSON object a unit.")
def show(path: Path, code: str, as_json: bool) -> None:
    """The whole tree around CODE, with what became of each unit, and what is wrong with it."""
    with _reading(path, code) as (tx, key):
        top = (key, *packs.ancestors(tx, (key,)).get(key, ()))[-1]
        for depth, unit in _tree(tx, top):
            words = _unit(tx, unit)
            if as_json:
                click.echo(msgspec.json.encode({"depth": depth, **words}))
            else:
                mark = " ◀" if unit == key else ""
                click.echo(
                    "  " * depth + "  ".join(str(one) for one in words.values() if one) + mark
                )
        if not as_json:
            _tell(packs.problems(tx, key))


@pack.command()
@config_file
@_code
def left(path: Path, code: str) -> None:
    """The smallest packs that are left in the pack CODE."""
    with _reading(path, code) as (tx, key):
        for unit in packs.left(tx, key):
            click.echo(written(unit))


@pack.command()
@config_file
@click.option("--standing", is_flag=True, help="Only contradictions that nobody resolved.")
def problems(path: Path, standing: bool) -> None:
    """What was ever wrong, oldest first. Exit 1 if a contradiction stands."""
    with View(config.load(path).store.path).read() as tx:
        open_ = packs.problems(tx, standing=True)
        _tell(open_ if standing else packs.problems(tx))
    sys.exit(1 if open_ else 0)


@pack.command()
@config_file
@click.argument("typed", metavar="CODES...", nargs=-1, required=True)
@click.option("--licence", default="", help="What the platform gave this program.")
def export(path: Path, typed: tuple[str, ...], licence: str) -> None:
    """Write the packs CODES, and all that is in them, as relation XML on standard output."""
    settings = config.load(path)
    classifier = Classifier(settings.code_rules)
    keys = [code_of(code, classifier).key for code in typed]
    with View(settings.store.path).read() as tx:
        for piece in relation_xml.write(relation_rows.rows(tx, keys), licence):
            click.echo(piece.encode("utf-8"), nl=False)


@contextmanager
def _reading(path: Path, code: str) -> Iterator[tuple[Tx, bytes]]:
    """A look at the store, and the key of a code that was typed."""
    settings = config.load(path)
    key = code_of(code, Classifier(settings.code_rules)).key
    with View(settings.store.path).read() as tx:
        yield tx, key


def _read(stream: BinaryIO) -> Iterator[Row]:
    """The rows of a file; XML if it begins with "<", otherwise CSV."""
    first = stream.read(64).removeprefix(codecs.BOM_UTF8).lstrip()
    stream.seek(0)
    if first.startswith(b"<"):
        return relation_xml.read(stream)
    return relation_csv.read(io.TextIOWrapper(stream, encoding="utf-8-sig", newline=""))


def _do(path: Path, who: str, command: str, **arguments: Any) -> None:
    """Have it done; exit 1 if something is contradicted."""
    found = _tell(writing.carry_out(path, command, who=who, **arguments))
    click.echo(f"{command}: {found} contradictions" if found else f"{command}: done")
    sys.exit(1 if found else 0)


def _tell(told: Iterable[Any]) -> int:
    """Print problems in both languages; return how many are more than hints."""
    found = 0
    for problem in msgspec.convert(list(told), list[Problem]):
        click.echo(f"{problem.kind}: {problem.chinese}\n  {problem.english}", err=True)
        found += problem.kind not in _HINTS
    return found


def _tree(tx: Tx, key: bytes, depth: int = 0) -> Iterator[tuple[int, bytes]]:
    """``key`` and all in it, each with how far below ``key`` it stands; a pack, then what it
    holds."""
    yield depth, key
    for child in packs.children(tx, (key,)).get(key, ()):
        yield from _tree(tx, child, depth + 1)


def _unit(tx: Tx, key: bytes) -> dict[str, Any]:
    """What is known of one unit, for people; what is not known or usual is empty."""
    found = packs.packs(tx, (key,)).get(key)
    state = codes.units(tx, (key,)).get(key)
    return {
        "code": written(key),
        "level": f"level {found.level}" if found and found.level else "",
        "n": f"{found.n} smallest" if found else "",
        "source": SOURCES[found.source][0] if found and found.source else "",
        "shape": SHAPES[found.shape][0] if found and found.shape != WHOLE else "",
        "state": NAMES[state.state][0] if state else "",
    }
