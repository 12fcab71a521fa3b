"""Every kind and every application identifier has words for people, and none is invented."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edge_agent.domain import titles
from edge_agent.domain.facts import KIND_NAMES, UNREAD
from protocol import codes
from simulator import gs1_titles


def test_the_english_table_is_what_the_dictionary_gives(shared_data: Path) -> None:
    dictionary = json.loads((shared_data / "gs1_syntax_dictionary.json").read_text("utf-8"))

    assert gs1_titles.TABLE.read_text("utf-8") == gs1_titles.table(dictionary)
    for row in dictionary["ais"]:
        assert titles.title(codes.GS1_TRACE, row["ai"])[1] == row["title"]


@pytest.mark.parametrize(
    ("kind", "name", "title"),
    [
        (codes.GS1_TRACE, "01", ("全球贸易项目代码", "GTIN")),
        (codes.GS1_TRACE, "3103", ("净重（千克）", "NET WEIGHT (kg)")),
        (codes.GS1_TRACE, "95", ("公司内部信息", "INTERNAL")),
        (codes.GS1_TRACE, "710", ("", "NHRN PZN")),
        (codes.PPN, "9N", ("药品编码 (PPN)", "PPN")),
        (codes.PPN, "D", ("有效期", "EXPIRY")),
        (codes.MA, "D", ("灭菌批号", "STERILISATION LOT")),
        (codes.PPN, "99Z", ("", "")),
        (codes.GS1_TRACE, "7100", ("", "")),
    ],
)
def test_titles(kind: int, name: str, title: tuple[str, str]) -> None:
    assert titles.title(kind, name) == title


def test_every_chinese_title_belongs_to_an_identifier_of_the_dictionary() -> None:
    assert all(titles.title(codes.GS1_TRACE, name)[1] for name in titles._CHINESE)


def test_every_kind_has_words() -> None:
    assert set(KIND_NAMES) - {UNREAD} <= set(titles.KINDS)
