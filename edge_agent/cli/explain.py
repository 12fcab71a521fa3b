"""`scandock explain`: the life of a code in plain words, and why it was uploaded or was not."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from edge_agent import config
from edge_agent.cli.options import config_file
from edge_agent.domain import life as lives
from edge_agent.domain.naming import code_of
from edge_agent.domain.statement import Teller
from edge_agent.store import life
from edge_agent.store.sqlite import View
from protocol.codes import Classifier


@click.command()
@config_file
@click.argument("code")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def explain(path: Path, code: str, as_json: bool) -> None:
    """Tell what happened to CODE, in 中文 and English: every read, document, pack, hold and
    finding, and what each receiver was told. Exit 1 if nothing is known of it."""
    settings = config.load(path)
    key = code_of(code, Classifier(settings.code_rules)).key
    with View(settings.store.path).read() as tx:
        found = life.life(tx, key, Teller())
    if as_json:
        click.echo(msgspec.json.encode(found))
    else:
        for chinese, english in lives.sentences(found):
            click.echo(chinese if chinese == english else f"{chinese}\n  {english}")
    raise SystemExit(0 if found.reads or found.papers or found.around or found.inside else 1)
