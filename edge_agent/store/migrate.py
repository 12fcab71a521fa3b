"""Brings a store to the newest schema: each schema_NNNN.sql once, whole or not at all."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from importlib import resources

from edge_agent.errors import StoreError
from edge_agent.store.driver import Tx

_NAME = re.compile(r"schema_(\d{4})\.sql")


def newest() -> int:
    """The version this program speaks."""
    return max(_scripts())


def version(tx: Tx) -> int:
    """The version of a store; 0 when it is new."""
    (found,) = tx.execute("PRAGMA user_version").fetchone()
    return int(found)


def migrate(tx: Tx) -> None:
    """Run what is missing, inside the open transaction ``tx``.

    Raises:
        StoreError: the store was written by a newer program.
    """
    found = version(tx)
    scripts = _scripts()
    if found > max(scripts):
        raise StoreError(
            f"the store has schema {found}, this program speaks {max(scripts)}",
            hint="install the scandock that wrote it, or a newer one",
        )
    for number in sorted(scripts):
        if number > found:
            for statement in _statements(scripts[number]):
                tx.execute(statement)
            tx.execute(f"PRAGMA user_version = {number}")


def _scripts() -> dict[int, str]:
    found = {}
    for file in resources.files("edge_agent.store").iterdir():
        if named := _NAME.fullmatch(file.name):
            found[int(named[1])] = file.read_text("utf-8")
    return found


def _statements(script: str) -> Iterator[str]:
    """Cut a script at the semicolons that end a statement; a trigger has some that do not."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
