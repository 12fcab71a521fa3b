"""Writes what is packed in what: statements of sources, and orders of people.

A statement is taken as far as nothing of a higher rank is against it; what lost is a problem, and
holds as soon as what beat it is gone. An order changes the facts: what was taken out by hand comes
back by hand only. Each call files one act with everything that was said (store.sayings).

Only trees that are in dispute are settled anew as a whole (domain.settling); a statement that
contradicts nothing is simply added, which comes to the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from edge_agent.domain.packs import (
    DEEPEST,
    OWN,
    PLATFORM,
    SOURCES,
    SPLIT,
    Problem,
    Statement,
)
from edge_agent.domain.settling import Claim, settle
from edge_agent.domain.states import REPLACED
from edge_agent.store import codes, packs, sayings, trees
from edge_agent.store.driver import Tx
from edge_agent.store.keylist import ask
from edge_agent.store.pack_facts import activated_twice, learn_facts, ratio_hint
from edge_agent.store.sayings import BIND, REPLACE, UNBIND, Filed, Saying


def bind(
    tx: Tx,
    now_ms: int,
    who: str,
    parent: bytes,
    children: Iterable[bytes],
    *,
    level: int = 0,
    lot: int = 0,
    source: int = OWN,
    shape: int | None = None,
) -> list[Problem]:
    """Take the statement that ``children`` are in ``parent``, directly.

    Args:
        level, lot, shape: of ``parent``; see ``domain.packs.Statement``.
        source: of ``domain.packs.SOURCES``.

    Returns:
        what is wrong with it, and with what it came up against.
    """
    statement = Statement(parent, tuple(children), level, lot, shape)
    return take(tx, now_ms, who, [statement], source, "pack.bind", {})


def take(
    tx: Tx,
    now_ms: int,
    who: str,
    statements: Sequence[Statement],
    source: int,
    what: str,
    body: dict[str, Any],
) -> list[Problem]:
    """Take several statements of one source as one act ``what`` with ``body``."""
    said = [
        Saying(
            BIND, source, one.parent, one.level, one.lot, one.shape, tuple(sorted({*one.children}))
        )
        for one in statements
    ]
    return _file(tx, now_ms, who, what, {"source": SOURCES[source][0]} | body, said)


def unbind(
    tx: Tx, now_ms: int, who: str, parent: bytes, children: Iterable[bytes] = ()
) -> list[Problem]:
    """Take ``children`` out of ``parent``, or everything; by hand, and that stays so."""
    out = tuple(sorted({*children})) or packs.children(tx, _present(tx, (parent,))).get(parent, ())
    return _file(tx, now_ms, who, "pack.unbind", {}, [_order(UNBIND, parent, out)])


def rebox(tx: Tx, now_ms: int, who: str, parent: bytes, children: Iterable[bytes]) -> list[Problem]:
    """Put ``children`` into ``parent``, out of whatever they are in; by hand, as one act."""
    (goal,), moved = _present(tx, (parent,)), _present(tx, sorted({*children}))
    sources: dict[bytes, list[bytes]] = {}
    for child, before in packs.parents(tx, moved).items():
        if before != goal:
            sources.setdefault(before, []).append(child)
    said = [_order(UNBIND, before, out) for before, out in sorted(sources.items())]
    return _file(tx, now_ms, who, "pack.rebox", {}, [*said, _order(BIND, goal, moved)])


def split(tx: Tx, now_ms: int, who: str, parent: bytes, children: Iterable[bytes]) -> list[Problem]:
    """Make codes that the platform gave for parts of ``parent``, a smallest pack, its children."""
    statement = Statement(parent, tuple(children), level=1, shape=SPLIT)
    return take(tx, now_ms, who, [statement], PLATFORM, "pack.split", {})


def replace(tx: Tx, now_ms: int, who: str, old: bytes, new: bytes) -> list[Problem]:
    """Give the unit ``old`` the code ``new``, in every pack and with all it holds.

    Whoever says ``old`` from now on means ``new``. Nothing is done if ``new`` is in use already.
    """
    return _file(tx, now_ms, who, "pack.replace", {}, [_order(REPLACE, old, (new,))])


def follow(tx: Tx, filed: Filed) -> list[Problem]:
    """Do what a saying says. Following all of them in order makes the present state again."""
    saying = filed.saying
    if saying.verb == BIND:
        return _bind(tx, filed)
    if saying.verb == UNBIND:
        return _unbind(tx, filed.act, saying.parent, saying.children)
    return _replace(tx, filed.act, saying.parent, saying.children[0])


def _file(
    tx: Tx, now_ms: int, who: str, what: str, body: dict[str, Any], said: Sequence[Saying]
) -> list[Problem]:
    filed = sayings.file(tx, now_ms, who, what, body, said)
    return [problem for one in filed for problem in follow(tx, one)]


def _order(verb: int, parent: bytes, children: Iterable[bytes]) -> Saying:
    return Saying(verb, OWN, parent, 0, 0, None, tuple(sorted(children)))


def _bind(tx: Tx, filed: Filed) -> list[Problem]:
    saying = filed.saying
    (parent,) = _present(tx, (saying.parent,))
    held = _present(tx, saying.children)
    source = saying.source
    problems, impossible = learn_facts(
        tx, parent, held, source, (saying.level, saying.lot, saying.shape)
    )
    held = [child for child in held if child not in impossible]
    if source == OWN:
        tx.executemany(
            "DELETE FROM parted WHERE child = ? AND parent = ?", [(one, parent) for one in held]
        )
    else:
        for child in sorted(_parted(tx, parent, held)):
            problems.append(Problem("parted", child, parent))
            held.remove(child)
    before = packs.parents(tx, held)
    new = [Claim(child, parent, source) for child in held]
    if _is_plain(tx, parent, held, before):
        trees.confirm(tx, parent, [child for child in held if child in before], source)
        trees.hang(tx, [claim for claim in new if claim.child not in before], filed)
    else:
        problems += _settle(tx, filed.act, new)
    trees.recount(tx, (parent, *held))
    problems += ratio_hint(tx, parent)
    trees.note(tx, filed.act, problems)
    return problems


def _unbind(tx: Tx, act: int, parent: bytes, out: Sequence[bytes]) -> list[Problem]:
    (parent,) = _present(tx, (parent,))
    out = _present(tx, out)
    inside = packs.parents(tx, out)
    problems = [
        Problem("not_inside", child, parent) for child in out if inside.get(child) != parent
    ]
    gone = [child for child in out if inside.get(child) == parent]
    for child in gone:
        # Whoever said something else of it spoke before it was taken out, too.
        others = [claim.parent for claim in trees.claims(tx, (child,)) if claim.child == child]
        tx.executemany(
            "INSERT OR REPLACE INTO parted VALUES (?, ?, ?)",
            [(child, one, act) for one in (parent, *others)],
        )
        tx.execute("UPDATE pack_problem SET source = 0 WHERE key = ? AND source > 0", (child,))
    trees.cut(tx, parent, gone)
    trees.recount(tx, (parent,))
    problems += _settle(tx, act, [], around=(parent, *gone))
    trees.note(tx, act, problems)
    return problems


def _replace(tx: Tx, act: int, old: bytes, new: bytes) -> list[Problem]:
    (old,) = _present(tx, (old,))
    if old == new or trees.is_known(tx, new):
        problem = Problem("known_code", new, old)
        trees.note(tx, act, [problem])
        return [problem]
    trees.rename(tx, old, new)
    tx.execute("INSERT INTO replaced VALUES (?, ?, ?)", (old, new, act))
    if unit := codes.units(tx, (old,)).get(old):
        codes.write(tx, [unit._replace(state=REPLACED)])
    return []


def _is_plain(tx: Tx, parent: bytes, held: Sequence[bytes], before: dict[bytes, bytes]) -> bool:
    """Whether nothing speaks against it, and nothing that lost is near."""
    if any(before.get(child, parent) != parent for child in held) or parent in held:
        return False
    above = packs.ancestors(tx, (parent,)).get(parent, ())
    below: list[bytes] = []
    level: Sequence[bytes] = held
    height = 0
    while level:
        below += level
        height += 1
        level = [one for some in packs.children(tx, level).values() for one in some]
        if height > DEEPEST:
            return False
    line = {parent, *above}
    if len(line) + height > DEEPEST or not line.isdisjoint(below):
        return False
    return not trees.has_claims(tx) or not trees.claims(tx, (*line, *below))


def _settle(tx: Tx, act: int, new: Sequence[Claim], around: Iterable[bytes] = ()) -> list[Problem]:
    """Settle everything that hangs together with ``new`` or ``around``; return what lost now."""
    if not new and not trees.has_claims(tx):
        return []
    near = {key for claim in new for key in claim[:2]} | set(around)
    standing, doubted = trees.component(tx, near)
    claims: dict[tuple[bytes, bytes], Claim] = {}
    for claim in (*standing.values(), *doubted, *new):
        known = claims.get(claim[:2])
        if known is None or known.source < claim.source:
            claims[claim[:2]] = claim
    holds, lost = settle(claims.values())
    trees.change(tx, standing, holds)
    tx.executemany(
        "UPDATE pack_problem SET source = 0 WHERE key = ? AND other = ?",
        [claim[:2] for claim in doubted],
    )
    trees.note_lost(tx, act, lost)
    old_news = {claim[:2] for claim in doubted} - {claim[:2] for claim in new}
    fresh = [(claim, kind) for claim, kind in lost if claim[:2] not in old_news]
    return [Problem(kind, claim.child, claim.parent) for claim, kind in fresh] + activated_twice(
        tx, [(claim.parent, holds[claim.child]) for claim, kind in fresh if kind == "same_code"]
    )


def _present(tx: Tx, keys: Sequence[bytes]) -> list[bytes]:
    """``keys``, those that were replaced by what replaced them."""
    if tx.execute("SELECT 1 FROM replaced LIMIT 1").fetchone() is None:
        return list(keys)
    names = {key: key for key in keys}
    open_ = set(keys)
    while open_:
        by = dict(ask(tx, "SELECT old, new FROM replaced WHERE old IN ({})", open_))
        names = {key: by.get(name, name) for key, name in names.items()}
        open_ = set(by.values())
    return list(dict.fromkeys(names[key] for key in keys))


def _parted(tx: Tx, parent: bytes, held: Sequence[bytes]) -> set[bytes]:
    rows = ask(tx, "SELECT child, parent FROM parted WHERE child IN ({})", held)
    return {child for child, one in rows if one == parent}
