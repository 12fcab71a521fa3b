"""Writes docs/requirements.md: what the notices ask for, by which rule, file and test it is held.

`python -m tests.requirements` writes it, `--check` only says whether it is up to date. An id is
covered by a test that carries its mark, `@pytest.mark.requirement("I05")`; marks are read from the
source, so none can be hidden by a test that is not run.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import msgspec

from edge_agent.domain import obligations, strict_toml

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "docs" / "requirements.toml"
PAGE = ROOT / "docs" / "requirements.md"
_TESTS = (ROOT / "tests", ROOT / "hil_tests")

_SECTIONS = {
    "T": "Goals, dates, thresholds",
    "I": "Receiving",
    "O": "Shipping, sale, use, return",
    "Q": "Code quality, aggregation, the maker's side",
    "C": "Recall, records, security, supervision",
    "X": "Technology",
}

_HEAD = """# What the notices ask for

Written by `python -m tests.requirements` from `docs/requirements.toml`, the rules in
`edge_agent/domain/rules` and the marks on tests; a test fails when it is out of date.
Lines are those of the notices: S0 Shandong, S1 Liaoning (draft), S2 Inner Mongolia (draft),
S3 Shanxi, S4 Tianjin. A test stands here if it fails when the requirement is broken.
Without a test, one of four words and a reason: ORG (people do it), HOST (the host system does
it), AD (its connector is not there yet), OPEN (not built yet).
"""


class Requirement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of docs/requirements.toml; the keys are told there."""

    seeds: Annotated[str, msgspec.Meta(pattern=r"^S\d:")]
    where: str
    what: Annotated[str, msgspec.Meta(min_length=1)]
    files: tuple[str, ...] = ()
    mark: Literal["", "ORG", "HOST", "AD", "OPEN"] = ""
    why: str = ""

    def __post_init__(self) -> None:
        if bool(self.mark) != bool(self.why):
            raise ValueError("`mark` and `why` stand together, or neither does")


class Mark(NamedTuple):
    """That a test says it shows a requirement. ``test`` is its path and name."""

    id: str
    test: str


def table() -> dict[str, Requirement]:
    """The requirements, by id."""
    shape = dict[str, Requirement]
    words = {"mark": ("ORG", "HOST", "AD", "OPEN")}
    return strict_toml.read(TABLE.name, TABLE.read_text("utf-8"), shape, words)


def marks(folders: Iterable[Path] = _TESTS) -> Iterator[Mark]:
    """Every mark on a test function, or on all functions of a marked class."""
    for folder in folders:
        for file in sorted(folder.rglob("*.py")):
            where = file.relative_to(ROOT) if file.is_relative_to(ROOT) else file.name
            yield from _marks(ast.parse(file.read_text("utf-8")), f"{where}")


def _marks(tree: ast.Module, where: str) -> Iterator[Mark]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for decorator in node.decorator_list:
                for id in _ids(decorator):
                    yield Mark(id, f"{where}::{node.name}")


def _ids(decorator: ast.expr) -> Iterator[str]:
    if isinstance(decorator, ast.Call) and ast.unparse(decorator.func).endswith("mark.requirement"):
        for argument in decorator.args:
            assert isinstance(argument, ast.Constant), f"no text: {ast.unparse(decorator)}"
            yield str(argument.value)


def open_ids() -> list[str]:
    """Ids that neither a test shows nor a reason excuses."""
    shown = {mark.id for mark in marks()}
    return [id for id, one in table().items() if id not in shown and not one.mark]


def page() -> str:
    """The text of docs/requirements.md."""
    rows = table()
    tests: dict[str, list[str]] = {}
    for mark in marks():
        tests.setdefault(mark.id, []).append(mark.test)
    told = [_HEAD, _summary(rows, tests)]
    for letter, title in _SECTIONS.items():
        told.append(f"\n## {title}\n")
        told.append("| id | lines | what | rules | files | shown by |")
        told.append("| --- | --- | --- | --- | --- | --- |")
        told += [_row(id, one, tests.get(id, [])) for id, one in rows.items() if id[0] == letter]
    return "\n".join(told) + "\n"


def _summary(rows: dict[str, Requirement], tests: dict[str, list[str]]) -> str:
    shown = [id for id in rows if id in tests]
    excused = [id for id in rows if id not in tests and rows[id].mark]
    left = [id for id in rows if id not in tests and not rows[id].mark]
    text = f"{len(rows)} ids: {len(shown)} shown by tests, {len(excused)} with a reason"
    return f"{text}, {len(left)} open{': ' + ', '.join(left) if left else ''}."


def _row(id: str, one: Requirement, tests: list[str]) -> str:
    rules = [
        f"{notice.seed}:{','.join(map(str, rule.lines))}"
        for notice in obligations.shipped()
        for rule in notice.rules
        if id in rule.requires
    ]
    files = " ".join(f"`{file}`" for file in one.files)
    shown = " ".join(f"`{test}`" for test in dict.fromkeys(tests))
    if one.mark:
        shown = f"{shown} {one.mark}: {one.why}".strip()
    cells = (id, one.seeds, one.what, " ".join(dict.fromkeys(rules)), files, shown or "**open**")
    return f"| {' | '.join(cells)} |"


def main(arguments: list[str]) -> int:
    """Write the page, or with ``--check`` compare it."""
    text = page()
    if "--check" not in arguments:
        PAGE.write_text(text, "utf-8")
    elif not PAGE.exists() or PAGE.read_text("utf-8") != text:
        print(f"{PAGE}: out of date\n  hint: python -m tests.requirements")
        return 1
    for id in open_ids():
        print(f"{id}: no test shows it, and no reason excuses it")
    return 1 if open_ids() else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
