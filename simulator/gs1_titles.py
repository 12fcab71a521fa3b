"""Writes the agent's table of GS1 data titles from the GS1 Barcode Syntax Dictionary.

    python -m simulator.gs1_titles DICTIONARY.json [--check]

With ``--check`` nothing is written; exit code 1 says that the table is not the dictionary's.
"""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import wrap
from typing import Any

import click

TABLE = Path(__file__).parents[1] / "edge_agent" / "domain" / "gs1_titles.py"


def table(dictionary: dict[str, Any]) -> str:
    """Return the table's file for a dictionary in the form of gs1_syntax_dictionary.json.

    Raises:
        ValueError: two AIs that differ only in the place of the decimal point have two titles.
    """
    titles: dict[str, str] = {}
    for row in dictionary["ais"]:
        ai, title = row["ai"], row["title"]
        # 3100 to 3105 are one measure with the decimal point in different places.
        family = ai[:3] if len(ai) == 4 and ai[0] == "3" else ai
        if title and titles.setdefault(family, title) != title:
            raise ValueError(f'({ai}) is "{title}", but its family is "{titles[family]}"')
    source = f"{dictionary['description']}, {dictionary['origin']}; {dictionary['licence']}."
    return "\n".join(
        [
            '"""The data titles that GS1 gives its application identifiers, in English. Generated.',
            "",
            *wrap(f"Source: {source}", 100, subsequent_indent="    "),
            "`python -m simulator.gs1_titles DICTIONARY.json` writes this file anew.",
            '"""',
            "",
            "# By AI; by its first three digits where the fourth is the place of a decimal point.",
            "TITLES = {",
            *(
                f'    "{ai}": {json.dumps(titles[ai], ensure_ascii=False)},'
                for ai in sorted(titles)
            ),
            "}",
            "",
        ]
    )


@click.command()
@click.argument("dictionary", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if the table is another.")
@click.pass_context
def main(ctx: click.Context, dictionary: Path, check: bool) -> None:
    """Write the agent's table of GS1 data titles."""
    text = table(json.loads(dictionary.read_text("utf-8")))
    if not check:
        TABLE.write_text(text, "utf-8")
        click.echo(f"{TABLE}: written")
    elif TABLE.read_text("utf-8") != text:
        click.echo(f"{TABLE}: not what {dictionary} gives; run this without --check")
        ctx.exit(1)


if __name__ == "__main__":
    main()
