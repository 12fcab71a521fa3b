"""Findings: what was wrong, until a person has settled it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from edge_agent.domain.documents import DocumentError
from edge_agent.domain.findings import KINDS, counts
from edge_agent.store import acts
from edge_agent.store.codes import filled
from edge_agent.store.driver import Tx

# How a finding ended.
OPEN = 0
TAKEN = 1  # the goods count as right
AWAY = 2  # they do not
GONE = 3  # there was nothing wrong in the end


class Finding(NamedTuple):
    """One finding.

    Attributes:
        document: id; 0 if it belongs to none.
        kind: of domain.findings.KINDS.
        key: of the unit; empty if none is meant.
        line: of the document; 0 if none is meant.
        settled: number of the newest act that settled it; 0 while it is open.
        outcome: OPEN, TAKEN, AWAY or GONE.
    """

    id: int
    document: int
    kind: str
    key: bytes
    line: int
    opened_ms: int
    detail: str
    settled: int
    outcome: int


def open_finding(
    tx: Tx, now_ms: int, kind: str, document: int, key: bytes, detail: str, *, line: int = 0
) -> int:
    """Open a finding and return its number. One that is open already is not opened twice; its
    detail becomes the newer one."""
    (number,) = tx.execute(
        "INSERT INTO finding (document, kind, key, line, opened_ms, detail)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (document, kind, key, line) WHERE settled IS NULL"
        " DO UPDATE SET detail = excluded.detail RETURNING id",
        (document, kind, key, line, now_ms, detail),
    ).fetchone()
    return int(number)


def settle(
    tx: Tx,
    now_ms: int,
    finding: int,
    cause: str,
    disposition: str,
    who: str,
    feedback: str,
) -> int:
    """Settle a finding; settle it once more to correct that. Returns the number of the act.

    Args:
        cause: why goods and document differed, in words.
        disposition: of domain.findings.DISPOSITIONS, one that the kind may be settled by.
        feedback: what the source of the goods was told; "" if nothing.

    Raises:
        DocumentError: there is no such finding, or it cannot be settled so.
    """
    found = one(tx, finding)
    allowed = KINDS[found.kind].settled_by
    if disposition not in allowed:
        raise DocumentError(
            f'finding {finding} is "{found.kind}": it cannot be settled by "{disposition}"',
            hint=f"it can be by {', '.join(allowed)}",
        )
    if not cause:
        raise DocumentError(
            f"finding {finding} would be settled without a cause",
            hint="say why goods and document differed",
        )
    return _close(
        tx,
        now_ms,
        found,
        who,
        {"cause": cause, "disposition": disposition, "feedback": feedback},
        TAKEN if counts(disposition) else AWAY,
    )


def gone(tx: Tx, now_ms: int, who: str, found: Finding) -> int:
    """Settle a finding whose reason has gone: what was missing was scanned after all."""
    body = {"cause": "goods and document agree now", "disposition": "", "feedback": ""}
    return _close(tx, now_ms, found, who, body, GONE)


def one(tx: Tx, finding: int) -> Finding:
    """Return a finding.

    Raises:
        DocumentError: there is none of this number.
    """
    found = list(_rows(tx, "id = ?", finding))
    if not found:
        raise DocumentError(
            f"there is no finding {finding}", hint="`scandock finding list` shows the open ones"
        )
    return found[0]


def of_document(tx: Tx, document: int) -> list[Finding]:
    """Return all findings of a document, in the order opened."""
    return list(_rows(tx, "document = ?", document))


def open_of(tx: Tx, document: int) -> list[Finding]:
    """Return the findings of a document that nobody has settled."""
    return list(_rows(tx, "document = ? AND settled IS NULL", document))


def of_unit(tx: Tx, key: bytes) -> list[Finding]:
    """Return every finding on a unit, in the order they came up."""
    return list(_rows(tx, "key = ?", key))


def all_open(tx: Tx) -> list[Finding]:
    """Return the open findings of all documents, in the order opened."""
    return list(_rows(tx, "settled IS NULL"))


def taken(tx: Tx, document: int, keys: Iterable[bytes]) -> dict[bytes, set[str]]:
    """Return which kinds of findings a person settled so that the unit counts as right, for each
    of ``keys`` that has such: these need not be found again."""
    found: dict[bytes, set[str]] = {}
    for some in filled(sorted({key for key in keys if key})):
        for key, kind in tx.execute(
            "SELECT key, kind FROM finding WHERE key <> x'' AND document = ? AND outcome = ?"
            f" AND key IN ({','.join('?' * len(some))})",
            (document, TAKEN, *some),
        ):
            found.setdefault(key, set()).add(kind)
    return found


def told(tx: Tx, found: Finding) -> dict[str, str]:
    """Return cause, disposition, feedback and who of a finding's newest settlement, "" if open."""
    if not found.settled:
        return dict.fromkeys(("cause", "disposition", "feedback", "who"), "")
    act = next(acts.acts(tx, found.settled - 1, 1))
    return {name: act.body[name] for name in ("cause", "disposition", "feedback")} | {
        "who": act.who
    }


def _close(
    tx: Tx, now_ms: int, found: Finding, who: str, body: dict[str, str], outcome: int
) -> int:
    told = {"finding": found.id, "document": found.document, "kind": found.kind}
    told |= {"key": found.key.hex(), "line": found.line, "detail": found.detail, **body}
    act = acts.append(tx, now_ms, who, "finding.settle", told)
    tx.execute("UPDATE finding SET settled = ?, outcome = ? WHERE id = ?", (act, outcome, found.id))
    return act


def _rows(tx: Tx, where: str, *values: int | bytes) -> Iterator[Finding]:
    for row in tx.execute(
        "SELECT id, document, kind, key, line, opened_ms, detail, coalesce(settled, 0), outcome"
        f" FROM finding WHERE {where} ORDER BY id",
        values,
    ):
        yield Finding(*row)
