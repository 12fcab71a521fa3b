"""Copies of the store: made while the agent writes, looked at, put in the place of a lost store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from edge_agent.errors import StoreError
from edge_agent.store import (
    acts,
    anchor,
    driver,
    erasures,
    identity,
    ledger,
    outbox,
    persons,
    sqlite,
)
from edge_agent.store.keys import sync_folder
from edge_agent.store.sqlite import Store, View, lock
from edge_agent.store.verify import Report, verify


class Copy(NamedTuple):
    """A copy that was looked at.

    Attributes:
        newest_ms: of the newest record or act in it, UTC, milliseconds since 1970; 0 if empty.
    """

    report: Report
    newest_ms: int


def backup(store: Path, target: Path) -> Copy:
    """Write a copy of ``store`` to ``target``, which is there when it is whole, and not before.

    The agent may be running: the copy is of one moment, and only keeps the write-ahead log from
    being emptied meanwhile. Free space and what was erased are not copied.

    Raises:
        StoreError: ``target`` is there, cannot be written, or the copy is not whole.
    """
    part = target.with_name(target.name + ".part")
    if target.exists():
        raise StoreError(f"{target}: is there already", hint="name a file that is not, or a folder")
    try:
        sqlite.copy(store, part)
        copy = _looked_at(part)
        if copy.report.finding is not None:
            place, what = copy.report.finding
            raise StoreError(
                f"{target}: the copy is not whole: {place}: {what}",
                hint="see what `scandock ledger verify` says of the store itself",
            )
        part.rename(target)
        sync_folder(target.parent)
    finally:
        part.unlink(missing_ok=True)
    return copy


def check(store: Path, source: Path) -> Copy:
    """Say whether the copy ``source`` could be put in the place of ``store``: bring a copy of it
    up to date beside the store, and walk it.

    Raises:
        StoreError: it cannot be read, or is newer than this program.
    """
    with _beside(store, source) as trial:
        Store(trial, lambda: b"").close()
        return _looked_at(trial)


def restore(
    store: Path, source: Path, keys: Path, now_ms: int, who: str, draw: Callable[[int], bytes]
) -> tuple[Copy, Path]:
    """Put the copy ``source`` in the place of ``store``, of which no agent may be running.

    The store gets a new id, so that no name of a parcel or record is ever given twice. What the
    lost store may have told receivers since the copy was made is in doubt, and is asked for.

    Args:
        keys: folder with the list of persons who were erased; they are erased again.
        draw: returns so many random octets.

    Returns:
        what was restored, and the folder to which the files that were there have been moved.

    Raises:
        StoreInUse: an agent is running.
        StoreError: the copy is not whole, or a file cannot be moved.
    """
    with lock(store), _beside(store, source) as new:
        fresh = Store(new, lambda: b"")
        try:
            copy = _looked_at(new)
            if copy.report.finding is not None:
                place, what = copy.report.finding
                raise StoreError(
                    f"{source}: not whole: {place}: {what}",
                    hint="take another backup; nothing was changed",
                )
            with fresh.write() as tx:
                told = {"store": draw(16).hex(), "file": source.name}
                acts.append(tx, now_ms, who, identity.RESTORED, told)
                outbox.doubt(tx)
                persons.erase_ids(tx, now_ms, who, erasures.ids(keys))
        finally:
            fresh.close()
        try:
            return copy, _exchange(store, new, now_ms)
        except OSError as error:
            raise StoreError(
                f"{store}: cannot move the old files away ({error.strerror})",
                hint="look into the folder of the store; nothing was deleted",
            ) from error


def _exchange(store: Path, new: Path, now_ms: int) -> Path:
    """Keep what is there in a folder of its own, and move ``new`` to its place. Killed at any step,
    it leaves the old store or the new one, whole."""
    away = store.with_name(f"{store.name}.before-{now_ms}")
    away.mkdir()
    if store.exists():
        # Without its log the old file must be complete: the log may not stay beside the new one.
        with suppress(driver.Error):
            sqlite.empty_log(store)
    logs, heads = (_log(store), _index(store)), anchor.heads_file(store)
    for old in (*logs, heads, store):
        if old.exists():
            (away / old.name).hardlink_to(old)
    sync_folder(away)
    for log in logs:
        log.unlink(missing_ok=True)
    new.rename(store)
    heads.unlink(missing_ok=True)
    sync_folder(store.parent)
    return away


def _looked_at(copy: Path) -> Copy:
    view = View(copy)
    try:
        with view.read() as tx:
            (well,) = tx.execute("PRAGMA quick_check(1)").fetchone()
            newest_ms = max(ledger.newest_ms(tx), acts.newest_ms(tx))
        if well != "ok":
            raise StoreError(f"{copy}: the file is damaged ({well})", hint="take another backup")
        return Copy(verify(view), newest_ms)
    except driver.Error as error:
        raise StoreError(
            f"{copy}: the file is damaged ({error})", hint="take another backup"
        ) from error
    finally:
        view.close()


@contextmanager
def _beside(store: Path, source: Path) -> Iterator[Path]:
    """A copy of ``source`` beside ``store``, gone again unless it was moved."""
    trial = store.with_name(store.name + ".restore")
    lockfile = trial.with_name(trial.name + ".lock")
    try:
        sqlite.copy(source, trial)
        yield trial
    finally:
        for path in (trial, _log(trial), _index(trial), lockfile):
            path.unlink(missing_ok=True)


def _log(store: Path) -> Path:
    return store.with_name(store.name + "-wal")


def _index(store: Path) -> Path:
    return store.with_name(store.name + "-shm")
