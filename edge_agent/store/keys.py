"""Keys of the agent: files of 32 random octets that only their owner may read, made once."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from edge_agent.errors import StoreError

_SIZE = 32
HEADS = "heads.key"  # signs heads: Ed25519
PERSONS = "persons.key"  # the secret of domain.persons


def read(path: Path) -> bytes:
    """Read a key.

    Raises:
        StoreError: missing, not a key, or open to others.
    """
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read(4 * _SIZE)
    except OSError as error:
        raise StoreError(
            f"{path}: cannot read the key ({error.strerror})",
            hint="bring it back from where you keep copies; a new one opens nothing old",
        ) from error
    if mode & 0o077:
        raise StoreError(
            f"{path}: others may read the key (mode {mode & 0o777:o})", hint=f"chmod 600 {path}"
        )
    try:
        key = bytes.fromhex(text.decode("ascii"))
    except ValueError:
        key = b""
    if len(key) != _SIZE:
        raise StoreError(
            f"{path}: not a key, which is {2 * _SIZE} hexadecimal digits",
            hint="bring it back from where you keep copies; a new one opens nothing old",
        )
    return key


def read_or_make(path: Path, draw: Callable[[int], bytes]) -> bytes:
    """Read a key; draw it if there is none.

    Raises:
        StoreError: as ``read``, or it cannot be written.
    """
    if not path.exists():
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            new = path.with_name(path.name + ".new")
            new.unlink(missing_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            with os.fdopen(os.open(new, flags, 0o600), "w") as file:
                file.write(draw(_SIZE).hex() + "\n")
                file.flush()
                os.fsync(file.fileno())
            new.rename(path)
            sync_folder(path.parent)
        except OSError as error:
            raise StoreError(
                f"{path}: cannot write the key ({error.strerror})",
                hint="keys.path must be a folder that may be written",
            ) from error
    return read(path)


def sync_folder(folder: Path) -> None:
    """Put names that changed in ``folder`` on disk."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
