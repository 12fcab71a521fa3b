"""Recalls: goods called back, from the word to the end."""

from __future__ import annotations

from edge_agent.commands import Order
from edge_agent.commands.hold import lot_ids
from edge_agent.domain import holds as scopes
from edge_agent.domain.naming import code_of
from edge_agent.errors import AgentError
from edge_agent.store import recalls
from edge_agent.store.driver import Tx
from protocol.codes import Classifier


def start(
    tx: Tx,
    order: Order,
    *,
    number: str,
    level: int,
    lot: str,
    product: str,
    codes: list[str],
    words: str,
) -> None:
    """Call back a lot, a list of codes, or both, and hold them at once.

    Raises:
        AgentError: nothing is called back, something is no code, or the number is taken.
    """
    classifier = Classifier(order.config.code_rules)
    targets = [(scopes.UNIT, code_of(code, classifier).key) for code in codes]
    if lot:
        targets += [(scopes.LOT, b"%d" % one) for one in lot_ids(tx, lot, product)]
    if not targets:
        raise AgentError("nothing is called back", hint="give --lot, or --codes with a file")
    recalls.start(tx, order.now_ms, order.who, number, level, targets, words=words)


def end(tx: Tx, order: Order, *, number: str, words: str) -> None:
    """End a recall.

    Raises:
        StoreError: there is none of this number going on.
    """
    recalls.end(tx, order.now_ms, order.who, number, words=words)
