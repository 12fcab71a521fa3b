"""A store of any earlier version opens with everything that was in it; killed meanwhile, it is as
it was."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from edge_agent.store import acts, ledger, migrate, verify
from edge_agent.store.driver import Rows, Tx, Value
from edge_agent.store.sqlite import Store, View
from tests.edge_agent.conftest import STORE_ID
from tests.edge_agent.words import BOOT, code, octets, scan

OLD = range(1, migrate.newest())
FIRST = """
INSERT INTO code (key, number, boot, at_ms) VALUES (x'04d1', 1, 1, 1000), (x'04d2', 2, 1, 2000);
INSERT INTO quarantine VALUES (1, 1700000000000, 'scandock/1/demo/cradle-1/up', x'ff', 3, 0);
INSERT INTO receiver VALUES ('erp', 3);
INSERT INTO parcel VALUES ('erp', 1, 2, 5, 1, 1700000000000, 'ref-1');
"""


def scripts_up_to(version: int) -> Callable[[], dict[int, str]]:
    known = {number: text for number, text in migrate._scripts().items() if number <= version}
    return lambda: known


@pytest.fixture(params=OLD)
def old(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store as an earlier program left it, with something in it."""
    path = tmp_path / "scandock.db"
    monkeypatch.setattr(migrate, "_scripts", scripts_up_to(request.param))
    store = Store(path, lambda: STORE_ID)
    with store.write() as tx:
        boot = ledger.new_boot(tx, "cradle-1", BOOT)
        for first in (0, 1):
            body = octets(scan(first, code(first)))
            row = ledger.Row(boot, "cradle-1", BOOT, first, 0, 1_700_000_000_000, body, b"\1\0")
            ledger.append(tx, [row])
        ledger.advance(tx, [(2, boot)])
        for statement in FIRST.strip().splitlines():
            tx.execute(statement)
        if request.param > 1:
            acts.append(tx, 1_700_000_000_000, "Li", "pack.bind", {"parent": "04d3"})
    store.close()
    monkeypatch.undo()
    return path


def content(path: Path, like: dict[str, Any] | None = None) -> dict[str, Any]:
    """Every row of every table; or, of those that ``like`` has, the columns that it has."""
    db = sqlite3.connect(path)
    db.row_factory = sqlite3.Row
    names = [name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    found = {}
    for name in names if like is None else like:
        rows = [dict(row) for row in db.execute(f"SELECT * FROM {name}")]
        if like is not None:
            rows = [
                {column: row[column] for column in before}
                for row, before in zip(rows, like[name], strict=True)
            ]
        found[name] = rows
    (version,) = db.execute("PRAGMA user_version").fetchone()
    db.close()
    return found if like is not None else {**found, "version": version}


def test_an_older_store_opens_with_all_that_was_in_it(old: Path) -> None:
    before = content(old)
    version = before.pop("version")
    assert version < migrate.newest()
    assert sum(map(len, before.values())) >= 9

    Store(old, lambda: b"another").close()

    after = content(old)
    assert after["version"] == migrate.newest()
    assert content(old, before) == before
    view = View(old)
    assert verify.verify(view).finding is None
    view.close()


class Deadly:
    """Kills this process at a statement; a power cut leaves no more time than that."""

    def __init__(self, tx: Tx, left: int) -> None:
        self._tx = tx
        self._left = left

    def execute(self, sql: str, values: Sequence[Value] = (), /) -> Rows:
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1
        return self._tx.execute(sql, values)


def opened_until(path: Path, statement: int) -> bool:
    """Open a store in a process that dies at a statement; say whether it came through."""
    migrating = migrate.migrate
    child = os.fork()
    if child == 0:
        try:
            migrate.migrate = lambda tx: migrating(Deadly(tx, statement))  # type: ignore[arg-type]
            Store(path, lambda: STORE_ID)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFEXITED(status) or os.WTERMSIG(status) == signal.SIGKILL
    return os.WIFEXITED(status)


def test_killed_at_any_statement_it_is_the_old_store_and_opens_the_next_time(
    old: Path, tmp_path: Path
) -> None:
    before = content(old)
    path = tmp_path / "killed.db"
    for statement in itertools.count():
        shutil.copy(old, path)
        if opened_until(path, statement):
            break
        assert content(path) == before, f"killed at statement {statement}"
    assert statement > 2 * (migrate.newest() - before["version"])
    assert content(path)["version"] == migrate.newest()

    Store(path, lambda: STORE_ID).close()
    before.pop("version")
    assert content(path, before) == before
