"""Real parts are found in the order promised; what is missing is named with its remedy."""

from pathlib import Path

import pytest

from simulator import parts
from simulator.parts import MICROPYTHON, MOSQUITTO, PartMissing


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine with nothing on it."""
    monkeypatch.setattr(parts, "TOOLS", tmp_path / "tools")
    monkeypatch.setattr(parts, "SYSTEM_FOLDERS", ())
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.delenv("MICROPYTHON", raising=False)
    monkeypatch.delenv("MOSQUITTO", raising=False)


def program(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


def test_the_variable_comes_before_path_and_path_before_our_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = program(tmp_path / "tools" / "bin" / "micropython")
    assert parts.find(MICROPYTHON) == ours

    installed = program(tmp_path / "path" / "micropython")
    assert parts.find(MICROPYTHON) == installed

    named = program(tmp_path / "elsewhere" / "upy")
    monkeypatch.setenv("MICROPYTHON", named)
    assert parts.find(MICROPYTHON) == named


def test_what_is_nowhere_is_named_with_the_commands_that_mend_it() -> None:
    with pytest.raises(PartMissing) as missing:
        parts.find(MOSQUITTO)

    told = str(missing.value)
    assert told.startswith(
        "mosquitto: not found\n  hint: `make parts` fetches it, or `sudo apt-get"
    )
    assert "$MOSQUITTO" in told


def test_a_variable_that_points_nowhere_is_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "path" / "mosquitto")
    monkeypatch.setenv("MOSQUITTO", "/nowhere/mosquitto")

    with pytest.raises(PartMissing, match=r"\$MOSQUITTO is '/nowhere/mosquitto', which is not a"):
        parts.find(MOSQUITTO)


def test_without_apt_nothing_is_fetched_and_the_remedy_is_named() -> None:
    with pytest.raises(PartMissing, match=r"cannot be fetched on .* without apt-get"):
        parts.fetch(MICROPYTHON)
