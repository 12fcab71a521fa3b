"""What is packed in what, as it stands now: trees kept once, asked in batches. Reads only.

``store.packing`` writes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from edge_agent.domain import states
from edge_agent.domain.model import Unit
from edge_agent.domain.packs import SPLIT, TABLE, Pack, Problem
from edge_agent.store import codes, sayings
from edge_agent.store.driver import Tx
from edge_agent.store.keylist import ask, unpacked
from edge_agent.store.sayings import Filed

_LOWEST_HOLDER = 2
_STRETCH = 256
_MOVED = f"state NOT IN ({', '.join(map(str, sorted(states.HERE)))})"
_CROWD = "SELECT count(*) FROM (SELECT 1 FROM code WHERE key BETWEEN ? AND ? LIMIT ?)"
_BETWEEN = f"SELECT key FROM code WHERE key BETWEEN ? AND ? AND {_MOVED}"
_AMONG = f"SELECT key FROM code WHERE key IN ({{}}) AND {_MOVED}"


def parents(tx: Tx, keys: Iterable[bytes]) -> dict[bytes, bytes]:
    """Return the pack that each of ``keys`` is in directly; only of those that are in one."""
    return dict(ask(tx, "SELECT child, parent FROM link WHERE child IN ({})", keys))


def ancestors(tx: Tx, keys: Iterable[bytes]) -> dict[bytes, tuple[bytes, ...]]:
    """Return the packs around each of ``keys``, nearest first; only of those that are in one."""
    asked = set(keys)
    above: dict[bytes, bytes] = {}
    open_ = asked
    while open_:
        found = parents(tx, open_)
        above.update(found)
        open_ = set(found.values()) - above.keys()
    lines = {}
    for key in asked & above.keys():
        line = [above[key]]
        while line[-1] in above:
            line.append(above[line[-1]])
        lines[key] = tuple(line)
    return lines


def children(tx: Tx, parents: Iterable[bytes]) -> dict[bytes, tuple[bytes, ...]]:
    """Return what each of ``parents`` holds directly, in order; only of those that hold any."""
    found = {}
    for key, listed in ask(
        tx,
        "SELECT p.key, coalesce(p.children, s.children) FROM pack p"
        " LEFT JOIN pack_saying s ON s.number = p.said WHERE p.key IN ({})",
        parents,
    ):
        if listed is not None and (held := unpacked(listed)):
            found[key] = tuple(held)
    return found


def descendants(tx: Tx, key: bytes) -> list[bytes]:
    """Return everything in ``key``, level by level from the top."""
    found: list[bytes] = []
    level: Iterable[bytes] = (key,)
    while level:
        level = [one for held in children(tx, level).values() for one in held]
        found += level
    return found


def packs(tx: Tx, keys: Iterable[bytes]) -> dict[bytes, Pack]:
    """Return those of ``keys`` that hold something, or that a source gave a level above the
    smallest."""
    return {
        key: Pack(key, level, n, lot, max(one for one in (0, *by) if one < TABLE), shape)
        for key, level, n, lot, shape, *by in ask(
            tx,
            "SELECT key, level, n, lot, shape, level_by, lot_by, shape_by FROM pack"
            " WHERE key IN ({})",
            keys,
        )
    }


def left(tx: Tx, key: bytes) -> list[bytes]:
    """Return the smallest packs that are left in ``key``: those that did not leave by themselves,
    or in a pack that did. What was booked of ``key`` as a whole plays no part.

    Of a pack that was split, nothing smaller than it is counted; asked for itself, its parts are.
    """
    smallest: list[bytes] = []
    levels = {key: pack.level for key, pack in packs(tx, (key,)).items()}
    while levels:
        held = children(tx, levels)
        gone = _away(tx, (child for inside in held.values() for child in inside))
        open_: list[bytes] = []
        for holder, inside in held.items():
            # What is in a pack of level 2 needs no look: it is smallest.
            side = smallest if levels[holder] == _LOWEST_HOLDER else open_
            side += [child for child in inside if child not in gone]
        of = packs(tx, open_)
        levels = {one: pack.level for one, pack in of.items() if pack.shape != SPLIT}
        smallest += [child for child in open_ if child not in levels]
    return smallest


def where(tx: Tx, key: bytes) -> Unit | None:
    """Return what was booked last: of ``key`` itself, or of a pack around it; None if nothing."""
    line = (key, *ancestors(tx, (key,)).get(key, ()))
    return max(
        codes.units(tx, line).values(), key=lambda unit: unit.booked or unit.number, default=None
    )


def keys_of_lot(tx: Tx, lot: int) -> Iterator[bytes]:
    """Yield every pack that a source says is of this lot, and all that is in it."""
    for (key,) in tx.execute("SELECT key FROM pack WHERE lot = ? AND lot > 0", (lot,)).fetchall():
        yield key
        yield from descendants(tx, key)


def disputed(tx: Tx, keys: Iterable[bytes]) -> set[bytes]:
    """Return those of ``keys`` about which sources contradict each other as it stands: what is
    around it, or what is in it."""
    asked = set(keys)
    sides = (f"SELECT {side} FROM pack_problem WHERE source > 0 AND {side} IN" for side in _SIDES)
    return {key for sql in sides for (key,) in ask(tx, sql + " ({})", asked)}


def problems(tx: Tx, key: bytes | None = None, *, standing: bool = False) -> list[Problem]:
    """Return what was ever wrong, oldest first; of one unit or pack, or of all.

    Args:
        standing: only claims that lost, and stand against what holds.
    """
    return [
        Problem(*row)
        for row in tx.execute(
            "SELECT kind, key, other, detail FROM pack_problem"
            " WHERE (?1 IS NULL OR key = ?1 OR other = ?1) AND source >= ?2 ORDER BY act, key",
            (key, int(standing)),
        )
    ]


def history(tx: Tx, key: bytes) -> list[Filed]:
    """Return everything that was said about a pack or unit, under all codes it ever had, in order:
    what it holds or held, what it is or was in, and its replacement."""
    names = [key]
    while row := tx.execute("SELECT old FROM replaced WHERE new = ?", names[-1:]).fetchone():
        names.append(row[0])
    around = "SELECT parent FROM link WHERE child = ?1 UNION SELECT parent FROM parted"
    around += " WHERE child = ?1 UNION SELECT other FROM pack_problem WHERE key = ?1"
    found = set()
    for name in names:
        near = {one for (one,) in tx.execute(around, (name,))}
        near |= {one for (one,) in tx.execute(around, (key,))}
        found |= set(sayings.about(tx, {name, *near}, name))
    return sorted(found)


_SIDES = ("key", "other")


def _away(tx: Tx, keys: Iterable[bytes]) -> set[bytes]:
    """Those of ``keys`` that were themselves booked out of our hands.

    Codes of one pack are neighbours as a rule, so a stretch of the table is read as a whole, which
    takes a tenth of the time; where many others stand between them, they are asked for one by one.
    """
    asked = sorted(keys)
    away: set[bytes] = set()
    for at in range(0, len(asked), _STRETCH):
        some = asked[at : at + _STRETCH]
        most = 2 * len(some)
        (crowd,) = tx.execute(_CROWD, (some[0], some[-1], most + 1)).fetchone()
        if crowd <= most:
            found: Iterable[Any] = tx.execute(_BETWEEN, (some[0], some[-1]))
        else:
            found = ask(tx, _AMONG, some)
        away.update(key for (key,) in found)
    return away.intersection(asked)
