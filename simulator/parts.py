"""Finds the real parts, a broker and a MicroPython, or fetches them without root.

Order: the variable ($MOSQUITTO, $MICROPYTHON), then PATH, then `.tools/bin` of this checkout.
`python -m simulator.parts` fetches what is missing; it needs nothing but the standard library,
because it runs before anything is installed.
"""

from __future__ import annotations

import glob
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

TOOLS = Path(__file__).resolve().parent.parent / ".tools"

# Debian keeps daemons out of an ordinary user's PATH.
SYSTEM_FOLDERS = ("/usr/sbin", "/usr/local/sbin")


@dataclass(frozen=True)
class Part:
    """A program that is not a Python package.

    Attributes:
        releases: distribution releases to look in when the machine's own has it not. A newer
            release's package runs beside the system, through its own loader and libraries.
        remedy: what a person types where we cannot fetch it.
    """

    name: str
    releases: tuple[str, ...]
    remedy: str

    @property
    def variable(self) -> str:
        return self.name.upper()


MOSQUITTO = Part(
    "mosquitto", (), "`sudo apt-get install mosquitto` (Debian, Ubuntu) or `brew install mosquitto`"
)
MICROPYTHON = Part(
    "micropython",
    ("trixie",),
    "`sudo apt-get install micropython` (Debian 13, Ubuntu 24.04) or `brew install micropython`",
)


class PartMissing(Exception):
    """A part is neither installed nor fetched. The text names the command that mends it."""

    def __init__(self, part: Part, why: str) -> None:
        super().__init__(
            f"{part.name}: {why}\n  hint: `make parts` fetches it, or {part.remedy},"
            f" or set ${part.variable} to its path"
        )


def find(part: Part) -> str:
    """Return the path of ``part``'s program.

    Raises:
        PartMissing: it is in none of the three places, or the variable points nowhere.
    """
    named = os.environ.get(part.variable)
    if named:
        if not os.access(named, os.X_OK):
            raise PartMissing(part, f"${part.variable} is {named!r}, which is not a program")
        return named
    path = os.pathsep.join([os.environ.get("PATH", ""), *SYSTEM_FOLDERS])
    found = shutil.which(part.name, path=path) or shutil.which(part.name, path=TOOLS / "bin")
    if not found:
        raise PartMissing(part, "not found")
    return found


def fetch(part: Part) -> str:
    """Unpack ``part`` and its libraries from the distribution's packages into `.tools/`.

    Uses the mirror and the archive key this machine already trusts, and private folders for
    apt's own state, so nothing of the system changes.

    Raises:
        PartMissing: no apt here, or no release known to us has the package.
    """
    if not shutil.which("apt-get"):
        raise PartMissing(part, f"cannot be fetched on {platform.system()} without apt-get")
    distribution, own = _system()
    uri = _mirror(part, own)
    for release in (own, *part.releases):
        apt = _private_apt(part, uri, release, distribution)
        listed = _run([*apt("apt-cache"), "depends", "--no-recommends", "--no-suggests", part.name])
        if listed is None:
            continue
        libraries = [
            line.split()[-1]
            for line in listed.splitlines()
            if line.strip().startswith("Depends: lib")
        ]
        home = TOOLS / part.name
        _run([*apt("apt-get"), "-q", "download", part.name, *libraries], cwd=home, part=part)
        for package in sorted(home.glob("*.deb")):
            _run(["dpkg-deb", "-x", str(package), str(home / "root")], part=part)
            package.unlink()
        return _wrap(part, home / "root")
    raise PartMissing(part, f"no package in {', '.join((own, *part.releases))}")


def _system() -> tuple[str, str]:
    """The distribution and the release this machine runs, such as debian, bookworm."""
    lines = Path("/etc/os-release").read_text().splitlines()
    facts = dict(line.split("=", 1) for line in lines if "=" in line)
    return facts.get("ID", "").strip('"'), facts.get("VERSION_CODENAME", "").strip('"')


def _mirror(part: Part, release: str) -> str:
    """The address of the archive this machine installs ``release`` from."""
    layout = "$(REPO_URI) $(RELEASE)"
    targets = _run(["apt-get", "indextargets", "--format", layout, "Created-By: Packages"]) or ""
    for line in targets.splitlines():
        uri, named = line.split(" ", 1)
        if named == release:
            return uri
    raise PartMissing(part, f"apt has no archive for {release or 'this release'}")


def _private_apt(
    part: Part, uri: str, release: str, distribution: str
) -> Callable[[str], list[str]]:
    """Point apt at one release and at folders of ours; return how to call a program that way."""
    home = TOOLS / part.name
    for folder in ("lists/partial", "cache/archives/partial", "root"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    key = f"/usr/share/keyrings/{distribution}-archive-keyring.gpg"
    component = "main universe" if distribution == "ubuntu" else "main"
    source = home / "source.list"
    source.write_text(f"deb [signed-by={key}] {uri} {release} {component}\n")
    options = [
        f"Dir::Etc::sourcelist={source}",
        "Dir::Etc::sourceparts=-",
        f"Dir::State::Lists={home / 'lists'}",
        f"Dir::Cache={home / 'cache'}",
        "APT::Sandbox::User=",
    ]

    def command(program: str) -> list[str]:
        return [program, *(word for option in options for word in ("-o", option))]

    _run([*command("apt-get"), "-q", "update"], part=part)
    return command


def _wrap(part: Part, root: Path) -> str:
    """Write `.tools/bin/NAME`, which starts the program through its own loader."""
    places = ("usr/bin", "usr/sbin", "bin", "sbin")
    program = next(root / p / part.name for p in places if (root / p / part.name).exists())
    loader = next(
        Path(p)
        for pattern in ("usr/lib/*/ld-linux*.so.*", "lib/*/ld-linux*.so.*")
        for p in sorted(glob.glob(str(root / pattern)))
    )
    system = f"/usr/lib/{loader.parent.name}:/lib/{loader.parent.name}"
    libraries = ":".join(
        f"$tools/{path.relative_to(TOOLS)}"
        for path in (root / "usr/lib" / loader.parent.name, root / "lib" / loader.parent.name)
        if path.exists()
    )
    wrapper = TOOLS / "bin" / part.name
    wrapper.parent.mkdir(parents=True, exist_ok=True)
    wrapper.write_text(
        "#!/bin/sh\n"
        'tools=$(cd "$(dirname "$0")/.." && pwd)\n'
        f'exec "$tools/{loader.relative_to(TOOLS)}" --library-path "{libraries}:{system}" '
        f'"$tools/{program.relative_to(TOOLS)}" "$@"\n'
    )
    wrapper.chmod(0o755)
    shutil.rmtree(TOOLS / part.name / "lists", ignore_errors=True)
    shutil.rmtree(TOOLS / part.name / "cache", ignore_errors=True)
    return str(wrapper)


def _run(command: list[str], cwd: Path | None = None, part: Part | None = None) -> str | None:
    """Run ``command``; return what it printed. On failure: None, or PartMissing for ``part``."""
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    if done.returncode == 0:
        return done.stdout
    if part is None:
        return None
    raise PartMissing(part, f"`{command[0]}` failed: {done.stderr.strip() or 'no message'}")


def main() -> int:
    """Find or fetch every part, and say where each one is."""
    missing = 0
    for part in (MOSQUITTO, MICROPYTHON):
        try:
            try:
                path = find(part)
            except PartMissing:
                if os.environ.get(part.variable):
                    raise
                print(f"{part.name}: fetching from the distribution's packages ...", flush=True)
                path = fetch(part)
            print(f"{part.name}: {path}")
        except PartMissing as error:
            print(error, file=sys.stderr)
            missing += 1
    return 2 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
