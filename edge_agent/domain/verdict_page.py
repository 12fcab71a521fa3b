"""The page docs/verdicts.md: every rule of a verdict in the order asked, in Chinese and English."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from edge_agent.domain import again, verdict
from edge_agent.domain.facts import KIND_NAMES
from edge_agent.domain.model import Ruling
from edge_agent.domain.wording import DECISIONS, REASONS, decision_name, reason_name

_HEAD = """\
# Verdicts

What a cradle shows after a scan, and why. This page is made from the rules themselves
(`scandock verdicts`); a test holds it to them.

A record is ruled on label by label, and the gravest ruling wins: REJECT, HOLD, AGAIN, PASS. First
comes what each label says by itself; then, for each unit, the first rule that holds. What is not
known differs from nothing; but where a station must ask a platform (`checks`), not knowing holds.
"""


def page() -> str:
    """Write the whole page, as Markdown."""
    return "\n".join([*_lines(), ""])


def _lines() -> Iterator[str]:
    yield _HEAD
    yield "## Decisions\n"
    yield from _table(
        ("decision", "中文", "English"),
        ((decision_name(one), *words) for one, words in DECISIONS.items()),
    )
    yield "\n## A unit: the first rule that holds\n"
    yield from _table(
        ("#", "when", "何时", "decision", "reason", "next step", "下一步"),
        (
            (str(number), rule.english, rule.chinese, *_ruled(rule.ruling))
            for number, rule in enumerate(verdict.TABLE, 1)
        ),
    )
    yield "\n## What the same code once more means\n"
    asking = " and ".join(
        str(number) for number, rule in enumerate(verdict.TABLE, 1) if rule.ruling is None
    )
    yield f"The first row that holds; rules {asking} above ask it.\n"
    yield from _table(
        ("meaning", "中文", "when", "decision", "reason", "next step", "下一步"),
        ((row.name, row.chinese, row.english, *_ruled(row.ruling)) for row in again.TABLE),
    )
    yield "\n## A label that names no unit\n"
    yield "One that does not spoil a record is passed over where another label names a unit.\n"
    yield from _table(
        ("kind", "reason", "spoils a record"),
        (
            (KIND_NAMES[kind], "its own" if reason is None else reason_name(reason), _yes(spoils))
            for kind, (reason, spoils) in verdict.NO_UNIT.items()
        ),
    )
    yield "\n## Reasons\n"
    yield from _table(
        ("reason", "中文", "English", "next step", "下一步"),
        ((reason_name(one), *REASONS[one], *_next(one)) for one in sorted(REASONS)),
    )


def _ruled(ruling: Ruling | None) -> tuple[str, str, str, str]:
    if ruling is None:
        return "as below", "as below", "", ""
    return decision_name(ruling.decision), reason_name(ruling.reason), *_next(ruling.reason)


def _next(reason: int) -> tuple[str, str]:
    """The next step, English first."""
    chinese, english = verdict.next_step(reason)
    return english, chinese


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
