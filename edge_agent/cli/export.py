"""`scandock export`: what is in the store, as JSON lines. The agent may be running."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from edge_agent import config
from edge_agent.cli.options import config_file
from edge_agent.domain.statement import Teller, iso8601
from edge_agent.domain.wording import reason_name
from edge_agent.store import ledger, quarantine
from edge_agent.store.sqlite import View

# Read in one go: short looks, so that the agent can empty its write-ahead log in between.
_RECORDS = 2000
_OUTCASTS = 200


@click.group()
def export() -> None:
    """Write what is in the store as JSON lines."""


@export.command()
@config_file
def scans(path: Path) -> None:
    """Every booked record, in the order booked, in the form the host receives."""
    settings = config.load(path)
    view = View(settings.store.path)
    teller = Teller(settings.code_rules)
    first = 1
    while True:
        with view.read() as tx:
            entries = list(ledger.entries(tx, first, first + _RECORDS - 1))
        if not entries:
            return
        for entry in entries:
            for told in teller.records(entry):
                click.echo(told)
            first = entry.number + len(entry.rulings) // 2


@export.command("quarantine")
@config_file
def outcasts(path: Path) -> None:
    """Every message that could not be booked, whole, with the reason and the place."""
    view = View(config.load(path).store.path)
    after = 0
    while True:
        with view.read() as tx:
            kept = list(quarantine.kept(tx, after, _OUTCASTS))
        if not kept:
            return
        for number, outcast in kept:
            told = {
                "id": number,
                "at": iso8601(outcast.at_ms),
                "topic": outcast.topic,
                "payload_hex": outcast.payload.hex(),
                "reason": reason_name(outcast.reason),
                "place": outcast.place,
            }
            click.echo(msgspec.json.encode(told))
            after = number
