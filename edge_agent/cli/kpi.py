"""`scandock kpi`: the figures of a period, with the targets that the rules set."""

from __future__ import annotations

import csv
import sys
from datetime import date, datetime
from pathlib import Path

import click
import msgspec

from edge_agent import config
from edge_agent.cli.options import config_file
from edge_agent.clock import SystemClock
from edge_agent.domain import kpi as days
from edge_agent.domain import obligations
from edge_agent.store import figures
from edge_agent.store import kpi as counts
from edge_agent.store.figures import Figure
from edge_agent.store.sqlite import View

Day = click.DateTime(["%Y-%m-%d"])


@click.command()
@config_file
@click.option("--from", "since", type=Day, help="First day; without it, the last day alone.")
@click.option("--to", "until", type=Day, help="Last day; without it, today.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--csv", "as_csv", is_flag=True)
@click.option("--products", is_flag=True, help="Read rates by cradle and head of the code instead.")
def kpi(
    path: Path,
    since: datetime | None,
    until: datetime | None,
    as_json: bool,
    as_csv: bool,
    products: bool,
) -> None:
    """Rates of the days --from … --to, in China's time. Exit 1 if a target is missed.

    Without documents there is no scan rate, only the number of scans.
    """
    settings = config.load(path)
    last = until.date() if until else days.date_at(SystemClock().now_ms())
    first = since.date() if since else last
    period = days.number_of(first), days.number_of(last)
    bound = obligations.in_force(settings.profile, last, obligations.shipped())
    view = View(settings.store.path)
    with view.read() as tx:
        if products:
            found = [
                Figure("read", f"{device} {head or '-'}", *reads.rate(), reads.rate().percent())
                for (device, head), reads in sorted(
                    counts.by_head(tx, *period, settings.code_rules).items()
                )
            ]
        else:
            receivers = [one.name for one in settings.connectors]
            found = figures.figures(tx, *period, bound, receivers, settings.code_rules)
        units = sum(row.reads.units for row in counts.days(tx, *period))
    if as_json:
        for one in found:
            click.echo(msgspec.json.encode(one._asdict()))
    elif as_csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerows([Figure._fields, *found])
    else:
        _print(found, first, last, units)
    sys.exit(1 if any(one.reached is False for one in found) else 0)


def _print(found: list[Figure], first: date, last: date, units: int) -> None:
    click.echo(f"{first} … {last}: {units} units scanned")
    for one in found:
        percent = "-" if one.percent is None else f"{one.percent:.2f} %"
        told = f"{one.name:12} {one.of:28} {one.part:>9} / {one.whole:<9} {percent:>9}"
        if one.target is not None:
            missed = "" if one.reached is not False else ", missed"
            told += f"  target {one.target} %{missed}"
        click.echo(told.rstrip())
    if not any(one.name.startswith("scan") for one in found):
        click.echo("scanned only: no document says what was moved")
