"""The registry: killed between any two system calls, its file is whole, the old or the new."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from edge_agent.errors import StoreError
from edge_agent.store import registry
from edge_agent.store.registry import Registry
from protocol.shapes import State

STATE = State(True, b"boot-001", "0.1", b"settings")
CALLS = "openat,read,write,fsync,rename,renameat,renameat2,close"

SCRIPT = """
import sys
from pathlib import Path
from edge_agent.store.registry import Registry
from protocol.shapes import State
registry = Registry(Path(sys.argv[1]))
registry.heard("cradle-1", State(True, b"boot-002", "0.2", b"settings"), 2)
"""


def firmware(path: Path) -> str:
    """What a new process finds in the file."""
    (device,) = Registry(path).devices()
    return str(device["firmware"])


def calls_of_an_update(path: Path, *options: str) -> list[str]:
    """Run the script; return the names of its system calls on the registry's files, in order."""
    log = path.with_name("trace")
    files = [path, path.with_name(path.name + ".new"), path.parent]
    command = ["strace", "-qq", "-o", str(log), "-e", f"trace={CALLS}", *options]
    for file in files:
        command += ["-P", str(file)]
    subprocess.run([*command, sys.executable, "-c", SCRIPT, str(path)], check=False)
    return [line.split("(")[0] for line in log.read_text().splitlines() if "(" in line]


@pytest.fixture(scope="session")
def strace(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A strace that may trace here."""
    if shutil.which("strace") is None:
        pytest.skip("no strace on this machine; `apt-get install strace`")
    command = ["strace", "-o", str(tmp_path_factory.mktemp("strace") / "log"), "true"]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("strace may not trace here (a container without ptrace?)")


@pytest.mark.usefixtures("strace")
def test_killed_between_any_two_system_calls_the_file_is_whole(tmp_path: Path) -> None:
    folder = tmp_path / "registry"
    folder.mkdir()
    path = folder / "devices.json"
    Registry(path).heard("cradle-1", STATE, 1)
    before = path.read_bytes()
    calls = calls_of_an_update(path)
    assert firmware(path) == "0.2"
    renamed = next(place for place, name in enumerate(calls) if name.startswith("rename"))
    # All that durability takes: the octets, the name.
    assert calls[:renamed].count("fsync") == 1
    assert calls[renamed:].count("fsync") == 1

    found = []
    for place, name in enumerate(calls):
        path.write_bytes(before)
        nth = calls[: place + 1].count(name)
        # The kill comes as the call is entered: it is not done any more.
        done = calls_of_an_update(path, "-e", f"inject={name}:signal=SIGKILL:when={nth}")
        assert done == calls[: place + 1]
        found.append(firmware(path))

    assert found == ["0.1"] * (renamed + 1) + ["0.2"] * (len(calls) - renamed - 1)


def test_only_news_are_written(tmp_path: Path) -> None:
    path = tmp_path / "devices.json"
    known = Registry(path)
    known.heard("cradle-1", STATE, 1)
    known.heard("cradle-2", STATE, 2)
    before = path.stat().st_ino

    known.heard("cradle-1", STATE, 3)
    assert path.stat().st_ino == before

    known.heard("cradle-1", STATE._replace(online=False), 4)
    assert [
        (one["device"], one["online"], one["since_ms"]) for one in Registry(path).devices()
    ] == [
        ("cradle-1", False, 4),
        ("cradle-2", True, 2),
    ]


def test_what_could_not_be_written_was_never_true(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "devices.json"
    known = Registry(path)
    known.heard("cradle-1", STATE, 1)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            known.heard("cradle-2", STATE, 2)
    assert len(known.devices()) == len(Registry(path).devices()) == 1

    known.heard("cradle-2", STATE, 3)
    assert len(Registry(path).devices()) == 2


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "devices.json"
    path.write_text("{")

    with pytest.raises(StoreError, match="cannot read the device registry"):
        Registry(path)


def test_a_crowd_of_strangers_does_not_grow_it_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "_DEVICES_MAX", 2)
    known = Registry(tmp_path / "devices.json")
    for name in ("cradle-1", "cradle-2"):
        known.heard(name, STATE, 1)

    with pytest.raises(OSError, match="cradle-3 is not noted"):
        known.heard("cradle-3", STATE, 1)
    known.heard("cradle-1", STATE._replace(firmware="0.2"), 2)
    assert [one["firmware"] for one in known.devices()] == ["0.2", "0.1"]
