"""Packs that may have been paid for before: how far each case is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from edge_agent.domain import holds as scopes
from edge_agent.domain import reflux, states
from edge_agent.domain.model import Platform
from edge_agent.domain.reflux import Sold
from edge_agent.errors import StoreError
from edge_agent.store import acts, codes, holds, platform
from edge_agent.store.driver import Tx
from protocol import reasons


class Case(NamedTuple):
    """One suspect pack.

    Attributes:
        step: of domain.reflux.
        opened, last: numbers of the acts of its first and its present step.
        clue: the number that the bureau gave it; empty before.
    """

    key: bytes
    step: int
    opened: int
    last: int
    clue: str


def suspect(tx: Tx, now_ms: int, who: str, key: bytes, *, words: str) -> bool:
    """Open a case and hold the pack; False if there is one already, which is left as it is."""
    if case(tx, key) is not None:
        return False
    body = {"key": key.hex(), "words": words}
    act = acts.append(tx, now_ms, who, "reflux.suspect", body)
    tx.execute("INSERT INTO reflux VALUES (?, ?, ?, ?, '')", (key, reflux.SUSPECTED, act, act))
    holds.place(tx, now_ms, who, scopes.UNIT, key, reasons.REFLUX_SUSPECT, words=words)
    return True


def step(
    tx: Tx, now_ms: int, who: str, key: bytes, following: int, *, clue: str = "", words: str
) -> None:
    """Take a case one step further. A pack that is cleared is released, no other ever is.

    Raises:
        StoreError: there is no such case, or this step cannot follow.
    """
    found = case(tx, key)
    if found is None:
        raise StoreError(
            f"{key.hex()}: no suspicion of reflux is open",
            hint="`scandock reflux list` shows the cases",
        )
    name = reflux.STEPS[following][0]
    if not reflux.may_follow(found.step, following):
        now, _, after = reflux.STEPS[found.step]
        names = ", ".join(reflux.STEPS[one][0] for one in after)
        raise StoreError(
            f"{key.hex()} is {now}: it cannot be {name} next",
            hint=f"what can follow: {names}" if after else "the case is over",
        )
    body: dict[str, Any] = {"key": key.hex(), "step": name, "clue": clue, "words": words}
    act = acts.append(tx, now_ms, who, "reflux.step", body)
    tx.execute(
        "UPDATE reflux SET step = ?, last = ?, clue = ? WHERE key = ?",
        (following, act, clue or found.clue, key),
    )
    if following == reflux.RELEASED:
        # A person's word stands above the answer that raised the suspicion.
        platform.learn(tx, [Platform(key, None, None, reflux.CLEAN, None, now_ms, who)])
        for hold in holds.of_unit(tx, key):
            if hold.reason == reasons.REFLUX_SUSPECT:
                holds.release(tx, now_ms, who, hold.id, words=words)


def learn(tx: Tx, now_ms: int, who: str, answers: Iterable[Sold]) -> Counter[int]:
    """Write down what providers answered, and open a case for each unit that is suspect by it.

    Returns:
        how many units each opinion of domain.reflux fell on.
    """
    by_key: dict[bytes, list[Sold]] = {}
    for answer in answers:
        by_key.setdefault(answer.key, []).append(answer)
    ours = codes.units(tx, by_key)
    fallen: Counter[int] = Counter()
    for key, told in by_key.items():
        sold_by_us = key in ours and ours[key].state == states.DISPENSED
        opinion = reflux.opinion(told, sold_by_us=int(sold_by_us))
        fallen[opinion] += 1
        known = None if opinion == reflux.UNKNOWN else opinion
        sources = ", ".join(sorted({answer.source for answer in told}))
        platform.learn(tx, [Platform(key, None, None, known, None, now_ms, sources)])
        if opinion == reflux.SUSPECT:
            most = max(told, key=lambda answer: answer.times or 0)
            words = f"{most.source}: {most.times} sale(s) {most.payer}".rstrip()
            suspect(tx, now_ms, who, key, words=words)
    return fallen


def case(tx: Tx, key: bytes) -> Case | None:
    """Return the case of a pack; None if it was never suspected."""
    found = tx.execute(
        "SELECT key, step, opened, last, clue FROM reflux WHERE key = ?", (key,)
    ).fetchone()
    return Case(*found) if found else None


def cases(tx: Tx) -> list[Case]:
    """All cases, in the order opened."""
    return [
        Case(*row)
        for row in tx.execute("SELECT key, step, opened, last, clue FROM reflux ORDER BY opened")
    ]
