"""`scandock verdicts`: the rules of a verdict, as the page in docs shows them."""

from __future__ import annotations

from pathlib import Path

import click

from edge_agent.domain.verdict_page import page


@click.command()
@click.option(
    "--check",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Say whether this file is the page; exit 1 if it is not.",
)
@click.pass_context
def verdicts(context: click.Context, check: Path | None) -> None:
    """Print the rules by which goods pass or are held, in Chinese and English."""
    if check is None:
        click.echo(page(), nl=False)
    elif check.read_text("utf-8") != page():
        click.echo(f"{check} is not what the rules say (scandock verdicts > {check})", err=True)
        context.exit(1)
