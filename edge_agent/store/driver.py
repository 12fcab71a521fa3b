"""SQLite by apsw where it is installed, else by the standard library: the little both do alike.

apsw brings a current SQLite and needs 20 to 45 % less CPU. The SQLite of the standard library may
be older than 3.51.3, whose WAL can be damaged when one connection checkpoints while another one
commits; the one-connection rule of ``sqlite.Store`` makes that impossible.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeAlias, cast

try:
    import apsw
except ImportError:
    apsw = None  # type: ignore[assignment]

Value: TypeAlias = int | str | bytes | None

# Source: sqlite.org/rescode.html. What may pass: the disk, another process, memory.
_PASSING = {5: "busy", 6: "locked", 7: "no memory", 8: "read-only", 10: "disk error"} | {
    13: "disk full",
    14: "cannot open",
}


class Rows(Protocol):
    """What a query found."""

    def __iter__(self) -> Iterator[Any]: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...


class Tx(Protocol):
    """An open transaction."""

    def execute(self, sql: str, values: Sequence[Value] = ..., /) -> Rows: ...
    def executemany(self, sql: str, rows: Iterable[Sequence[Value]], /) -> object: ...


class Connection(Tx, Protocol):
    """One connection; transactions are begun and ended by hand."""

    in_transaction: bool

    def close(self) -> None: ...


Error: type[Exception] = sqlite3.Error if apsw is None else apsw.Error
NAME = f"sqlite3 {sqlite3.sqlite_version}" if apsw is None else f"apsw {apsw.sqlite_lib_version()}"


def connect(path: Path, *, read_only: bool) -> Connection:
    """Open ``path``, creating it unless ``read_only``."""
    if apsw is None:
        uri = f"{path.resolve().as_uri()}?mode={'ro' if read_only else 'rwc'}"
        opened = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
        return cast(Connection, opened)
    flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
    if read_only:
        flags = apsw.SQLITE_OPEN_READONLY
    return cast(Connection, apsw.Connection(str(path), flags=flags))


def passing_trouble(error: Exception) -> str:
    """Name the trouble if the same statement may succeed later, else ""."""
    code = getattr(error, "result", None)  # apsw
    if code is None:
        code = getattr(error, "sqlite_errorcode", None)
    return _PASSING.get(code & 0xFF, "") if isinstance(code, int) else ""
