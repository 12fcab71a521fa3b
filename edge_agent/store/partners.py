"""Partners, their enrolments, and authorisations of holders. Each change is an act."""

from __future__ import annotations

from datetime import date

from edge_agent.domain.obligations import WORDS
from edge_agent.domain.partners import Authorisation, Partner, PartnerError, require_scopes
from edge_agent.store import acts
from edge_agent.store.driver import Tx


def put(tx: Tx, now_ms: int, who: str, number: str, name: str, role: str) -> None:
    """Write a partner, or what is now known of him.

    Raises:
        PartnerError: no such role.
    """
    if role not in WORDS["role"]:
        raise PartnerError(
            f'partner {number}: no role "{role}"', hint=f"known: {', '.join(WORDS['role'])}"
        )
    body = {"number": number, "name": name, "role": role}
    act = acts.append(tx, now_ms, who, "partner.put", body)
    tx.execute(
        "INSERT INTO partner VALUES (?, ?, ?, ?) ON CONFLICT (number) DO UPDATE SET"
        " name = excluded.name, role = excluded.role, act = excluded.act",
        (number, name, role, act),
    )


def enrol(tx: Tx, now_ms: int, who: str, number: str, platform: str, since: date) -> None:
    """File that a partner is enrolled at a platform.

    Raises:
        PartnerError: there is no such partner, or no such platform.
    """
    if not tx.execute("SELECT 1 FROM partner WHERE number = ?", (number,)).fetchone():
        raise PartnerError(f"there is no partner {number}", hint="`scandock partner add` first")
    if platform not in WORDS["to"]:
        raise PartnerError(f'no platform "{platform}"', hint=f"known: {', '.join(WORDS['to'])}")
    body = {"number": number, "platform": platform, "since": f"{since}"}
    act = acts.append(tx, now_ms, who, "partner.enrol", body)
    tx.execute(
        "INSERT INTO enrolment VALUES (?, ?, ?, ?) ON CONFLICT (partner, platform) DO UPDATE SET"
        " since = excluded.since, act = excluded.act",
        (number, platform, f"{since}", act),
    )


def partners(tx: Tx) -> list[Partner]:
    """All of them, by number."""
    enrolled: dict[str, dict[str, date]] = {}
    for number, platform, since in tx.execute("SELECT partner, platform, since FROM enrolment"):
        enrolled.setdefault(number, {})[platform] = date.fromisoformat(since)
    return [
        Partner(number, name, role, enrolled.get(number, {}))
        for number, name, role in tx.execute("SELECT number, name, role FROM partner ORDER BY 1")
    ]


def grant(tx: Tx, now_ms: int, who: str, holder: str, product: str, scope: str) -> int:
    """Let a holder see something; return the number of the authorisation. What is granted already
    stays as it is.

    Args:
        product: its number; empty: all of the holder's products.

    Raises:
        PartnerError: no such scope, or no holder.
    """
    require_scopes([scope])
    if not holder:
        raise PartnerError("no holder is named", hint="name who may see it")
    found = tx.execute(
        "SELECT id FROM authorisation WHERE (holder, product, scope) = (?, ?, ?)"
        " AND revoked IS NULL",
        (holder, product, scope),
    ).fetchone()
    if found:
        return int(found[0])
    body = {"holder": holder, "product": product, "scope": scope}
    act = acts.append(tx, now_ms, who, "access.grant", body)
    (number,) = tx.execute(
        "INSERT INTO authorisation (holder, product, scope, granted) VALUES (?, ?, ?, ?)"
        " RETURNING id",
        (holder, product, scope, act),
    ).fetchone()
    return int(number)


def revoke(tx: Tx, now_ms: int, who: str, number: int, words: str) -> None:
    """Take an authorisation back.

    Raises:
        PartnerError: there is none of this number in force.
    """
    found = tx.execute(
        "SELECT 1 FROM authorisation WHERE id = ? AND revoked IS NULL", (number,)
    ).fetchone()
    if not found:
        raise PartnerError(
            f"authorisation {number} is not in force", hint="`scandock access list` shows all"
        )
    act = acts.append(tx, now_ms, who, "access.revoke", {"id": number, "words": words})
    tx.execute("UPDATE authorisation SET revoked = ? WHERE id = ?", (act, number))


def may(tx: Tx, holder: str, product: str, scope: str) -> bool:
    """Say whether a holder may see this of a product. Nothing is allowed that was not granted."""
    found = tx.execute(
        "SELECT 1 FROM authorisation WHERE holder = ? AND product IN ('', ?) AND scope = ?"
        " AND revoked IS NULL",
        (holder, product, scope),
    ).fetchone()
    return found is not None


def authorisations(tx: Tx) -> list[Authorisation]:
    """All that ever were, in the order granted."""
    return [
        Authorisation(*row)
        for row in tx.execute(
            "SELECT id, holder, product, scope, granted, coalesce(revoked, 0) FROM authorisation"
            " ORDER BY id"
        )
    ]
