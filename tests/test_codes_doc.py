"""What docs/codes.md shows is what happens."""

from __future__ import annotations

import inspect
import re
import shlex
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from edge_agent import cli
from edge_agent.domain.escapes import unescaped
from edge_agent.domain.facts import KIND_NAMES
from edge_agent.domain.product_files import COLUMNS
from edge_agent.domain.products import Scheme
from edge_agent.domain.rendering import TEMPLATES, Rendering, RenderingError
from edge_agent.domain.typed import TypedError, octets
from protocol import code_rules, code_settings, codes
from protocol.codes import Code
from simulator import cli as simulator_cli
from simulator.sheet import FORMS

PAGE = (Path(__file__).parents[1] / "docs" / "codes.md").read_text("utf-8")


def table(section: str) -> list[list[str]]:
    """The rows of the first table of a section, cells without backticks."""
    text = PAGE.split(f"\n## {section}\n")[1].split("\n## ")[0]
    rows = [row for row in text.splitlines() if row.startswith("| ")]
    return [[cell.strip().strip("`") for cell in row.strip("|").split("|")] for row in rows[2:]]


def classified(line: str) -> tuple[Code, bytes]:
    frame = unescaped(line.encode())
    symbology, data = (frame[1:3], frame[3:]) if frame.startswith(b"]") else (b"", frame)
    return codes.classify(symbology, data), data


@pytest.mark.parametrize("row", table("Kinds"), ids=lambda row: row[2])
def test_each_example_is_of_its_kind(row: list[str]) -> None:
    kind, names_a_unit, line, _ = row
    code, _ = classified(line)

    assert KIND_NAMES[code.kind] == kind
    assert codes.names_a_unit(code.kind) == (names_a_unit == "yes")


def test_every_kind_of_a_label_is_there() -> None:
    shown = {row[0] for row in table("Kinds")} | {"NUMERIC_OTHER", "UNREAD"}
    assert shown == set(KIND_NAMES.values())


def test_every_rule_is_there_with_its_usual_value() -> None:
    rows = table("Rules")
    values = {name: tomllib.loads(f"value = {value}")["value"] for name, value, _ in rows}
    known = re.findall(r'rest\.pop\("(\w+)"', inspect.getsource(code_settings.read))

    assert list(values) == known
    assert vars(code_settings.read(values)) == vars(code_rules.DEFAULT)
    for name, _ in code_settings.ELEMENT_SETS:
        assert f"`{name}`" in PAGE


@pytest.mark.parametrize("row", table("Typed by hand"), ids=lambda row: row[0])
def test_typed_text_is_read_as_it_says(row: list[str]) -> None:
    text, read = row
    if read == "refused":
        with pytest.raises(TypedError):
            octets(text)
    else:
        assert octets(text).data == unescaped(read.encode())


def test_every_template_writes_what_it_says() -> None:
    rows = table("Written for a platform")
    code, data = classified("]d20108999999000011219A1{GS}10LOT9")

    assert [row[0] for row in rows] == list(TEMPLATES)
    for template, _, cell in rows:
        written = cell.split("`")[0]
        if written == "refused":
            with pytest.raises(RenderingError):
                Rendering(template).text(code, data)
        else:
            assert Rendering(template).text(code, data).encode() == unescaped(written.encode())


def test_the_columns_are_those_that_are_read() -> None:
    rows = table("Products")

    assert {row[0]: row[1] for row in rows} == COLUMNS
    assert all(f"`{scheme.value}`" in PAGE for scheme in Scheme)


def test_the_forms_of_labels_are_those_that_are_drawn() -> None:
    listed = PAGE.split("Forms: ")[1].split(". ")[0]
    assert re.findall("`([^`]+)`", listed) == list(FORMS)


def examples() -> list[tuple[str, str]]:
    """Each command of a console block, and what it writes."""
    blocks = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    return [
        (found[1], found[2])
        for block in blocks
        for found in re.finditer(r"\$ ([^\n]*)\n((?:[^$\n][^\n]*\n)*)", block)
    ]


@pytest.mark.parametrize(("command", "output"), examples(), ids=lambda text: text[:60])
def test_each_command_writes_what_is_shown(
    command: str, output: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = shlex.split(command)
    given = None
    if words[0] == "echo":
        given, words = words[1] + "\n", words[3:]
    main = simulator_cli.label if words[1] == "label" else cli.main
    done = CliRunner().invoke(main, words[2:] if words[1] == "label" else words[1:], input=given)

    assert done.exit_code == 0
    assert done.stdout == output
