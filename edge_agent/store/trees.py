"""Changes the rows of trees and of claims that lost, for ``store.packing``; decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from edge_agent.domain.packs import SPLIT, Problem
from edge_agent.domain.settling import Claim
from edge_agent.store import packs
from edge_agent.store.driver import Tx
from edge_agent.store.keylist import ask, packed
from edge_agent.store.sayings import Filed


def hang(tx: Tx, claims: Sequence[Claim], filed: Filed) -> None:
    """Put units that are in nothing into one pack, which ``filed`` speaks of."""
    if not claims:
        return
    _link(tx, claims)
    parent = claims[0].parent
    held = {claim.child for claim in claims} | set(packs.children(tx, (parent,)).get(parent, ()))
    if held == set(filed.saying.children):
        # The list stands in the saying already.
        tx.execute(
            "UPDATE pack SET said = ?, children = NULL WHERE key = ?", (filed.number, parent)
        )
    else:
        _list(tx, parent, held)


def confirm(tx: Tx, parent: bytes, held: Sequence[bytes], source: int) -> None:
    """Note that a source says of units in ``parent`` what is known already."""
    tx.executemany(
        "UPDATE link SET source = max(source, ?) WHERE child = ? AND parent = ?",
        [(source, child, parent) for child in held],
    )


def cut(tx: Tx, parent: bytes, gone: Sequence[bytes]) -> None:
    """Take units out of ``parent``, which holds them."""
    if gone:
        tx.executemany("DELETE FROM link WHERE child = ?", [(child,) for child in gone])
        _list(tx, parent, set(packs.children(tx, (parent,)).get(parent, ())) - set(gone))


def change(tx: Tx, before: Mapping[bytes, Claim], after: Mapping[bytes, Claim]) -> None:
    """Make the claims of ``before``, which hold now, those of ``after``."""
    gone = [one for one in before.values() if one.parent != _parent(after, one.child)]
    come = [one for one in after.values() if one.parent != _parent(before, one.child)]
    tx.executemany("DELETE FROM link WHERE child = ?", [(one.child,) for one in gone])
    _link(tx, [one for one in after.values() if one != before.get(one.child)])
    touched = {one.parent for one in (*gone, *come)}
    lists = {key: set(held) for key, held in packs.children(tx, touched).items()}
    for claim in gone:
        lists[claim.parent].remove(claim.child)
    for claim in come:
        lists.setdefault(claim.parent, set()).add(claim.child)
    for parent in sorted(lists):
        _list(tx, parent, lists[parent])
    recount(tx, touched)


def recount(tx: Tx, keys: Iterable[bytes]) -> None:
    """Count the smallest packs in ``keys`` anew, and in all that is around them."""
    asked = set(keys)
    every = packs.packs(tx, asked.union(*packs.ancestors(tx, asked).values()))
    above = packs.ancestors(tx, every)
    for key in sorted(every, key=lambda key: -len(above.get(key, ()))):
        pack = every[key]
        held = packs.children(tx, (key,)).get(key, ())
        inner = packs.packs(tx, held)
        n = sum(inner[child].n if child in inner else 1 for child in held)
        if pack.level == 1 or pack.shape == SPLIT:
            n = 1
        if n != pack.n:
            tx.execute("UPDATE pack SET n = ? WHERE key = ?", (n, key))


def rename(tx: Tx, old: bytes, new: bytes) -> None:
    """Give a unit another key, wherever it stands."""
    around = packs.parents(tx, (old,)).get(old)
    inside = packs.children(tx, (old,)).get(old, ())
    if around is not None:
        held = set(packs.children(tx, (around,))[around])
        tx.execute("UPDATE link SET child = ? WHERE child = ?", (new, old))
        _list(tx, around, held - {old} | {new})
    tx.execute("UPDATE pack SET key = ? WHERE key = ?", (new, old))
    tx.executemany("UPDATE link SET parent = ? WHERE child = ?", [(new, one) for one in inside])
    for table, column, only in (
        ("parted", "child", ""),
        ("parted", "parent", ""),
        ("pack_problem", "key", " AND source > 0"),
        ("pack_problem", "other", " AND source > 0"),
    ):
        tx.execute(
            f"UPDATE OR REPLACE {table} SET {column} = ? WHERE {column} = ?{only}", (new, old)
        )


def is_known(tx: Tx, key: bytes) -> bool:
    """Say whether a code stands for something in a tree, or ever was or became another one."""
    return bool(
        tx.execute(
            "SELECT EXISTS (SELECT 1 FROM link WHERE child = ?1)"
            " OR EXISTS (SELECT 1 FROM pack WHERE key = ?1)"
            " OR EXISTS (SELECT 1 FROM replaced WHERE old = ?1)"
            " OR EXISTS (SELECT 1 FROM replaced WHERE new = ?1)",
            (key,),
        ).fetchone()[0]
    )


def has_claims(tx: Tx) -> bool:
    """Say whether there is any claim that lost and stands."""
    row = tx.execute("SELECT 1 FROM pack_problem WHERE source > 0 LIMIT 1").fetchone()
    return row is not None


def claims(tx: Tx, keys: Iterable[bytes]) -> list[Claim]:
    """Return the claims that lost and stand, of or against ``keys``, in the order they came."""
    asked = set(keys)
    found = set()
    for side in ("key", "other"):
        sql = f"SELECT act, key, other, source FROM pack_problem WHERE source > 0 AND {side} IN"
        found |= {tuple(row) for row in ask(tx, sql + " ({})", asked)}
    return [Claim(*row[1:]) for row in sorted(found)]


def component(tx: Tx, near: Iterable[bytes]) -> tuple[dict[bytes, Claim], list[Claim]]:
    """Return all claims that hang together with ``near``: those that hold by child, and those that
    lost and stand."""
    holds: dict[bytes, Claim] = {}
    lost: dict[Claim, None] = {}
    seen: set[bytes] = set()
    open_ = set(near)
    while open_:
        seen |= open_
        found = [
            Claim(*row)
            for row in ask(tx, "SELECT child, parent, source FROM link WHERE child IN ({})", open_)
        ]
        holds.update((claim.child, claim) for claim in found)
        others = claims(tx, open_)
        lost.update(dict.fromkeys(others))
        found += others
        open_ = {key for held in packs.children(tx, open_).values() for key in held}
        open_ |= {key for claim in found for key in claim[:2]}
        open_ -= seen
    return holds, list(lost)


def note(tx: Tx, act: int, problems: Iterable[Problem]) -> None:
    """Write down what is wrong. What was wrong before in the same way keeps its act."""
    tx.executemany(
        "INSERT INTO pack_problem VALUES (?, ?, ?, ?, ?, 0)"
        " ON CONFLICT (key, other, kind) DO UPDATE SET detail = excluded.detail",
        [(one.key, one.other, one.kind, one.detail, act) for one in problems],
    )


def note_lost(tx: Tx, act: int, lost: Iterable[tuple[Claim, str]]) -> None:
    """Write down claims that lost and stand."""
    tx.executemany(
        "INSERT INTO pack_problem VALUES (?, ?, ?, '', ?, ?)"
        " ON CONFLICT (key, other, kind) DO UPDATE SET source = excluded.source",
        [(claim.child, claim.parent, kind, act, claim.source) for claim, kind in lost],
    )


def _link(tx: Tx, claims: Iterable[Claim]) -> None:
    tx.executemany("INSERT OR REPLACE INTO link VALUES (?, ?, ?)", sorted(claims))


def _list(tx: Tx, parent: bytes, held: Iterable[bytes]) -> None:
    tx.execute("UPDATE pack SET children = ? WHERE key = ?", (packed(held), parent))


def _parent(claims: Mapping[bytes, Claim], child: bytes) -> bytes:
    claim = claims.get(child)
    return claim.parent if claim else b""
