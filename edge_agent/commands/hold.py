"""Holds: a unit, a lot or a product may not move, and may again."""

from __future__ import annotations

from edge_agent.commands import Order
from edge_agent.domain import holds as scopes
from edge_agent.domain.naming import code_of
from edge_agent.errors import AgentError
from edge_agent.store import holds, lots
from edge_agent.store.driver import Tx
from protocol.codes import Classifier


def place(
    tx: Tx, order: Order, *, code: str, lot: str, product: str, reason: str, words: str
) -> list[int]:
    """Hold one unit, one lot or one whole product; return the numbers of the holds.

    Args:
        code: as a person types it; empty if a lot or a product is meant.
        product: of the lot, or by itself. A lot without it is held for every product that has one
            of this number.
        reason: a key of ``domain.holds.PLACEABLE``.

    Raises:
        AgentError: it is none of the three, or no code.
    """
    if bool(code) == bool(lot or product):
        raise AgentError(
            "a hold needs a code, or a lot, or a product",
            hint="give --code, or --lot with or without --product, or --product alone",
        )
    number = scopes.PLACEABLE[reason]
    if code:
        targets = [(scopes.UNIT, code_of(code, Classifier(order.config.code_rules)).key)]
    elif lot:
        targets = [(scopes.LOT, b"%d" % one) for one in lot_ids(tx, lot, product)]
    else:
        targets = [(scopes.PRODUCT, product.encode())]
    return [
        holds.place(tx, order.now_ms, order.who, scope, what, number, words=words)
        for scope, what in targets
    ]


def release(tx: Tx, order: Order, *, number: int, words: str) -> None:
    """End a hold.

    Raises:
        StoreError: there is none of this number in force.
    """
    holds.release(tx, order.now_ms, order.who, number, words=words)


def lot_ids(tx: Tx, lot: str, product: str) -> list[int]:
    """The lots that are meant; one that nobody knows yet is made known, so that it is held from
    the first pack of it that comes.

    Raises:
        AgentError: nobody knows it, and no product is given.
    """
    known = [one.id for one in lots.named(tx, lot, product)]
    if not known and not product:
        raise AgentError(
            f"lot {lot} is not known here", hint="give --product as well, to hold it beforehand"
        )
    return known or [lots.lot_id(tx, product, lot)]
