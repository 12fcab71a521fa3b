"""`scandock report`: a period in numbers for those who ask, and a look at ourselves."""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path

import click
import msgspec

from edge_agent import config
from edge_agent.cli.kpi import Day
from edge_agent.cli.options import config_file
from edge_agent.clock import SystemClock
from edge_agent.domain import kpi, obligations
from edge_agent.store import review
from edge_agent.store.sqlite import View


@click.group()
def report() -> None:
    """Reports."""


@report.command("period")
@config_file
@click.option("--from", "since", type=Day, required=True)
@click.option("--to", "until", type=Day, required=True)
def period_(path: Path, since: datetime, until: datetime) -> None:
    """The days --from … --to as one JSON object: reads, documents, findings, acts, figures."""
    click.echo(_period(path, since.date(), until.date()))


@report.command()
@config_file
@click.argument("number", type=click.IntRange(2000, 2999))
def year(path: Path, number: int) -> None:
    """Year NUMBER likewise, and by when the rules want its report."""
    settings = config.load(path)
    on = date(number, 12, 31)
    for one in obligations.in_force(settings.profile, on, obligations.shipped()):
        if "yearly-report" in one.rule.do:
            click.echo(f"due {number}-{one.rule.due} ({one.told()})", err=True)
    click.echo(_period(path, date(number, 1, 1), on))


@report.command("review")
@config_file
def review_(path: Path) -> None:
    """What is not as it should be: unsent, unbooked, overdue, expiring. Exit 1 if there is any."""
    settings = config.load(path)
    receivers = [one.name for one in settings.connectors]
    with View(settings.store.path).read() as tx:
        found = review.troubles(
            tx, SystemClock().now_ms(), settings.profile, obligations.shipped(), receivers
        )
    for kind, words in found:
        click.echo(f"{kind}: {words}")
    click.echo(f"{len(found)} things to look at" if found else "nothing to look at")
    sys.exit(1 if found else 0)


def _period(path: Path, first: date, last: date) -> bytes:
    settings = config.load(path)
    receivers = [one.name for one in settings.connectors]
    with View(settings.store.path).read() as tx:
        told = review.period(
            tx,
            kpi.number_of(first),
            kpi.number_of(last),
            settings.profile,
            obligations.shipped(),
            receivers,
            settings.code_rules,
        )
    return msgspec.json.format(msgspec.json.encode(told), indent=1)
