"""The command `scandock`. Commands are loaded when they are called, also those of other rooms."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import Any

import click

from edge_agent.errors import AgentError

_GROUP = "scandock.commands"
_OWN = [
    EntryPoint("access", "edge_agent.cli.access:access", _GROUP),
    EntryPoint("agent", "edge_agent.cli.agent:agent", _GROUP),
    EntryPoint("alert", "edge_agent.cli.alert:alert", _GROUP),
    EntryPoint("decode", "edge_agent.cli.decode:decode", _GROUP),
    EntryPoint("document", "edge_agent.cli.document:document", _GROUP),
    EntryPoint("explain", "edge_agent.cli.explain:explain", _GROUP),
    EntryPoint("export", "edge_agent.cli.export:export", _GROUP),
    EntryPoint("finding", "edge_agent.cli.finding:finding", _GROUP),
    EntryPoint("hold", "edge_agent.cli.hold:hold", _GROUP),
    EntryPoint("invoice", "edge_agent.cli.invoice:invoice", _GROUP),
    EntryPoint("kpi", "edge_agent.cli.kpi:kpi", _GROUP),
    EntryPoint("ledger", "edge_agent.cli.ledger:ledger", _GROUP),
    EntryPoint("nocode", "edge_agent.cli.nocode:nocode", _GROUP),
    EntryPoint("pack", "edge_agent.cli.pack:pack", _GROUP),
    EntryPoint("outbox", "edge_agent.cli.outbox:outbox", _GROUP),
    EntryPoint("partner", "edge_agent.cli.partner:partner", _GROUP),
    EntryPoint("person", "edge_agent.cli.person:person", _GROUP),
    EntryPoint("product", "edge_agent.cli.product:product", _GROUP),
    EntryPoint("recall", "edge_agent.cli.recall:recall", _GROUP),
    EntryPoint("reflux", "edge_agent.cli.reflux:reflux", _GROUP),
    EntryPoint("report", "edge_agent.cli.report:report", _GROUP),
    EntryPoint("rules", "edge_agent.cli.rules:rules", _GROUP),
    EntryPoint("verdicts", "edge_agent.cli.verdicts:verdicts", _GROUP),
]


class _Commands(click.Group):
    """The agent's own commands, and those that installed packages add under `scandock.commands`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_entries())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = _entries().get(cmd_name)
        if entry is None:
            return None
        try:
            command = entry.load()
        except Exception as error:
            return _broken(entry, error)
        assert isinstance(command, click.Command), f"{entry.value} is no command"
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except AgentError as error:
            click.echo(f"scandock: {error}", err=True)
            ctx.exit(2)


def _entries() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in (*entry_points(group=_GROUP), *_OWN)}


def _broken(entry: EntryPoint, error: Exception) -> click.Command:
    """Stands for a command that cannot be loaded, so that the others still work."""
    why = f"{type(error).__name__}: {error}"

    def complain() -> None:
        raise AgentError(
            f"command `{entry.name}` cannot be loaded from {entry.value} ({why})",
            hint="install it again: pip install --force-reinstall scandock",
        )

    return click.Command(
        entry.name,
        callback=complain,
        help=f"(cannot be loaded: {why})",
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    )


@click.group(cls=_Commands)
@click.version_option(package_name="scandock", prog_name="scandock")
def main() -> None:
    """Scanner gateway for drug traceability. Exit codes: 0 done, 1 a finding, 2 wrong use."""
