"""Each of the 116 requirements is shown by a test, or excused with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge_agent.domain import obligations
from tests import requirements

# How many ids each section of the notices' table has.
COUNTS = {"T": 26, "I": 19, "O": 25, "Q": 10, "C": 28, "X": 8}


def test_every_id_is_in_the_table_once() -> None:
    ids = [f"{letter}{n:02}" for letter, most in COUNTS.items() for n in range(1, most + 1)]

    assert sorted(requirements.table()) == sorted(ids)
    assert len(ids) == 116


def test_every_mark_names_a_requirement() -> None:
    known = requirements.table()

    assert not [mark for mark in requirements.marks() if mark.id not in known]


def test_every_rule_names_requirements() -> None:
    known = requirements.table()

    for notice in obligations.shipped():
        for rule in notice.rules:
            assert set(rule.requires) <= set(known), (notice.name, rule.lines)


def test_every_rule_stands_in_a_line_that_the_table_names() -> None:
    """A rule may cite more lines than one requirement, but never a notice that does not ask."""
    known = requirements.table()

    for notice in obligations.shipped():
        for rule in notice.rules:
            for id in rule.requires:
                assert f"{notice.seed}:" in known[id].seeds, (notice.name, rule.lines, id)


def test_the_files_of_a_requirement_exist() -> None:
    missing = {
        (id, file)
        for id, one in requirements.table().items()
        for file in one.files
        if not (requirements.ROOT / file).is_file()
    }

    assert not missing


def test_every_id_is_shown_or_excused() -> None:
    assert not requirements.open_ids()


def test_the_page_is_up_to_date() -> None:
    assert requirements.PAGE.read_text("utf-8") == requirements.page(), (
        "run: python -m tests.requirements"
    )


def test_marks_are_found_in_the_source(tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(
        "import pytest\n"
        '@pytest.mark.requirement("T01", "T02")\ndef test_one() -> None: ...\n'
        '@pytest.mark.requirement("X09")\nclass TestTwo: ...\n'
        '@pytest.mark.parametrize("T03", [1])\ndef test_three() -> None: ...\n'
    )

    found = list(requirements.marks([tmp_path]))

    assert found == [
        ("T01", "test_some.py::test_one"),
        ("T02", "test_some.py::test_one"),
        ("X09", "test_some.py::TestTwo"),
    ]


def test_a_mark_without_a_reason_is_refused() -> None:
    with pytest.raises(ValueError, match="stand together"):
        requirements.Requirement("S0:1", "ORG", "something", mark="ORG")
