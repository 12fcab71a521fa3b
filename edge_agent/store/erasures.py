"""Which persons were erased: a list beside the keys, so that no restored backup brings one back."""

from __future__ import annotations

import os
from pathlib import Path

from edge_agent.errors import StoreError
from edge_agent.store.keys import sync_folder

_NAME = "erased.txt"


def note(folder: Path, person_id: bytes) -> None:
    """Add an id to the list; it is on disk when this returns.

    Raises:
        StoreError: it cannot be written.
    """
    path = folder / _NAME
    try:
        with path.open("a") as file:
            file.write(f"\n{person_id.hex()}\n")  # after whatever was torn
            file.flush()
            os.fsync(file.fileno())
        sync_folder(folder)
    except OSError as error:
        raise StoreError(
            f"{path}: cannot note whom to erase ({error.strerror})", hint="nobody was erased"
        ) from error


def ids(folder: Path) -> list[bytes]:
    """Read the list. A line that was torn when it was written was not yet erased.

    Raises:
        StoreError: it cannot be read.
    """
    path = folder / _NAME
    try:
        lines = path.read_text("ascii").splitlines() if path.exists() else []
        return [bytes.fromhex(line) for line in lines if len(line) == 32]
    except (OSError, ValueError) as error:
        raise StoreError(
            f"{path}: cannot read whom to erase ({error})", hint="bring back its last copy"
        ) from error
