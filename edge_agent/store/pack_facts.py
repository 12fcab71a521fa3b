"""What is known of a pack itself: level, lot, shape, each from the highest source that spoke of it.

The level of a code whose head the product table knows is the table's; no source is above it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from edge_agent.domain.packs import FILE, SOURCES, TABLE, WHOLE, Problem, fits_ratio
from edge_agent.domain.settling import Claim
from edge_agent.store import lots, packs, products
from edge_agent.store.driver import Tx
from edge_agent.store.keylist import ask


class _Known(NamedTuple):
    """The columns of ``pack``."""

    level: int = 0
    level_by: int = 0
    lot: int = 0
    lot_by: int = 0
    shape: int = WHOLE
    shape_by: int = 0


def learn_facts(
    tx: Tx,
    parent: bytes,
    held: Sequence[bytes],
    source: int,
    said: tuple[int, int, int | None],
) -> tuple[list[Problem], set[bytes]]:
    """Learn what a source says of a pack, before what it holds is believed.

    Args:
        said: level, lot and shape; see ``domain.packs.Statement``.

    Returns:
        what is wrong; and those of ``held`` that cannot be in it, by the product table.
    """
    level, lot, shape = said
    table = products.entries(tx, (parent, *held))
    by_table = {key: entry.level for key, entry in table.items() if entry.level}
    before = _rows(tx, (parent,)).get(parent, _Known())
    problems = []
    known = before
    for number, by in ((by_table.get(parent, 0), TABLE), (level, source)):
        if number and known.level and number != known.level:
            problems.append(
                Problem("two_levels", parent, b"", _both(known.level, known.level_by, number, by))
            )
        if number and (by > known.level_by):
            known = known._replace(level=number, level_by=by)
    if lot and known.lot and lot != known.lot:
        kind = "activated_twice" if source == known.lot_by == FILE else "lot_differs"
        problems.append(Problem(kind, parent, b"", _lot_names(tx, known.lot, lot)))
    if lot and source > known.lot_by:
        known = known._replace(lot=lot, lot_by=source)
    if shape is not None and source >= known.shape_by:
        known = known._replace(shape=shape, shape_by=source)
    _write(tx, {parent: known})
    new = {key: _Known(by_table[key], TABLE) for key in held if by_table.get(key, 0) > 1}
    _write(tx, {key: row for key, row in new.items() if key not in _rows(tx, new)})
    impossible = {
        key for key in held if parent in by_table and by_table.get(key, 0) >= by_table[parent]
    }
    return problems + _levels(tx, parent, held, known.level != before.level, by_table), impossible


def ratio_hint(tx: Tx, parent: bytes) -> list[Problem]:
    """Compare what a pack holds with the ratio of its product; a hint, because what ratios count
    is said nowhere. A hint that holds no longer is forgotten."""
    tx.execute("DELETE FROM pack_problem WHERE key = ? AND kind = 'count'", (parent,))
    entry = products.entries(tx, (parent,)).get(parent)
    pack = packs.packs(tx, (parent,))[parent]
    n = len(packs.children(tx, (parent,)).get(parent, ()))
    if entry is None or not n or pack.shape != WHOLE or fits_ratio(entry.ratio, pack.level, n):
        return []
    return [Problem("count", parent, b"", f"{n} ({entry.ratio})")]


def activated_twice(tx: Tx, pairs: Iterable[tuple[bytes, Claim]]) -> list[Problem]:
    """Of units that relation files put into two packs: those whose two packs are of two lots.

    Args:
        pairs: the pack that was not believed, and the claim that holds.
    """
    problems = []
    for other, claim in pairs:
        rows = _rows(tx, (other, claim.parent))
        numbers = (rows[claim.parent].lot, rows[other].lot)
        if all(numbers) and numbers[0] != numbers[1]:
            names = _lot_names(tx, *numbers)
            problems.append(Problem("activated_twice", claim.child, b"", names))
    return problems


def _levels(
    tx: Tx, parent: bytes, held: Sequence[bytes], is_news: bool, by_table: dict[bytes, int]
) -> list[Problem]:
    """Units whose level is not below that of the pack around them."""
    inside = set(held)
    if is_news:
        inside.update(packs.children(tx, (parent,)).get(parent, ()))
    around = packs.parents(tx, (parent,))
    pairs = [(child, parent) for child in sorted(inside)] + list(around.items())
    rows = _rows(tx, {key for pair in pairs for key in pair})
    level = {key: row.level for key, row in rows.items()} | by_table
    return [
        Problem("wrong_level", child, pack, f"{level[child]} ≥ {level[pack]}")
        for child, pack in pairs
        if level.get(child) and level.get(pack) and level[child] >= level[pack]
    ]


def _rows(tx: Tx, keys: Iterable[bytes]) -> dict[bytes, _Known]:
    return {
        key: _Known(*row)
        for key, *row in ask(
            tx,
            "SELECT key, level, level_by, lot, lot_by, shape, shape_by FROM pack WHERE key IN ({})",
            keys,
        )
    }


def _write(tx: Tx, rows: dict[bytes, _Known]) -> None:
    tx.executemany(
        "INSERT INTO pack (key, n, level, level_by, lot, lot_by, shape, shape_by, said)"
        " VALUES (?, 0, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT (key) DO UPDATE SET"
        " level = excluded.level, level_by = excluded.level_by, lot = excluded.lot,"
        " lot_by = excluded.lot_by, shape = excluded.shape, shape_by = excluded.shape_by",
        [(key, *row) for key, row in sorted(rows.items())],
    )


def _both(first: int, first_by: int, second: int, second_by: int) -> str:
    """Two sayings, the higher rank first."""
    told = sorted(((first_by, first), (second_by, second)), reverse=True)
    return ", ".join(f"{level} ({_name(by)})" for by, level in told)


def _name(source: int) -> str:
    return "table" if source == TABLE else SOURCES[source][0]


def _lot_names(tx: Tx, *numbers: int) -> str:
    found = lots.lots(tx, numbers)
    return ", ".join(
        sorted(f"{found[one].lot} #{one}" if one in found else f"#{one}" for one in numbers)
    )
