"""The commands that the simulator adds to `scandock`."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import click
from rich.console import Console
from rich.live import Live

from simulator import bench as benchmarks
from simulator import demo as whole_chain
from simulator import image, view
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

    Exit code 0 only if nothing was lost, doubled, unexpected or unknown.
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
@click.argument("name", type=click.Choice(["ingest", "signal", "all"]))
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
def bench(name: str, as_json: bool) -> None:
    """Figures of this machine, as ratios where there is a peer."""
    measures = {"signal": benchmarks.signal, "ingest": benchmarks.ingest}
    names = list(measures) if name == "all" else [name]
    figures = {one: measures[one]() for one in names}
    if as_json:
        click.echo(json.dumps(figures, indent=2, ensure_ascii=False))
        return
    console = Console()
    for one, told in figures.items():
        console.print(view.figures(one, told))
