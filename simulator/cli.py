"""The commands that the simulator adds to `scandock`."""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.live import Live

from simulator import bench as benchmarks
from simulator import decoding, image, sheet, view
from simulator import demo as whole_chain
from simulator.parts import MICROPYTHON, MOSQUITTO, PartMissing, find

_PACKS_A_SECOND = 40
_FINDINGS_SHOWN = 10


@click.command()
@click.option(
    "--for",
    "seconds",
    type=click.IntRange(5, 86_400),
    default=25,
    show_default=True,
    help="Seconds over which goods keep coming; at least 1,000 packs.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same goods.")
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the judge's table and the latencies there, as JSON.",
)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep what every part wrote there. Must not exist.",
)
def demo(seconds: int, seed: int, report: Path | None, folder: Path | None) -> None:
    """The whole chain on this machine: simulated goods, real firmware, real broker.

    Exit code 0 only if nothing was lost, doubled, unexpected or unknown, and each difference
    between goods and packing list was found.
    """
    for part in (MOSQUITTO, MICROPYTHON):
        try:
            click.echo(f"{part.name}: {find(part)}")
        except PartMissing as error:
            raise click.ClickException(str(error)) from None
    octets = sum(image.sizes(image.build()).values())
    click.echo(f"firmware: {octets:,} octets of .mpy")
    packs = max(1000, _PACKS_A_SECOND * seconds)
    console = Console()
    with tempfile.TemporaryDirectory(prefix="scandock-") as scratch:
        place = folder or Path(scratch) / "demo"
        place.mkdir(parents=True)
        with Live(console=console, refresh_per_second=4, transient=not console.is_terminal) as live:
            outcome = whole_chain.run(
                place,
                seed,
                packs,
                seconds,
                lambda station, operators: live.update(view.live(station, operators)),
            )
    console.print(view.table(outcome.result))
    console.print(view.document(outcome.document))
    for finding in outcome.result.findings[:_FINDINGS_SHOWN]:
        console.print(f"  {finding}")
    waits = view.latency_ms(outcome.result)
    console.print(
        f"seed {seed} · {packs:,} packs in {outcome.seconds:.1f} s"
        f" · scan → signal {', '.join(f'{name} {wait:.1f} ms' for name, wait in waits.items())}"
        f" · heap at most {max(outcome.heap.values()):,} octets"
        f" · ledger {'verified' if outcome.verified else 'NOT WHOLE'}"
        f"{'' if outcome.complete else ' · NOT COMPLETE: some reads never had their answer'}"
    )
    if report:
        report.parent.mkdir(parents=True, exist_ok=True)
        page = view.report(outcome, seed, packs)
        report.write_text(json.dumps(page, indent=2, ensure_ascii=False) + "\n")
    sys.exit(0 if outcome.ok else 1)


@click.command()
@click.argument("name", type=click.Choice(["decode", "ingest", "signal", "all"]))
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
@click.option(
    "--size",
    type=click.IntRange(0, 100_000_000),
    default=0,
    help="Measure ingest also into a store that knows so many units.",
)
def bench(name: str, as_json: bool, size: int) -> None:
    """Figures of this machine, as ratios where there is a peer."""
    measures: dict[str, Callable[[], dict[str, Any]]] = {
        "decode": decoding.decode,
        "signal": benchmarks.signal,
        "ingest": lambda: benchmarks.ingest(size),
    }
    names = list(measures) if name == "all" else [name]
    figures = {one: measures[one]() for one in names}
    if as_json:
        click.echo(json.dumps(figures, indent=2, ensure_ascii=False))
        return
    console = Console()
    for one, told in figures.items():
        console.print(view.figures(one, told))


@click.command()
@click.option("--form", type=click.Choice(list(sheet.FORMS)), required=True, help="Symbology.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="Where to write: a name that ends in .png or .svg.",
)
@click.option("--seed", type=int, help="Draw test labels, which can belong to no real goods.")
@click.option("--count", type=click.IntRange(1, 1000), help="How many, with --seed.  [default: 1]")
@click.option("--columns", type=click.IntRange(1, 20), default=4, show_default=True)
@click.option(
    "--scale",
    type=click.IntRange(3, 20),
    default=4,
    show_default=True,
    help="Pixels to the narrowest bar.",
)
@click.argument("texts", nargs=-1)
def label(
    form: str,
    out: Path,
    seed: int | None,
    count: int | None,
    columns: int,
    scale: int,
    texts: tuple[str, ...],
) -> None:
    """Draw TEXTS as labels on one sheet; without TEXTS, the lines of standard input.

    GS1 texts have their identifiers in brackets: "(01)…(21)…". Every label is read back and
    classified; a sheet on which one does not read as what it says is not written.
    """
    if out.suffix not in (".png", ".svg"):
        raise click.BadParameter(f"{out} must end in .png or .svg", param_hint="--out")
    if seed is None and count is not None:
        raise click.UsageError("--count goes with --seed")
    if seed is not None and texts:
        raise click.UsageError("--seed draws texts of its own; leave out one of them")
    if seed is not None:
        texts = tuple(sheet.test_texts(form, random.Random(seed), count or 1))
    said = texts or tuple(line for line in sys.stdin.read().splitlines() if line)
    if not said:
        raise click.UsageError("nothing to draw: give texts, lines on standard input, or --seed")
    try:
        labels = [sheet.draw(form, text) for text in said]
        octets = (
            sheet.png(labels, columns, scale)
            if out.suffix == ".png"
            else sheet.svg(labels, columns, scale).encode()
        )
    except sheet.SheetError as error:
        raise click.UsageError(str(error)) from None
    out.write_bytes(octets)
    for one in labels:
        click.echo(f"{one.text}: {one.told}")
    click.echo(f"{out}: {len(labels)} labels")
