"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path

import click

config_file = click.option(
    "-c",
    "--config",
    "path",
    type=click.Path(path_type=Path),
    default=Path("agent.toml"),
    show_default=True,
    help="The agent's settings.",
)
