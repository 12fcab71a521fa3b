"""Reflux: what the bureau or a platform said of units, and what was done about a suspect one."""

from __future__ import annotations

from edge_agent.commands import Order
from edge_agent.domain import reflux as steps
from edge_agent.domain.naming import code_of
from edge_agent.domain.reflux import Sold
from edge_agent.store import acts, reflux
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
