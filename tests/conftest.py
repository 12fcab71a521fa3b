"""What the tests of every room lean on: the real interpreter, the real broker, the shared data.

A missing real part fails the test that asked for it, with the command that fetches it: a run
without them would prove something else than it says. The shared data is optional.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from simulator import image, parts

CHECKOUT = Path(__file__).resolve().parent.parent
HEAP = "192k"  # what the smallest board leaves to the firmware

# Times on a shared machine say nothing, so no deadline; `make soak` searches for longer.
settings.register_profile(
    "short",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    report_multiple_bugs=False,  # one at a time is found, and made small, in seconds
)
settings.register_profile("soak", settings.get_profile("short"), max_examples=2_000)
settings.load_profile("soak" if os.environ.get("SCANDOCK_SOAK") else "short")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "requirement(*ids): fails when one of these (docs/requirements.md) is broken"
    )


def _find(part: parts.Part) -> str:
    try:
        return parts.find(part)
    except parts.PartMissing as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def mosquitto_program() -> str:
    """Path of the real broker."""
    return _find(parts.MOSQUITTO)


@pytest.fixture(scope="session")
def micropython_program() -> str:
    """Path of the real interpreter."""
    return _find(parts.MICROPYTHON)


@pytest.fixture(scope="session")
def micropython(micropython_program: str) -> Callable[[Path], str]:
    """Run a script on the real interpreter, with the heap of a cradle, and return what it printed.

    The script imports our rooms as a board has them, compiled, but with every application
    identifier that CPython knows; and modules beside itself.
    """
    compiled = image.build(table="whole")

    def run(script: Path) -> str:
        return output([micropython_program, "-X", f"heapsize={HEAP}", str(script)], compiled)

    return run


def output(command: list[str], rooms: Path = CHECKOUT) -> str:
    """Run ``command`` from the checkout; return its standard output, or fail with its complaint."""
    places = {"MICROPYPATH": f"{rooms}:.frozen:{CHECKOUT}", "PYTHONPATH": str(CHECKOUT)}
    done = subprocess.run(
        command, cwd=CHECKOUT, env=os.environ | places, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command[-1]} ended with {done.returncode}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the standards' own test vectors, kept beside the checkout and not in it."""
    folder = Path(os.environ.get("SCANDOCK_SHARED_DATA", CHECKOUT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no shared data in {folder}; set SCANDOCK_SHARED_DATA to the folder")
    return folder
