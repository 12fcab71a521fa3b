"""Reflux: what the bureau or a platform said of units, and what was done about a suspect one."""

from __future__ import annotations

from typing import Any

from edge_agent.commands import Order
from edge_agent.domain import kpi, obligations
from edge_agent.domain import reflux as steps
from edge_agent.domain.naming import code_of
from edge_agent.domain.reflux import Sold
from edge_agent.domain.statement import Teller, iso8601
from edge_agent.store import acts, life, reflux
from edge_agent.store.driver import Tx
from protocol.codes import Classifier


def learn(
    tx: Tx, order: Order, *, source: str, answers: list[tuple[str, int, str]]
) -> dict[str, int]:
    """Take the answers of one source: code, how often it was paid for, who paid.

    A unit that is suspect by them gets a case and a hold at once.

    Returns:
        how many units each opinion fell on, by its name.

    Raises:
        AgentError: one of them is no code; then none is taken.
    """
    classifier = Classifier(order.config.code_rules)
    told = [
        Sold(code_of(code, classifier).key, times, payer, source) for code, times, payer in answers
    ]
    body = {"source": source, "answers": answers}
    acts.append(tx, order.now_ms, order.who, "reflux.learn", body)
    fallen = reflux.learn(tx, order.now_ms, order.who, told)
    return {steps.OPINION_NAMES[opinion]: count for opinion, count in sorted(fallen.items())}


def step(tx: Tx, order: Order, *, code: str, following: str, clue: str, words: str) -> None:
    """Take the case of a unit one step further, by the name of the step.

    Raises:
        AgentError: there is no such case, or this step cannot follow.
    """
    key = code_of(code, Classifier(order.config.code_rules)).key
    number = next(one for one, (name, _, _) in steps.STEPS.items() if name == following)
    reflux.step(tx, order.now_ms, order.who, key, number, clue=clue, words=words)


def report(tx: Tx, order: Order, *, code: str, words: str) -> dict[str, Any]:
    """Write the report on a suspect pack for everybody who must have it, and note that it is
    reported.

    Returns:
        to: whom the rules of this site name (domain.obligations.Recipient); empty if no rule does.
        unit: the life of the pack, which is where it came from and where it is.

    Raises:
        AgentError: there is no such case, or it was reported already.
    """
    key = code_of(code, Classifier(order.config.code_rules)).key
    today = kpi.date_at(order.now_ms)
    bound = obligations.in_force(order.config.profile, today, obligations.shipped())
    to = obligations.recipients(bound, "seal-and-report")
    told = f"{words} (to {', '.join(to) or 'nobody whom a rule names'})"
    reflux.step(tx, order.now_ms, order.who, key, steps.REPORTED, words=told)
    return {
        "site": order.config.site,
        "at": iso8601(order.now_ms),
        "by": order.who,
        "to": to,
        "why": words,
        "unit": life.life(tx, key, Teller(order.config.code_rules)),
    }
