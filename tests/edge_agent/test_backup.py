"""A copy is whole however the agent writes meanwhile; a restored store never gives a name twice."""

from __future__ import annotations

import errno
import itertools
import os
import random
import shutil
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from edge_agent import cli, config
from edge_agent.domain import persons as rules
from edge_agent.domain.head import Head
from edge_agent.domain.persons import Person
from edge_agent.errors import StoreError, StoreInUse
from edge_agent.store import acts, anchor, backup, erasures, identity, ledger, outbox, persons
from edge_agent.store import verify as verifying
from edge_agent.store.sqlite import Store, View
from tests.edge_agent.conftest import STORE_ID
from tests.edge_agent.words import accept, arrival, code, octets, scan

NOW = 1_800_000_000_000
KEYS = rules.derived(bytes(32))
draw = random.Random(9).randbytes


def book(store: Store, count: int, each: int = 4) -> None:
    """Book ``count`` batches more."""
    for _ in range(count):
        with store.write() as tx:
            mark = ledger.mark(tx, "cradle-1", b"boot-001")
        first = mark.next_seq if mark else 0
        accept(store, arrival(octets(*[scan(first + i, code(first + i)) for i in range(each)])))


def verified(path: Path, *heads: Head) -> verifying.Report:
    view = View(path)
    report = verifying.verify(view, heads)
    view.close()
    return report


def head(store: Store) -> Head:
    with store.write() as tx:
        return anchor.head(tx, NOW)


@pytest.mark.requirement("C05")
def test_copies_under_load_are_whole_and_each_extends_the_one_before(
    store: Store, tmp_path: Path
) -> None:
    enough = threading.Event()
    book(store, 50, each=64)

    def write() -> None:
        while not enough.is_set():
            book(store, 1, each=64)

    writing = threading.Thread(target=write)
    writing.start()
    copies: list[Path] = []
    looked: list[backup.Copy] = []
    try:
        while len(looked) < 8 or looked[-1] == looked[0]:
            copies.append(tmp_path / f"copy-{len(copies)}.db")
            looked.append(backup.backup(store.path, copies[-1]))
    finally:
        enough.set()
        writing.join()

    records = [copy.report.records for copy in looked]
    assert records == sorted(records)
    heads: list[Head] = []
    for path, copy in zip(copies, looked, strict=True):
        assert verified(path, *heads) == copy.report
        view = View(path)
        with view.read() as tx:
            heads.append(anchor.head(tx, NOW))
        view.close()
    assert verified(store.path, *heads).finding is None


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    folder = tmp_path / "keys"
    folder.mkdir()
    return folder


def restore(store: Path, source: Path, keys: Path) -> tuple[backup.Copy, Path]:
    return backup.restore(store, source, keys, NOW, "Li", draw)


@pytest.fixture
def lost(open_store: Callable[[], Store], tmp_path: Path) -> tuple[Path, Path, Head]:
    """A store that went on after its backup: the store, the backup, and the lost store's head."""
    store = open_store()
    with store.write() as tx:
        outbox.enrol(tx, "erp")
    book(store, 3)
    with store.write() as tx:
        first = outbox.reserve(tx, "erp", 8, NOW)
        assert isinstance(first, outbox.Parcel)
        outbox.settle(tx, first, outbox.WAITING, NOW, "")
    copy = tmp_path / "copy.db"
    backup.backup(store.path, copy)
    book(store, 2)
    last = head(store)
    anchor.keep(anchor.heads_file(store.path), b"a head of the lost store")
    store.close()
    return store.path, copy, last


def test_a_restored_store_goes_on_under_another_id(
    lost: tuple[Path, Path, Head], keys: Path
) -> None:
    path, copy, last = lost

    told, away = restore(path, copy, keys)

    assert (told.report.records, told.report.finding) == (12, None)
    assert verified(away / path.name, last).finding is None  # nothing is thrown away
    assert anchor.lines(away / anchor.heads_file(path).name) == [b"a head of the lost store"]
    assert anchor.lines(anchor.heads_file(path)) == []
    store = Store(path, lambda: b"")
    book(store, 2)
    after = head(store)
    with store.write() as tx:
        assert [identity.store_id(tx, number) == STORE_ID for number in (1, 12, 13, 20)] == [
            True,
            True,
            False,
            False,
        ]
        (chain,) = tx.execute("SELECT chain FROM ledger WHERE number = 5").fetchone()
        (act,) = identity.restores(tx)
        assert (act.record, act.who, act.body["file"]) == (12, "Li", "copy.db")
    store.close()
    assert after.store not in (STORE_ID, last.store)
    assert verified(path, after).finding is None
    finding = verified(path, last).finding
    assert finding is not None
    assert finding.what == f"it is of another store ({STORE_ID.hex()})"
    early = Head(STORE_ID, NOW, 8, chain, 0, acts.GENESIS)
    assert verified(path, early).finding is None
    assert verified(path, early._replace(store=after.store)).finding is not None


def test_no_parcel_has_the_name_of_one_that_was_lost(
    lost: tuple[Path, Path, Head], keys: Path
) -> None:
    path, copy, _ = lost
    restore(path, copy, keys)
    store = Store(path, lambda: b"")
    book(store, 3)

    parcels = []
    with store.write() as tx:
        while isinstance(parcel := outbox.reserve(tx, "erp", 8, NOW), outbox.Parcel):
            parcels.append(parcel)
            outbox.settle(tx, parcel, outbox.DELIVERED, NOW, "")
    store.close()

    old, new = STORE_ID.hex(), parcels[-1].key.partition("-")[0]
    assert [(one.key, one.in_doubt) for one in parcels] == [
        (f"{old}-erp-1-8", True),  # was surely not delivered, as far as the copy knew
        (f"{old}-erp-9-12", True),  # and this may have been, since
        (f"{new}-erp-13-20", False),
        (f"{new}-erp-21-24", False),
    ]
    assert new != old


def test_restored_twice_at_the_same_record_it_has_two_more_ids(
    lost: tuple[Path, Path, Head], keys: Path, tmp_path: Path
) -> None:
    path, copy, _ = lost
    restore(path, copy, keys)
    second = tmp_path / "second.db"
    backup.backup(path, second)
    backup.restore(path, second, keys, NOW + 1, "Li", draw)

    view = View(path)
    with view.read() as tx:
        ids = identity.store_ids(tx, 12)
        assert identity.store_id(tx, 13) == identity.store_id(tx) == ids[-1]
    view.close()
    assert len(set(ids)) == 3


def test_who_was_erased_is_not_brought_back(store: Store, tmp_path: Path, keys: Path) -> None:
    person = Person(2, "E12345678")
    with store.write() as tx:
        persons.hand(tx, NOW, "Li", KEYS, person, [b"k"], "", draw)
    copy = tmp_path / "copy.db"
    backup.backup(store.path, copy)
    with store.write() as tx:
        erased = persons.erase(tx, NOW, "Li", KEYS, person)
        assert erased is not None
    erasures.note(keys, erased)
    store.close()

    restore(store.path, copy, keys)

    again = Store(store.path, lambda: b"")
    with again.write() as tx:
        assert persons.count(tx) == 0
        assert [one.person for one in persons.recipients(tx, NOW, "Li", KEYS, [b"k"])] == [None]
    again.close()
    assert verified(store.path).finding is None


def test_nothing_is_restored_while_an_agent_runs(store: Store, tmp_path: Path, keys: Path) -> None:
    book(store, 1)
    backup.backup(store.path, tmp_path / "copy.db")
    book(store, 1)
    with pytest.raises(StoreInUse):
        restore(store.path, tmp_path / "copy.db", keys)
    assert verified(store.path).records == 8
    assert backup.check(store.path, tmp_path / "copy.db").report.records == 4


def spoil_a_body(path: Path) -> None:
    db = sqlite3.connect(path)
    for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        db.execute(f"DROP TRIGGER {name}")
    db.execute("UPDATE ledger SET body = x'00' WHERE number = 5")
    db.commit()
    db.close()


def spoil_a_page(path: Path) -> None:
    octets = bytearray(path.read_bytes())
    for at in range(4096, len(octets)):
        octets[at] ^= 0x55
    path.write_bytes(octets)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def remove(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("spoil", [spoil_a_body, spoil_a_page, empty, remove])
def test_a_spoiled_copy_is_refused_and_changes_nothing(
    lost: tuple[Path, Path, Head], keys: Path, spoil: Callable[[Path], None]
) -> None:
    path, copy, last = lost
    spoil(copy)
    before = sorted(path.parent.iterdir())

    with pytest.raises(StoreError):
        restore(path, copy, keys)

    assert sorted(path.parent.iterdir()) == before
    assert verified(path, last).finding is None


def test_a_copy_without_room_leaves_nothing(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot copy it"):
        backup.backup(store.path, tmp_path / "nowhere" / "copy.db")
    (tmp_path / "there.db").touch()
    with pytest.raises(StoreError, match="is there already"):
        backup.backup(store.path, tmp_path / "there.db")


def test_hindered_at_any_step_it_leaves_the_old_store_or_the_new_one(
    lost: tuple[Path, Path, Head], keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, copy, _ = lost
    # As an agent leaves it that was killed: a part of it is in the log only.
    store = Store(path, lambda: b"")
    book(store, 1)
    last = head(store)
    left = {one: one.read_bytes() for one in (path, path.with_name(path.name + "-wal"))}
    store.close()
    outcomes = set()
    for steps in itertools.count():
        for old in path.parent.glob(f"{path.name}*"):
            shutil.rmtree(old) if old.is_dir() else old.unlink()
        for old, content in left.items():
            old.write_bytes(content)
        with monkeypatch.context() as patched:
            hinder(patched, steps)
            try:
                restore(path, copy, keys)
            except StoreError:
                restored = False
            else:
                restored = True
        outcomes.add(restored)
        assert verified(path, *([] if restored else [last])).finding is None
        assert verified(path).records == (12 if restored else 24)
        if restored:
            break
    assert outcomes == {True, False}


def hinder(patched: pytest.MonkeyPatch, steps: int) -> None:
    """Let the system refuse to link, move or remove a file after so many steps."""
    left = [steps]
    for name in ("link", "rename", "mkdir"):
        call = getattr(os, name)

        def counted(*values: Any, call: Callable[..., None] = call, **options: Any) -> None:
            if left[0] == 0:
                raise OSError(errno.EIO, "no")
            left[0] -= 1
            call(*values, **options)

        patched.setattr(os, name, counted)


# The commands.


def scandock(*words: str | Path) -> Result:
    return CliRunner().invoke(cli.main, [str(word) for word in words])


@pytest.mark.requirement("C05")
def test_backup_and_restore_commands(tmp_path: Path) -> None:
    assert scandock("agent", "init", tmp_path / "agent").exit_code == 0
    settings = tmp_path / "agent" / "agent.toml"
    path = config.load(settings).store.path
    store = Store(path, lambda: STORE_ID)
    book(store, 2)
    where = ("-c", settings)
    folder = tmp_path / "copies"
    folder.mkdir()

    done = scandock("ledger", "backup", *where, folder)
    (copy,) = folder.iterdir()
    assert (done.exit_code, done.output) == (0, f"{copy}: whole, up to record 8 and act 0\n")
    refused = scandock("ledger", "restore", *where, copy)
    assert (refused.exit_code, "another process writes" in refused.output) == (2, True)
    checked = scandock("ledger", "restore", "--check", *where, copy)
    assert checked.exit_code == 0
    assert "whole, up to record 8 and act 0\n  the newest of it is of 2023-11-14T" in checked.output

    store.close()
    path.unlink()
    assert scandock("ledger", "restore", *where, copy).exit_code == 0
    told = scandock("ledger", "verify", *where)
    assert told.exit_code == 0
    assert "restored from a backup at" in told.output

    shutil.copy(copy, folder / "bad.db")
    spoil_a_body(folder / "bad.db")
    checked = scandock("ledger", "restore", "--check", *where, folder / "bad.db")
    assert (checked.exit_code, "record 5: its link does not fit" in checked.output) == (1, True)
