"""Findings: what a person found wrong, and how it was settled."""

from __future__ import annotations

from edge_agent.commands import Order
from edge_agent.domain.documents import CANCELLED, CLOSED, DocumentError
from edge_agent.domain.findings import KINDS
from edge_agent.domain.interchange.texts import code_in
from edge_agent.store import acts, documents, findings
from edge_agent.store.driver import Tx
from protocol.codes import Classifier


def open_(tx: Tx, order: Order, *, number: str, kind: str, code: str, detail: str) -> int:
    """Open a finding that a person made, such as a pack without a code. Returns its number."""
    found = documents.named(tx, number)
    if kind not in KINDS:
        raise DocumentError(f'no kind of finding "{kind}"', hint=f"known are {', '.join(KINDS)}")
    if found.state in (CLOSED, CANCELLED):
        raise DocumentError(
            f"document {number} is over", hint="what is found later needs a document of its own"
        )
    key = code_in(code, Classifier(order.config.code_rules)).key if code else b""
    body = {"document": number, "kind": kind, "key": key.hex(), "detail": detail}
    acts.append(tx, order.now_ms, order.who, "finding.open", body)
    return findings.open_finding(tx, order.now_ms, kind, found.id, key, detail)


def settle(
    tx: Tx,
    order: Order,
    *,
    finding: int,
    number: str,
    kind: str,
    cause: str,
    disposition: str,
    feedback: str,
) -> int:
    """Settle one finding, or all open ones of a kind in a document. Returns how many.

    Args:
        finding: its number; 0 if ``number`` of a document and ``kind`` are given instead.
    """
    meant = [finding]
    if not finding:
        of = documents.named(tx, number).id
        meant = [one.id for one in findings.open_of(tx, of) if one.kind == kind]
    for one in meant:
        findings.settle(tx, order.now_ms, one, cause, disposition, order.who, feedback)
    return len(meant)
