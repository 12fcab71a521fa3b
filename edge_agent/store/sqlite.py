"""The SQLite file: what it promises, the settings that keep the promise, every BEGIN and COMMIT."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from edge_agent.errors import StoreError, StoreInUse, StoreTrouble
from edge_agent.store import driver, migrate
from edge_agent.store.driver import Connection, Tx

# synchronous = FULL: COMMIT returns after fsync. NORMAL loses acknowledged batches at power loss
# (storage.md: 69 of 100 cuts), and nothing would ever say so.
SETTINGS = {
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "recursive_triggers": 1,  # so that REPLACE meets the ledger's triggers too
    "cache_size": -65536,  # KiB
    "wal_autocheckpoint": 1000,  # pages
    "journal_size_limit": 67108864,  # octets
    "busy_timeout": 5000,  # ms
    "secure_delete": 0,  # switched on by a transaction that erases a person
}


def lock(path: Path) -> IO[bytes]:
    """Keep every other process from writing the store ``path``, until this is closed.

    Raises:
        StoreInUse: another one does so already.
        StoreError: the folder cannot be written.
    """
    try:
        file = path.with_name(path.name + ".lock").open("ab")
    except OSError as error:
        raise StoreError(
            f"{path}: cannot open the store ({error.strerror})",
            hint="store.path must lie in a folder that exists and may be written",
        ) from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise StoreInUse(
            f"{path}: another process writes this store",
            hint="stop the other `scandock agent run`, or give this one its own store.path",
        ) from None
    return file


class Store:
    """Owns the one connection that writes. It does all commits and all checkpoints.

    A block under ``with store.write() as tx:`` is on disk as a whole when the block is left, or
    not at all. Nothing may be acknowledged to a device or a receiver from inside the block.

    One thread at a time uses a store; a lock file keeps a second process out.
    """

    def __init__(self, path: Path, draw_id: Callable[[], bytes]) -> None:
        """
        Args:
            draw_id: returns 16 random octets, by which a new store is told from all others.

        Raises:
            StoreInUse: another process writes it.
        StoreError: cannot be opened, is damaged, or newer than this program.
        """
        self.path = path
        self._lock = lock(path)
        try:
            self._db: Connection = driver.connect(path, read_only=False)
            for name, value in SETTINGS.items():
                self._db.execute(f"PRAGMA {name} = {value}").fetchall()
            # An agent that was killed may have had to empty its log, see _wipe().
            self._db.execute("PRAGMA secure_delete = ON").fetchall()
            with self.write() as tx:
                migrate.migrate(tx)
                tx.execute("INSERT OR IGNORE INTO meta VALUES ('store_id', ?)", (draw_id(),))
        except (driver.Error, StoreTrouble) as error:
            self._lock.close()
            raise StoreError(
                f"{path}: cannot open the store ({error})",
                hint="is the disk full? is it a scandock store? restore a backup if it is damaged",
            ) from error

    @contextmanager
    def write(self) -> Iterator[Tx]:
        """Open a transaction.

        Raises:
            StoreTrouble: nothing was written, and the same may succeed later.
        """
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
                self._wipe()
            except BaseException:
                # A full disk makes SQLite roll back by itself.
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
        except driver.Error as error:
            if trouble := driver.passing_trouble(error):
                raise StoreTrouble(
                    f"{self.path}: {trouble}", hint="free some space; it goes on by itself"
                ) from error
            raise

    def _wipe(self) -> None:
        """After a transaction that switched ``secure_delete`` on, empty the write-ahead log too:
        there is an older state of every page in it. Nobody is waited for: it is tried again after
        each commit until done."""
        if not self._db.execute("PRAGMA secure_delete").fetchone()[0]:
            return
        self._db.execute("PRAGMA busy_timeout = 0").fetchall()
        try:
            busy, *_ = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except driver.Error:
            busy = 1  # what was written is on disk all the same
        self._db.execute(f"PRAGMA busy_timeout = {SETTINGS['busy_timeout']}").fetchall()
        if not busy:
            self._db.execute("PRAGMA secure_delete = OFF").fetchall()

    def settings(self) -> dict[str, object]:
        """Read back what is in force, by the names of ``SETTINGS``."""
        return {name: self._db.execute(f"PRAGMA {name}").fetchone()[0] for name in SETTINGS}

    def close(self) -> None:
        """Checkpoint and close."""
        self._db.close()
        self._lock.close()


@contextmanager
def part(tx: Tx) -> Iterator[None]:
    """A part of a transaction that may fail by itself: then what it wrote is undone, and the rest
    stays. Not so when the store itself fails; then the whole transaction does."""
    tx.execute("SAVEPOINT part")
    try:
        yield
    except driver.Error:
        raise
    except BaseException:
        tx.execute("ROLLBACK TO part")
        tx.execute("RELEASE part")
        raise
    tx.execute("RELEASE part")


class View:
    """A connection that only reads. Any number, in any process, one thread at a time each."""

    def __init__(self, path: Path) -> None:
        """
        Raises:
            StoreError: there is no store, or it is of another version.
        """
        try:
            self._db: Connection = driver.connect(path, read_only=True)
            self._db.execute("PRAGMA busy_timeout = 5000").fetchall()
            found = migrate.version(self._db)
        except driver.Error as error:
            raise StoreError(
                f"{path}: cannot read the store ({error})",
                hint="`scandock agent run` makes it at its first start",
            ) from error
        if found != migrate.newest():
            raise StoreError(
                f"{path}: the store has schema {found}, this program speaks {migrate.newest()}",
                hint="start the agent once; it brings an older store up to date",
            )

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """See one state of the store for the length of a block. Keep it short: while it lasts, the
        write-ahead log cannot be emptied."""
        self._db.execute("BEGIN")
        try:
            yield self._db
        finally:
            self._db.execute("COMMIT")

    def close(self) -> None:
        self._db.close()


def copy(source: Path, target: Path) -> None:
    """Write a store of whatever version, as it is at one moment, into a new file that is on disk
    when this returns. Its owner may be writing it.

    Raises:
        StoreError: ``source`` is no store, or ``target`` cannot be written.
    """
    try:
        db = driver.connect(source, read_only=True)
        try:
            if migrate.version(db) == 0:
                raise StoreError(f"{source}: not a scandock store", hint="name the file of a store")
            target.unlink(missing_ok=True)
            # Unlike a copy of all pages, it leaves out those that hold nothing any more.
            db.execute("VACUUM INTO ?", (str(target),)).fetchall()
        finally:
            db.close()
        for path in (target, target.parent):
            opened = os.open(path, os.O_RDONLY)
            os.fsync(opened)
            os.close(opened)
    except (driver.Error, OSError) as error:
        raise StoreError(
            f"{source}: cannot copy it to {target} ({error})",
            hint="is it a store, and is there room for the copy? a damaged file cannot be copied",
        ) from error


def empty_log(path: Path) -> None:
    """Bring everything in the write-ahead log into the file itself. Only under ``lock``."""
    db = driver.connect(path, read_only=False)
    try:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        db.close()
