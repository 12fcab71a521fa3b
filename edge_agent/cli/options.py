"""Options that several commands share."""

from __future__ import annotations

import getpass
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

in_name_of = click.option(
    "--who",
    default=getpass.getuser,
    show_default="the login name",
    help="In whose name; stands in the record of acts.",
)
