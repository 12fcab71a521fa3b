"""`scandock decode`: one line in, one answer out, at once; nothing of a code is lost in it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent import cli
from edge_agent.domain.escapes import unescaped
from protocol import codes

MSFX = "89999999000000000018"
MSFX_KEY = int(MSFX).to_bytes(9, "big").hex()
GTIN = "08999999000011"
KEYS = ["kind", "key", "elements", "level", "product", "reason", "at"]


def decode(lines: str | bytes, *words: str) -> Result:
    return CliRunner().invoke(cli.main, ["decode", *words], input=lines)


def told(line: str | bytes, *words: str) -> dict[str, object]:
    done = decode(line, "--json", *words)
    assert done.exit_code == 0, done.output
    (only,) = done.stdout.splitlines()
    answer = json.loads(only)
    assert list(answer)[:7] == KEYS
    assert isinstance(answer, dict)
    return answer


def test_a_good_code_is_one_json_object() -> None:
    assert told(f"]C0{MSFX}\n") == {
        "kind": "MSFX20",
        "key": MSFX_KEY,
        "elements": [],
        "level": None,
        "product": None,
        "reason": None,
        "at": None,
    }


@pytest.mark.parametrize("fnc1", ["{GS}", r"\x1d", r"\x1D", "\x1d"])
def test_fnc1_may_be_written_in_every_way(fnc1: str) -> None:
    answer = told(f"]d201{GTIN}219A1{fnc1}1728123110LOT9\n")

    assert answer["kind"] == "GS1_TRACE"
    assert answer["elements"] == [["01", GTIN], ["21", "9A1"], ["17", "281231"], ["10", "LOT9"]]


def test_what_is_wrong_is_told_by_name_and_place() -> None:
    answer = told("]d20108999999000012219A1\n")

    assert (answer["kind"], answer["key"]) == ("GARBLED", None)
    assert (answer["reason"], answer["at"]) == ("CHECK_DIGIT", 15)


def test_every_line_has_its_answer_also_an_empty_one() -> None:
    done = decode(f"{MSFX}\r\n\nhello\n]E06999999000013", "--json")

    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 0
    assert [answer["kind"] for answer in answers] == [
        "MSFX20",
        "UNKNOWN",
        "UNKNOWN",
        "EAN13_ARTICLE",
    ]
    assert [answer["reason"] for answer in answers] == [None, "EMPTY", "FOREIGN", None]


def test_octets_may_come_in_hexadecimal() -> None:
    frame = f"]d201{GTIN}219A1\x1d10LOT9".encode()

    assert told(frame.hex(), "--hex") == told(frame)
    assert told(frame.hex(" ").upper() + "\r\n", "--hex") == told(frame)


@pytest.mark.parametrize(
    "text", [f"(01){GTIN}(21)9A1", f"（01） {GTIN} （21） 9A1", f"01{GTIN}219A1"]
)
def test_what_was_typed_is_the_same_unit(text: str) -> None:
    assert told(text, "--typed")["key"] == told(f"]d201{GTIN}219A1")["key"]


def test_a_line_that_cannot_be_read_is_named_and_the_others_are_answered() -> None:
    typed = decode(f"hello\n{MSFX}\n".encode() + b"\xff\n", "--json", "--typed")
    in_hex = decode(f"zz\n{MSFX.encode().hex()}\n", "--json", "--hex")

    assert (typed.exit_code, in_hex.exit_code) == (2, 2)
    for done in (typed, in_hex):
        assert [json.loads(line)["kind"] for line in done.stdout.splitlines()] == ["MSFX20"]
    assert typed.stderr.startswith('scandock: line 1: "hello" is no code\n  hint: ')
    assert "line 3: \\xff is no UTF-8" in typed.stderr
    assert '"zz" is not octets in hexadecimal digits' in in_hex.stderr


def test_a_line_is_not_both_typed_and_hexadecimal() -> None:
    assert decode("", "--typed", "--hex").exit_code == 2


def test_a_table_of_products_tells_level_and_product(tmp_path: Path) -> None:
    table = tmp_path / "products.csv"
    table.write_text("head,name,id,level\n8999999,模拟片,P1,1\n8999998,x,P2,0\n", "utf-8")
    done = decode(f"{MSFX}\n{MSFX[:6]}7{MSFX[7:]}\n", "--json", "--products", str(table))

    first, second = [json.loads(line) for line in done.stdout.splitlines()]
    assert first["level"] == 1
    assert first["product"] == {
        "id": "P1",
        "name": "模拟片",
        "spec": "",
        "pack": "",
        "maker": "",
        "approval": "",
    }
    assert (second["level"], second["product"]) == (None, None)
    assert done.exit_code == 0
    assert done.stderr.splitlines() == [
        f'{table}: line 3: level "0" of 8999998 is no number from 1 to 9'
        " (write 1 for the smallest pack, or nothing if it is not known)",
        f"{table}: rows: 2; complaints: 1; heads known: 1",
    ]


def test_a_table_that_is_none_is_wrong_use(tmp_path: Path) -> None:
    missing = decode("", "--products", str(tmp_path / "products.csv"))
    (tmp_path / "bill.xml").write_text("<bill/>")
    other = decode("", "--products", str(tmp_path / "bill.xml"))

    assert (missing.exit_code, other.exit_code) == (2, 2)
    assert "cannot read (No such file or directory)" in missing.stderr
    assert "XML without a productList" in other.stderr


def test_the_rules_of_the_settings_hold(tmp_path: Path) -> None:
    path = tmp_path / "agent.toml"
    path.write_text(
        'site = "hall-2"\n'
        '[codes]\nsentinels = ["99"]\n'
        '[[codes.makers]]\nscheme = "acme"\nlengths = [12]\nhead = "77"\n'
    )

    assert told("99", "-c", str(path))["kind"] == "SENTINEL"
    assert told("770000000001", "-c", str(path))["kind"] == "NUMERIC_OTHER"
    assert told("770000000001")["kind"] == "UNKNOWN"
    assert decode("", "-c", str(tmp_path / "missing.toml")).exit_code == 2


def test_both_readings_of_an_ambiguous_code_are_told() -> None:
    answer = told(f"]d201{GTIN}219A1234517281231\n")
    readings = answer["readings"]
    assert isinstance(readings, list)

    assert (answer["kind"], answer["key"], answer["at"]) == ("AMBIGUOUS", None, 25)
    assert [list(reading) for reading in readings] == [KEYS, KEYS]
    assert [reading["elements"][1:] for reading in readings] == [
        [["21", "9A1234517281231"]],
        [["21", "9A12345"], ["17", "281231"]],
    ]
    assert len({reading["key"] for reading in readings}) == 2


def test_people_read_it_in_chinese_and_english() -> None:
    done = decode(f"]d201{GTIN}219A1\x1d71099\n]d20108999999000012219A1\na[b]c[/b]\n")

    assert "GS1追溯码" in done.stdout
    assert "GS1_TRACE" in done.stdout
    assert "(01) 全球贸易项目代码 GTIN" in done.stdout
    assert "(21) 系列号 SERIAL" in done.stdout
    assert "(710) NHRN PZN" in done.stdout
    assert "a[b]c[/b]" in done.stdout
    assert "校验位错误" in done.stdout
    assert "the check digit is wrong" in done.stdout


def test_people_lose_nothing_of_a_long_code() -> None:
    serial = "9" + "A" * 19
    done = decode(f"]d201{GTIN}21{serial}\x1d10{serial}\x1d240{'B' * 30}\n")

    assert serial in done.stdout
    assert "B" * 30 in "".join(done.stdout.split())


def test_answers_come_before_the_input_ends() -> None:
    command = [sys.executable, "-c", "from edge_agent.cli import main; main()", "decode", "--json"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for _ in range(2):
            process.stdin.write(f"{MSFX}\n".encode())
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["key"] == MSFX_KEY
        process.stdin.close()
        assert process.wait(10) == 0


def test_a_file_may_be_named(tmp_path: Path) -> None:
    lines = tmp_path / "lines"
    lines.write_text(f"{MSFX}\n")

    assert told("", str(lines))["kind"] == "MSFX20"
    assert decode("", str(tmp_path / "missing")).exit_code == 2


@given(st.binary(max_size=60), st.sampled_from([b"", b"C0", b"d2", b"Q3"]))
@settings(max_examples=60, deadline=None)
def test_elements_hold_every_octet(data: bytes, symbology: bytes) -> None:
    frame = b"]" + symbology + data if symbology and data else data
    answer = told(frame.hex() + "\n", "--hex")

    if not (symbology and data):
        symbology = b""
    if frame[:1] == b"]" and len(frame) > 3:
        symbology, data = frame[1:3], frame[3:]
    code = codes.classify(symbology, data)
    elements = answer["elements"]
    assert isinstance(elements, list)
    assert [(unescaped(ai.encode()), unescaped(value.encode())) for ai, value in elements] == list(
        code.elements
    )
    assert answer["key"] == (code.key.hex() if codes.names_a_unit(code.kind) else None)
