"""What a person sees of a run: the lamps, the agent, and what the nemesis does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from simulator.checker import Result
from simulator.delivery import NUMBER
from simulator.demo import Document, Outcome
from simulator.history import Struck
from simulator.operator import Operator
from simulator.station import Station

_COLOURS = {"GOOD": "green", "AGAIN": "cyan", "HOLD": "yellow", "REJECT": "red"}
_BLOWS_SHOWN = 6


def live(station: Station, operators: Sequence[Operator]) -> RenderableType:
    """Draw the state of a run that goes on."""
    lamps = Table(title="cradles", title_justify="left")
    lamps.add_column("cradle")
    lamps.add_column("read", justify="right")
    for pattern, colour in _COLOURS.items():
        lamps.add_column(pattern, justify="right", style=colour)
    lamps.add_column("no answer yet", justify="right")
    for place, operator in zip(station.places, operators, strict=True):
        shown = Counter(place.answers)
        lamps.add_row(
            place.device,
            f"{operator.presented}/{operator.to_present}",
            *(str(shown[pattern]) for pattern in _COLOURS),
            str(place.outstanding()),
        )
    return Group(lamps, _agent(station.agent.health()), _blows(station))


def _agent(health: dict[str, Any]) -> Text:
    if not health:
        return Text("agent: down", style="bold red")
    state = "ok" if health.get("ok") else "not ok"
    behind = ", ".join(f"{one['name']} {one['behind']} behind" for one in health["receivers"])
    text = f"agent: {state} · quarantine {health['quarantine']} · {behind}"
    return Text(text, style="green" if health.get("ok") else "bold red")


def _blows(station: Station) -> Text:
    blows = [event for event in station.history.events() if isinstance(event, Struck)]
    lines = [f"nemesis: {blow.action} {blow.target}" for blow in blows[-_BLOWS_SHOWN:]]
    return Text("\n".join(lines), style="magenta")


def table(result: Result) -> Table:
    """Draw the judge's table."""
    drawn = Table(box=None, padding=(0, 2, 0, 0))
    for name, count in columns(result).items():
        bad = count and name in ("lost", "duplicated", "unexpected", "unknown")
        drawn.add_column(name, no_wrap=True, justify="right", style="bold red" if bad else "")
    drawn.add_row(*(f"{count:,}" for count in columns(result).values()))
    return drawn


def columns(result: Result) -> dict[str, int]:
    """Return the judge's counts by name, in the table's order."""
    names = (
        *("scanned", "signalled", "booked", "forwarded"),
        *("lost", "duplicated", "unexpected", "unknown"),
    )
    return {name: getattr(result, name) for name in names}


def document(told: Document) -> Table:
    """Draw what the agent found out about the packing list."""
    drawn = Table(box=None, padding=(0, 2, 0, 0))
    drawn.add_column("document", no_wrap=True)
    for name in differences(told):
        drawn.add_column(name, no_wrap=True, justify="right", style="" if told.ok else "bold red")
    drawn.add_row(NUMBER, *(f"{count:,}" for count in differences(told).values()))
    return drawn


def differences(told: Document) -> dict[str, int]:
    """Return how the agent's word on the packing list compares with what was planted."""
    return {
        "expected": told.expected,
        "counted": told.counted,
        "planted": len(told.due.differences),
        "found": len(told.differences & told.due.differences),
        "made up": len(told.differences - told.due.differences),
    }


def latency_ms(result: Result) -> dict[str, float]:
    """Return p50, p99 and the longest time from the read to the lamp; empty without an answer."""
    waits = sorted(result.answer_ms)
    if not waits:
        return {}
    last = len(waits) - 1
    return {
        "p50": round(waits[last // 2], 2),
        "p99": round(waits[last * 99 // 100], 2),
        "max": round(waits[last], 2),
    }


def report(outcome: Outcome, seed: int, packs: int) -> dict[str, Any]:
    """Return the run as an object for `--report`."""
    return {
        "ok": outcome.ok,
        "seed": seed,
        "packs": packs,
        "seconds": round(outcome.seconds, 1),
        "checker": columns(outcome.result),
        "document": differences(outcome.document),
        "latency_ms": latency_ms(outcome.result),
        "heap": outcome.heap,
        "complete": outcome.complete,
        "ledger_verified": outcome.verified,
        "findings": [str(finding) for finding in outcome.result.findings],
    }


def figures(title: str, told: dict[str, Any]) -> Table:
    """Draw one benchmark: a row for each figure, groups told by their path."""
    drawn = Table(title=title, title_justify="left", show_header=False)
    for path, figure in _flat(told):
        drawn.add_row(path, f"{figure:,}" if isinstance(figure, int | float) else str(figure))
    return drawn


def _flat(told: dict[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in told.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{name} · ")
        else:
            yield above + name, value
