"""The store: what it promises is read back, what it forbids is tried, what it cannot do is told."""

from __future__ import annotations

import builtins
import importlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edge_agent.errors import StoreError, StoreTrouble
from edge_agent.store import acts, driver, ledger, migrate, quarantine
from edge_agent.store.quarantine import Outcast
from edge_agent.store.sqlite import SETTINGS, Store, View
from tests.edge_agent.conftest import STORE_ID
from tests.edge_agent.words import accept, arrival, code, octets, scan


@pytest.fixture(params=["apsw", "sqlite3"])
def any_driver(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Both drivers; apsw is missing where the platform has no wheel."""
    if request.param == "sqlite3":
        imported = builtins.__import__

        def without_apsw(name: str, *rest: object) -> object:
            if name == "apsw":
                raise ImportError(name)
            return imported(name, *rest)  # type: ignore[arg-type]

        monkeypatch.setattr(builtins, "__import__", without_apsw)
        importlib.reload(driver)
    yield request.param
    monkeypatch.undo()
    importlib.reload(driver)


def test_commits_reach_the_disk_with_either_driver(any_driver: str, tmp_path: Path) -> None:
    store = Store(tmp_path / "scandock.db", lambda: STORE_ID)

    assert driver.NAME.startswith(any_driver)
    assert store.settings() == SETTINGS
    assert (SETTINGS["journal_mode"], SETTINGS["synchronous"]) == ("wal", 2)

    accept(store, arrival(octets(*[scan(seq, code(seq % 40)) for seq in range(64)])))
    view = View(store.path)
    with view.read() as tx:
        assert ledger.next_number(tx) == 65
        with pytest.raises(driver.Error):
            tx.execute("INSERT INTO receiver VALUES ('erp', 1)")
    view.close()
    store.close()


def test_what_a_failed_transaction_wrote_is_gone(store: Store) -> None:
    def fail_half_way() -> None:
        with store.write() as tx:
            quarantine.keep(tx, [Outcast(0, "t", b"", 1, 0)])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()

    with store.write() as tx:
        assert quarantine.count(tx) == 0


@pytest.mark.requirement("C03", "C04")
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE ledger SET arrived_ms = 0 WHERE number = 1",
        "DELETE FROM ledger WHERE number = 65",
        "DELETE FROM ledger",
        "INSERT OR REPLACE INTO ledger SELECT * FROM ledger WHERE number = 1",
        "INSERT INTO ledger SELECT 130, boot, 0, 0, n, 0, body, rulings, chain FROM ledger",
        "INSERT INTO ledger SELECT 128, boot, 0, 0, n, 0, body, rulings, chain FROM ledger",
        "DELETE FROM quarantine",
        "UPDATE act SET at_ms = 0 WHERE number = 1",
        "DELETE FROM act WHERE number = 2",
        "INSERT OR REPLACE INTO act SELECT * FROM act WHERE number = 1",
        "INSERT INTO act SELECT 4, at_ms, 0, who, what, body, chain FROM act WHERE number = 1",
        "INSERT INTO act SELECT 2, at_ms, 0, who, what, body, chain FROM act WHERE number = 1",
    ],
)
def test_ledger_acts_and_quarantine_only_grow(store: Store, sql: str) -> None:
    for first in (0, 64):
        accept(store, arrival(octets(*[scan(first + i, code(first + i)) for i in range(64)])))
    with store.write() as tx:
        quarantine.keep(tx, [Outcast(0, "t", b"", 1, 0)])
        for number in (1, 2):
            assert acts.append(tx, number, "Li", "pack.bind", {}) == number

    why = r"append-only|numbered through|lost from quarantine"
    with pytest.raises(driver.Error, match=why), store.write() as tx:
        tx.execute(sql)


def test_one_process_at_a_time_writes(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="another process writes this store"):
        Store(store.path, lambda: STORE_ID)

    script = f"""
import pathlib
from edge_agent.store.sqlite import Store
Store(pathlib.Path({str(store.path)!r}), lambda: bytes(16))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert "another process writes this store" in done.stderr


def test_a_store_keeps_its_id(open_store: Callable[[], Store], tmp_path: Path) -> None:
    open_store()
    open_store()
    other = Store(tmp_path / "other.db", lambda: b"x" * 16)
    ids = []
    for store in (open_store(), other):
        with store.write() as tx:
            ids += tx.execute("SELECT value FROM meta WHERE name = 'store_id'").fetchone()
    other.close()

    assert ids == [STORE_ID, b"x" * 16]


def test_every_column_has_the_type_it_says(store: Store) -> None:
    with store.write() as tx:
        tables = tx.execute("SELECT name, strict FROM pragma_table_list WHERE schema = 'main'")
        assert all(strict for name, strict in tables if not name.startswith("sqlite_"))


def test_a_migration_runs_whole_or_not_at_all(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest = migrate.newest()
    more = {
        newest
        + 1: "CREATE TABLE more (id INTEGER) STRICT; CREATE TABLE ledger (id INTEGER) STRICT;\n"
    }
    monkeypatch.setattr(migrate, "_scripts", lambda: more)

    with pytest.raises(driver.Error), store.write() as tx:
        migrate.migrate(tx)

    with store.write() as tx:
        assert migrate.version(tx) == newest
        assert tx.execute("SELECT 1 FROM sqlite_schema WHERE name = 'more'").fetchone() is None


def test_a_newer_store_is_left_alone(open_store: Callable[[], Store]) -> None:
    store = open_store()
    with store.write() as tx:
        tx.execute("PRAGMA user_version = 99")

    for look in (open_store, lambda: View(store.path)):
        with pytest.raises(
            StoreError, match=f"has schema 99, this program speaks {migrate.newest()}"
        ):
            look()


@pytest.mark.parametrize("content", [b"not a database, but long enough to be looked at" * 100])
def test_a_damaged_file_is_told_and_released(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "scandock.db"
    path.write_bytes(content)

    for _ in range(2):
        with pytest.raises(StoreError, match="cannot open the store"):
            Store(path, lambda: STORE_ID)
    assert path.read_bytes() == content


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"cannot open the store \(No such file or directory\)"):
        Store(tmp_path / "nowhere" / "scandock.db", lambda: STORE_ID)
    with pytest.raises(StoreError, match="cannot read the store"):
        View(tmp_path / "scandock.db")


def test_a_locked_file_is_trouble_that_passes(
    open_store: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SETTINGS, "busy_timeout", 1)
    store = open_store()
    other = driver.connect(store.path, read_only=False)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreTrouble, match="busy"), store.write():
        pass
    other.close()

    with store.write() as tx:
        assert quarantine.count(tx) == 0


def test_a_full_disk_is_trouble_that_passes(store: Store) -> None:
    with store.write() as tx:
        tx.execute("PRAGMA max_page_count = 1").fetchall()  # as many as there are

    with pytest.raises(StoreTrouble, match="disk full"), store.write() as tx:
        quarantine.keep(tx, [Outcast(0, "t", bytes(100_000), 1, 0)])

    with store.write() as tx:
        tx.execute("PRAGMA max_page_count = 1000000").fetchall()
        assert quarantine.count(tx) == 0
