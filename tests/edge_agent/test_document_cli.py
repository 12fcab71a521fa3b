"""`scandock document` and `scandock finding`: from a file to a closed document, by exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from edge_agent import config
from edge_agent.domain.interchange.formats import FORMATS
from edge_agent.domain.products import Entry, Product, Scheme
from edge_agent.store import acts, documents, products
from edge_agent.store.documents import Counted
from edge_agent.store.driver import Tx
from edge_agent.store.sqlite import Store
from protocol.codes import classify
from tests.edge_agent.conftest import STORE_ID
from tests.edge_agent.test_cli import scandock

CODES = [f"8999999{9_000_000_000_000 + n}" for n in range(6)]
ASN = (
    "单据编号,单据类型,往来单位,产品编码,批号,有效期至,追溯码,包装级别,父码\n"
    f"ASN-1,purchase_in,上药,P1,L1,2028-01-01,{CODES[0]},2,\n"
    f"ASN-1,purchase_in,上药,P1,L1,2028-01-01,{CODES[1]},1,{CODES[0]}\n"
    f"ASN-1,purchase_in,上药,P1,L1,2028-01-01,{CODES[2]},1,{CODES[0]}\n"
)


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    assert scandock("agent", "init", tmp_path / "agent").exit_code == 0
    path = tmp_path / "agent" / "agent.toml"
    rows = [("dock-1", "bound", '["purchase_in"]'), ("desk", "bound", "[]"), ("till", "none", "[]")]
    with path.open("a") as file:
        for device, works, types in rows:
            words = f'device = "{device}"\ndocuments = "{works}"\ntypes = {types}'
            file.write(f"\n[[stations]]\n{words}\n")
    into(path, lambda tx: None)
    return path


def into(settings: Path, work: Callable[[Tx], object]) -> None:
    store = Store(config.load(settings).store.path, lambda: STORE_ID)
    with store.write() as tx:
        work(tx)
    store.close()


def ask(settings: Path, *words: str | int | Path, ends: int = 0) -> str:
    done = scandock(*words[:2], "-c", settings, *words[2:])
    assert done.exit_code == ends, done.output
    return done.output


def asn(tmp_path: Path, text: str = ASN, encoding: str = "gbk") -> Path:
    file = tmp_path / "asn.csv"
    file.write_bytes(text.encode(encoding))
    return file


@pytest.mark.requirement("I01", "I02", "I03")
def test_a_document_is_bound_only_where_its_kind_belongs(settings: Path) -> None:
    begin = ["document", "open", "S-1", "--type", "scrapping"]
    assert "S-1" in ask(settings, *begin)
    for station, why in (
        ("till", "without documents"),
        ("attic", "[[stations]]"),
        ("dock-1", "takes"),
    ):
        refused = scandock("document", "bind", "-c", settings, "S-1", "--station", station)
        assert refused.exit_code == 2
        assert why in refused.output
    assert "open at desk" in ask(settings, "document", "bind", "S-1", "--station", "desk")


def test_from_a_file_to_a_closed_document(settings: Path, tmp_path: Path) -> None:
    taken = ask(settings, "document", "import", asn(tmp_path), "--who", "wang")
    assert "3 rows, 0 refused; taken: ASN-1" in taken
    assert "ASN-1  采购入库 purchase_in  上药  待执行 expected" in ask(settings, "document", "list")
    assert "open at dock-1" in ask(settings, "document", "bind", "ASN-1", "--station", "dock-1")
    assert "执行中 open  dock-1" in ask(settings, "document", "list")

    refused = ask(settings, "document", "close", "ASN-1", ends=1)
    assert "ASN-1 is not closed" in refused
    assert f"单据中有，实物未扫到  {CODES[0]}  line 1: 0 of 2" in refused
    assert "look for it" in ask(settings, "document", "show", "ASN-1", ends=1)
    shown = json.loads(ask(settings, "document", "show", "ASN-1", "--json", ends=1))
    assert (shown["missing"], shown["findings"][0]["code"]) == (2, CODES[0])
    assert CODES[0] in ask(settings, "finding", "list")

    how = ("--cause", "未装车", "--disposition", "short", "--feedback", "已通知上游")
    settled = ask(settings, "finding", "settle", shown["findings"][0]["id"], *how, "--who", "li")
    assert settled == "settled: 1\n"
    assert ask(settings, "finding", "list") == ""
    assert "short: 未装车" in ask(settings, "finding", "list", "--document", "ASN-1")
    assert ask(settings, "document", "close", "ASN-1") == "ASN-1 is closed\n"
    assert ask(settings, "document", "list") == ""
    assert "已完成 closed" in ask(settings, "document", "list", "--all")

    told: list[acts.Act] = []
    into(settings, lambda tx: told.extend(acts.acts(tx)))
    assert [act.what for act in told if act.what.startswith(("document", "finding"))] == [
        "document.import",
        "document.open",
        "document.bind",
        "finding.settle",
        "document.close",
    ]
    assert (told[1].who, told[1].body["file"], told[1].body["expected"]) == ("wang", "asn.csv", 1)
    assert len(told[1].body["sha256"]) == 64


def test_what_was_refused_is_said_and_nothing_is_taken_unless_partial(
    settings: Path, tmp_path: Path
) -> None:
    wrong = asn(tmp_path, ASN + "ASN-1,purchase_in,上药,P1,L1,2028-01-01,12345,1,\n")

    refused = ask(settings, "document", "import", wrong, ends=1)

    assert "asn.csv: line 5: " in refused
    assert "12345" in refused
    assert "hint: " in refused
    assert "4 rows, 1 refused; nothing is taken" in refused
    assert ask(settings, "document", "list") == ""
    assert "taken: ASN-1" in ask(settings, "document", "import", wrong, "--partial")


@pytest.mark.requirement("I18")
def test_codes_of_a_file_are_held_against_the_table_of_products(
    settings: Path, tmp_path: Path
) -> None:
    entry = Entry(Scheme.MSFX20, "8999999", Product("P2", "乙"), 1)
    into(settings, lambda tx: products.learn(tx, [entry]))

    refused = ask(settings, "document", "import", asn(tmp_path), ends=1)

    assert 'is product "P2", its row says "P1"' in refused


@pytest.mark.requirement("O03", "Q02")
@pytest.mark.parametrize("form", ["csv", "json", "epcis"])
def test_what_is_exported_is_imported_again(settings: Path, tmp_path: Path, form: str) -> None:
    ask(settings, "document", "import", asn(tmp_path))
    told = ask(settings, "document", "export", "ASN-1", "--format", form)
    file = tmp_path / "again"
    file.write_text(told.replace("ASN-1", "ASN-2"), encoding="utf-8")

    ask(settings, "document", "import", file)

    again = ask(settings, "document", "export", "ASN-2", "--format", form)
    assert again.replace("ASN-2", "ASN-1") == told


def test_what_was_counted_goes_out_as_the_platforms_xml(settings: Path, tmp_path: Path) -> None:
    key = classify(b"", CODES[1].encode()).key
    ask(settings, "document", "import", asn(tmp_path))
    into(settings, lambda tx: documents.count(tx, [Counted(1, key, 1, 1, 1)]))

    told = ask(settings, "document", "export", "ASN-1", "--counted", "--format", "msfx")

    assert 'Event Name="PurchaseWareHouseIn"' in told
    assert told.count("<Data ") == 1
    assert f'Code="{CODES[1]}" CorpOrderID="ASN-1"' in told


def test_a_document_that_no_file_told_of_is_begun_at_the_station(settings: Path) -> None:
    begin = ("document", "open", "S-1", "--type", "internet_order", "--station", "desk")
    refused = ask(settings, *begin, ends=2)
    assert "names no person and no waybill" in refused
    assert "--person --waybill" in refused

    begun = ask(settings, *begin, "--person", "RX-7", "--waybill", "SF-1")

    assert begun == "S-1 is open at desk\n"
    assert ask(settings, "document", "release", "desk") == "desk: S-1 is put away\n"
    assert ask(settings, "document", "release", "desk") == "desk: no document was open here\n"
    assert "S-1 is open: it cannot be open next" in ask(settings, "document", "open", "S-1", ends=2)
    ask(settings, "document", "cancel", "S-1", "--why", "typed wrong")
    assert "作废 cancelled" in ask(settings, "document", "list", "--all")


@pytest.mark.requirement("I07")
def test_a_pack_without_a_code_is_a_finding_that_a_person_opens(
    settings: Path, tmp_path: Path
) -> None:
    ask(settings, "document", "import", asn(tmp_path))
    opened = ask(
        settings, "finding", "open", "--document", "ASN-1", "--kind", "uncoded", "--detail", "2 盒"
    )
    assert opened == "finding 1 is open\n"
    together = ("--cause", "漏赋码", "--disposition", "returned")

    all_of_it = ("--document", "ASN-1", "--kind", "uncoded")
    assert ask(settings, "finding", "settle", *all_of_it, *together) == "settled: 1\n"
    assert "which finding is meant" in ask(settings, "finding", "settle", *together, ends=2)
    wrong = ("finding", "settle", "1", "--cause", "x", "--disposition", "short")
    assert "it can be by refused, returned, sealed, removed" in ask(settings, *wrong, ends=2)


def test_every_format_has_its_export(settings: Path, tmp_path: Path) -> None:
    ask(settings, "document", "import", asn(tmp_path))

    for form in FORMATS:
        assert CODES[0] in ask(settings, "document", "export", "ASN-1", "--format", form)
    own = ("--format", "epcis", "--base", "https://own.example/t/")
    assert f"https://own.example/t/code/{CODES[0]}" in ask(
        settings, "document", "export", "ASN-1", *own
    )
