"""The tables of application identifiers are the dictionary's, entry by entry."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from protocol import gs1_ai, gs1_rules, gs1_table_pharma, gs1_table_whole
from simulator import gs1_dictionary

Entry = dict[str, Any]


@pytest.fixture(scope="module")
def dictionary(shared_data: Path) -> dict[str, Any]:
    return gs1_dictionary.load(shared_data / "gs1_syntax_dictionary.json")


def test_the_written_tables_are_what_the_dictionary_gives(shared_data: Path) -> None:
    path = str(shared_data / "gs1_syntax_dictionary.json")

    done = CliRunner().invoke(gs1_dictionary.main, [path, "--check"])

    assert (done.exit_code, done.output) == (0, "")


def test_a_table_of_another_dictionary_is_found(dictionary: dict[str, Any], tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    entries = [e | {"fixed_length_no_fnc1": False} for e in dictionary["ais"]]
    other.write_text(json.dumps(dictionary | {"ais": entries}))

    done = CliRunner().invoke(gs1_dictionary.main, [str(other), "--check"])

    assert done.exit_code == 1
    assert "gs1_table_whole.py" in done.output


def test_a_missing_dictionary_is_named(tmp_path: Path) -> None:
    done = CliRunner().invoke(gs1_dictionary.main, [str(tmp_path / "none.json"), "--check"])

    assert done.exit_code == 1
    assert "none.json" in done.output
    assert "hint" in done.output


def test_every_identifier_is_there_with_its_lengths(dictionary: dict[str, Any]) -> None:
    for entry in dictionary["ais"]:
        ai, parts = entry["ai"], entry["components"]
        row = gs1_ai.row(int(ai))
        least = sum(part["min"] for part in parts if not part["optional"])
        most = sum(part["max"] for part in parts)
        fixed = len(ai) + most if entry["fixed_length_no_fnc1"] else 0

        assert row == gs1_ai.row_at(ai.encode(), 0, len(ai)) > 0, ai
        assert list(gs1_ai.ROWS[row + 3 : row + 7]) == [len(ai), fixed, least, most], ai
        assert gs1_ai.ROWS[row + 13] == entry["dl_attr"], ai
        assert gs1_ai.predefined(int(ai[:2])) == fixed, ai
        assert gs1_ai.digits(int(ai)) == len(ai)
    assert len(dictionary["ais"]) == 541


def test_no_other_number_is_an_identifier(dictionary: dict[str, Any]) -> None:
    known = {int(entry["ai"]) for entry in dictionary["ais"]}

    assert {ai for ai in range(10_000) if gs1_ai.row(ai)} == known


def test_who_excludes_whom_is_the_dictionarys_and_no_hidden_clash(
    dictionary: dict[str, Any],
) -> None:
    """The bits may only raise doubt where there is none, never hide a clash."""
    entries = dictionary["ais"]
    for one in entries:
        row = gs1_ai.row(int(one["ai"]))
        for other in entries:
            ai, bi = int(one["ai"]), int(other["ai"])
            told = ai != bi and (_excludes(one, other) or _excludes(other, one))
            other_row = gs1_ai.row(bi)
            assert (ai != bi and gs1_ai.exclude(ai, bi)) == told, (ai, bi)
            if told or ai == bi:
                assert gs1_ai.bars(row) >> gs1_ai.ROWS[other_row + 8] & 1, (ai, bi)


def _excludes(one: Entry, other: Entry) -> bool:
    ai = other["ai"]
    patterns = [p for text in one["attrs"].get("ex", ()) for p in text.split(",")]
    return any(len(p) == len(ai) and ai.startswith(p.rstrip("n")) for p in patterns)


def test_the_part_for_medicines_is_cut_from_the_whole() -> None:
    """Every key and qualifier of a Digital Link is in it, and no rule the cradle may lack."""
    ours = {bytes(row[:9]) + bytes(row[13:14]) for row in _rows(gs1_table_pharma.ROWS)}
    whole = _rows(gs1_table_whole.ROWS)

    assert gs1_table_pharma.KEYS == gs1_table_whole.KEYS
    for row in _rows(gs1_table_pharma.ROWS):
        assert any(row[0] == w[0] and w[1] <= row[1] and row[2] <= w[2] for w in whole)
        assert row[7] < len(gs1_rules.CHECKS) or row[7] >= gs1_ai.SEVERAL
    at = 0
    while at < len(gs1_table_pharma.PARTS):
        stop = at + 1 + gs1_ai.PART * gs1_table_pharma.PARTS[at]
        assert max(gs1_table_pharma.PARTS[at + 4 : stop : gs1_ai.PART]) < len(gs1_rules.CHECKS)
        at = stop
    assert 50 < len(ours) < len(whole)


def _rows(table: bytes) -> list[bytes]:
    return [table[at : at + gs1_ai.ROW] for at in range(0, len(table), gs1_ai.ROW)]
