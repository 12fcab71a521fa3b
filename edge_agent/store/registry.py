"""The devices that announced themselves, in TinyDB: only what a person could type again."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec
from tinydb import Storage, TinyDB, where

from edge_agent.errors import StoreError
from protocol.shapes import State

# TinyDB rewrites everything at every change: beyond this it is the wrong place.
_DEVICES_MAX = 1000


class AtomicStorage(Storage):
    """Keeps TinyDB's tables in one JSON file that is always whole, the old text or the new one.

    TinyDB's own storage writes into the file in place: killed between two of its system calls, it
    leaves a file that cannot be read. This one writes a second file beside it and renames that.
    What was written is also kept in memory, because TinyDB reads everything before it writes.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._cache: dict[str, dict[str, Any]] | None = None

    def read(self) -> dict[str, dict[str, Any]] | None:
        if self._cache is None:
            try:
                text = self._path.read_bytes()
                self._cache = msgspec.json.decode(text, type=dict[str, dict[str, Any]])
            except FileNotFoundError:
                return None
            except (OSError, msgspec.DecodeError) as error:
                raise StoreError(
                    f"{self._path}: cannot read the device registry ({error})",
                    hint="mend it, or move it away: cradles announce themselves again",
                ) from error
        return self._cache

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        self._cache = None  # TinyDB has changed it already; if the write fails, it was never true
        text = msgspec.json.format(msgspec.json.encode(data), indent=1)
        new = self._path.with_name(self._path.name + ".new")
        with new.open("wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._path)
        # The rename itself is on disk when the folder is.
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self._cache = data


class Registry:
    """One document for each device. One thread at a time."""

    def __init__(self, path: Path) -> None:
        """
        Raises:
            StoreError: the file is there and cannot be read.
        """
        self._devices = TinyDB(path, storage=AtomicStorage).table("devices")
        self.devices()

    def heard(self, device: str, state: State, at_ms: int) -> None:
        """Note what ``device`` said about itself, if it is news.

        Args:
            at_ms: UTC, milliseconds since 1970.

        Raises:
            OSError: cannot be written; the file is as it was.
        """
        said = {
            "device": device,
            "online": state.online,
            "boot": state.boot_id.hex(),
            "firmware": state.firmware,
            "settings": state.settings.hex(),
        }
        known = self._devices.get(where("device") == device)
        if known is None and len(self._devices) >= _DEVICES_MAX:
            raise OSError(f"more than {_DEVICES_MAX} devices; {device} is not noted")
        if known is None or any(known.get(key) != value for key, value in said.items()):
            self._devices.upsert({**said, "since_ms": at_ms}, where("device") == device)

    def devices(self) -> list[dict[str, Any]]:
        """Return all documents."""
        return [dict(document) for document in self._devices.all()]
