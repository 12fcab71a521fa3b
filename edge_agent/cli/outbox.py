"""`scandock outbox`: what receivers still have to be told, and what they refused."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
import msgspec

from edge_agent import config
from edge_agent.cli import writing
from edge_agent.cli.options import config_file, in_name_of
from edge_agent.clock import SystemClock
from edge_agent.commands.outbox import nothing_dead, place
from edge_agent.connectors.base import Lister
from edge_agent.domain.statement import iso8601
from edge_agent.errors import AgentError, ConfigError
from edge_agent.store import outbox as store
from edge_agent.store.driver import Tx
from edge_agent.store.sqlite import View

_DAY_MS = 86_400_000
_AT_ONCE = 100  # parcels a question

# Who asks a receiver what it has, by its type. A host has no such list: it answers only to what it
# is sent.
LISTERS: dict[str, Callable[[config.Receiver], Lister]] = {}


@click.group()
def outbox() -> None:
    """What receivers still have to be told, and what they refused."""


@outbox.command("list")
@config_file
@click.option("--receiver", default="", help="Only this one.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a receiver.")
def listing(path: Path, receiver: str, as_json: bool) -> None:
    """Backlog, the parcel on its way, and dead letters. Exit 1 if there are dead letters."""
    with View(config.load(path).store.path).read() as tx:
        names = [name for name in store.receivers(tx) if receiver in ("", name)]
        if receiver and not names:
            raise nothing_dead(tx, receiver, 0)
        shown = [_shown(tx, name) for name in names]
    for one in shown:
        if as_json:
            click.echo(msgspec.json.encode(one))
        else:
            _tell(one)
    sys.exit(1 if any(one["dead"] for one in shown) else 0)


@outbox.command()
@config_file
@in_name_of
@click.option("--receiver", required=True, help="Its name in agent.toml.")
@click.argument("parcel", default="")
@click.option("--yes", is_flag=True, help="Do it. Without this, only say what would happen.")
def retry(path: Path, who: str, receiver: str, parcel: str, yes: bool) -> None:
    """Have the dead letters of a receiver tried again, or those of PARCEL, such as 11-20.

    It is asked first, under the same name: what it has after all is not sent again.
    """
    first = _first(parcel)
    if yes:
        count = writing.carry_out(path, "outbox.retry", who=who, receiver=receiver, first=first)
        click.echo(f"{receiver}: {count} dead letters are tried again")
        return
    with View(config.load(path).store.path).read() as tx:
        wanted = [one for one in store.dead(tx, receiver, first) if not one.redriven]
        if not wanted:
            raise nothing_dead(tx, receiver, first)
    for one in wanted:
        click.echo(f"{receiver}: {place(one)}: {_words(one.code, one.message)}")
    click.echo(f"{receiver}: {len(wanted)} dead letters would be tried again (add --yes)")


@outbox.command()
@config_file
@in_name_of
@click.option("--receiver", required=True, help="Its name in agent.toml.")
@click.option("--days", default=7, show_default=True, help="What was settled in so many days.")
def reconcile(path: Path, who: str, receiver: str, days: int) -> None:
    """Compare what we think a receiver has with its own list, and raise an alert for each
    difference. Exit 1 if there is any."""
    settings = config.load(path)
    since_ms = SystemClock().now_ms() - days * _DAY_MS
    lister = _lister(settings, receiver)
    with View(settings.store.path).read() as tx:
        keys = [one.key for one in store.settled(tx, receiver, since_ms)]
    has = asyncio.run(_ask(lister, keys))
    found = writing.carry_out(
        path, "outbox.reconcile", who=who, receiver=receiver, since_ms=since_ms, has=has
    )
    for difference in found:
        click.echo(difference)
    silent = len(keys) - len(has)
    click.echo(
        f"{receiver}: {len(has)} parcels compared, {len(found)} differ"
        + (f"; it cannot say of {silent}" if silent else "")
    )
    sys.exit(1 if found else 0)


def _shown(tx: Tx, receiver: str) -> dict[str, Any]:
    backlog, at_work = store.backlog(tx, receiver), store.opened(tx, receiver)
    return {
        "receiver": receiver,
        "behind": backlog.behind,
        "state": backlog.state,
        "open": at_work._asdict() if at_work else None,
        "dead": [one._asdict() for one in store.dead(tx, receiver)],
    }


def _tell(shown: Mapping[str, Any]) -> None:
    click.echo(
        f"{shown['receiver']}: {shown['behind']} records behind, {shown['state']},"
        f" {len(shown['dead'])} dead letters"
    )
    if shown["open"]:
        one = store.Open(**shown["open"])
        click.echo(
            f"  open {one.first}-{one.last}, {one.left} records: {one.state}, tried"
            f" {one.attempts}x, due {iso8601(one.due_ms)}: {one.answer}".rstrip(": ")
        )
    for row in shown["dead"]:
        dead = store.Dead(**row)
        again = " (to be tried again)" if dead.redriven else ""
        click.echo(f"  dead {place(dead)}: {_words(dead.code, dead.message)}{again}")


def _words(code: str, message: str) -> str:
    return " ".join(filter(None, (code, message)))


def _first(parcel: str) -> int:
    """The first record of a parcel as people write it."""
    first = parcel.partition("-")[0]
    if not parcel:
        return 0
    if not first.isdecimal() or int(first) < 1:
        raise ConfigError(
            f'"{parcel}" names no parcel', hint="such as 11-20; `scandock outbox list` shows them"
        )
    return int(first)


def _lister(settings: config.Config, receiver: str) -> Lister:
    for one in settings.connectors:
        if one.name == receiver:
            if one.type not in LISTERS:
                raise AgentError(
                    f'{receiver}: a receiver of type "{one.type}" has no list of what it has',
                    hint="compare by hand with `scandock outbox list` and its own books",
                )
            return LISTERS[one.type](one)
    raise ConfigError(
        f'agent.toml names no receiver "{receiver}"',
        hint=f"it names {', '.join(one.name for one in settings.connectors) or 'none'}",
    )


async def _ask(lister: Lister, keys: list[str]) -> dict[str, bool]:
    has: dict[str, bool] = {}
    try:
        for at in range(0, len(keys), _AT_ONCE):
            has |= await lister.has(keys[at : at + _AT_ONCE])
    finally:
        await lister.close()
    return has
