"""Figures, rules, registers and reports on the command line: what they say, and the exit code."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edge_agent import cli, config
from edge_agent.domain import kpi as days
from edge_agent.domain.documents import BY_LINES, CLOSED, Document
from edge_agent.domain.nocode import Stock
from edge_agent.store import (
    classes,
    documents,
    findings,
    kpi,
    ledger,
    lots,
    nocode,
    quarantine,
)
from edge_agent.store.driver import Tx
from edge_agent.store.quarantine import Outcast
from edge_agent.store.sqlite import Store
from protocol import decisions, reasons
from protocol.shapes import ScanRecord
from tests.edge_agent.conftest import STORE_ID
from tests.edge_agent.words import BOOT, code, octets, scan

DAY = days.number_of(date(2026, 3, 1))
ARTICLE = b"6901234567892"
NOON = days.begins_ms(DAY) + 43_200_000


def scandock(*words: str | int | Path) -> Result:
    return CliRunner().invoke(cli.main, [str(word) for word in words])


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """agent.toml of a designated hospital in Tianjin, and an empty store."""
    path = tmp_path / "agent.toml"
    path.write_text(
        'site = "demo"\n[profile]\nprovince = "tianjin"\nrole = "hospital"\n'
        'traits = ["designated"]\n[[connectors]]\nname = "erp"\ntype = "host"\n'
        'url = "http://erp.example/"\n'
    )
    fill(path, lambda tx: None)
    return path


def fill(settings: Path, work: Callable[[Tx], object]) -> None:
    store = Store(config.load(settings).store.path, lambda: STORE_ID)
    with store.write() as tx:
        work(tx)
    store.close()


def sale(tx: Tx, number: str, kind: str, quantity: int, counted: int) -> None:
    made = documents.add(
        tx, Document(0, number, kind, "7", "", "", CLOSED, BY_LINES, NOON, "", "", "")
    )
    documents.add_lines(tx, made, [(1, "P1", lots.lot_id(tx, "P1", "L1"), quantity)])
    documents.count(tx, [documents.Counted(made, number.encode(), 1, 1, counted)])


# -- rules --------------------------------------------------------------------------------------


def test_the_rules_of_a_day_are_told_with_their_places(settings: Path) -> None:
    done = scandock("rules", "show", "-c", settings, "--on", "2025-11-30")
    before = scandock("rules", "show", "-c", settings, "--on", "2025-11-29")

    assert done.exit_code == 0
    told = (
        "tianjin:S4:33: scan-in, scan-out, upload, collect;"
        " for botulinum-a, narcotic, psychotropic; target 100 %; to special-drug-platform"
    )
    assert told in done.output.splitlines()
    assert told not in before.output
    assert "tianjin:S4:31,36: no code, no purchase, no code, no receive" in done.output


def test_a_product_is_classified(settings: Path) -> None:
    scandock("rules", "classify", "-c", settings, "--who", "li", "P1", "narcotic", "insured")
    wrong = scandock("rules", "classify", "-c", settings, "--who", "li", "P2", "herbal")

    assert scandock("rules", "classes", "-c", settings).output == "P1: insured, narcotic\n"
    assert wrong.exit_code == 2
    assert 'product P2: no class "herbal"' in wrong.output


@pytest.mark.requirement("T03", "T04", "T05", "I13")
def test_the_gates_are_asked_about_goods_and_lines(settings: Path) -> None:
    def some(tx: Tx) -> None:
        classes.classify(tx, NOON, "li", "P9", ["tcm-pieces"])
        sale(tx, "whole", "dispensing", 4, 4)
        sale(tx, "short", "dispensing", 4, 3)
        sale(tx, "mixed", "dispensing", 4, 3)
        sale(tx, "less", "dispensing", 4, 2)
        old = Stock(0, "P1", "L0", date(2999, 1, 1), date(2025, 1, 1), "N", 5, 0, 0)
        nocode.check(tx, NOON, "li", nocode.add(tx, NOON, "li", old), "")
        for number in ("mixed", "less"):
            nocode.take(tx, NOON, "li", "P1", 1, number, 1, date(2026, 3, 1))

    fill(settings, some)

    def asked(*words: str) -> tuple[int, str]:
        done = scandock("rules", "gate", "-c", settings, *words, "--on", "2026-03-01")
        return done.exit_code, done.output.split(":")[0]

    assert asked("purchase", "--product", "P1") == (1, "no-code")
    assert asked("purchase", "--product", "P1", "--coded") == (0, "coded")
    assert asked("receive", "--product", "P9") == (0, "exempt")
    assert asked("pay", "--document", "whole", "--line", "1") == (0, "coded")
    assert asked("pay", "--document", "short", "--line", "1") == (1, "no-code")
    assert asked("pay", "--document", "mixed", "--line", "1") == (0, "no-code-stock")
    assert asked("pay", "--document", "less", "--line", "1") == (1, "no-code")
    assert asked("pay", "--document", "mixed", "--line", "2")[0] == 2
    assert asked("pay")[0] == asked("pay", "--document", "whole")[0] == 2


# -- figures ------------------------------------------------------------------------------------


def book(tx: Tx, *records: ScanRecord, told: bytes) -> None:
    """Put one batch into the ledger, and count it."""
    boot = ledger.new_boot(tx, "cradle-1", BOOT)
    ledger.append(tx, [ledger.Row(boot, "cradle-1", BOOT, 0, 0, NOON, octets(*records), told)])
    kpi.add(tx, kpi.recount(tx))


def busy_day(tx: Tx) -> None:
    book(
        tx,
        scan(0, code(1)),
        scan(1, ARTICLE, symbology=b"E0"),
        told=bytes((decisions.PASS, reasons.OK, decisions.REJECT, reasons.ARTICLE_NUMBER)),
    )
    sale(tx, "S-1", "dispensing", 4, 3)


def test_the_figures_of_a_day(settings: Path) -> None:
    fill(settings, busy_day)

    done = scandock("kpi", "-c", settings, "--from", "2026-03-01", "--to", "2026-03-01")
    lines = [" ".join(line.split()) for line in done.output.splitlines()]

    assert lines == [
        "2026-03-01 … 2026-03-01: 1 units scanned",
        "read cradle-1 1 / 2 50.00 %",
        "scan-collect 3 / 4 75.00 % target 100 %, missed",
        "collect 0 / 1 0.00 % target 100 %, missed",
        "upload erp 0 / 1 0.00 % target 100 %, missed",
    ]
    assert done.exit_code == 1


def test_the_figures_for_machines(settings: Path) -> None:
    fill(settings, busy_day)
    period = ("--from", "2026-03-01", "--to", "2026-03-01")

    as_json = scandock("kpi", "-c", settings, *period, "--json").output.splitlines()
    as_csv = scandock("kpi", "-c", settings, *period, "--csv").output

    told = {one["name"]: one for one in map(json.loads, as_json)}
    assert told["collect"] == {
        "name": "collect",
        "of": "",
        "part": 0,
        "whole": 1,
        "percent": 0.0,
        "target": 100,
        "reached": False,
    }
    table = list(csv.DictReader(io.StringIO(as_csv)))
    assert {row["name"]: (row["part"], row["whole"]) for row in table} == {
        name: (str(one["part"]), str(one["whole"])) for name, one in told.items()
    }


def test_without_documents_only_the_number_of_scans_is_told(settings: Path) -> None:
    done = scandock("kpi", "-c", settings, "--to", "2026-03-01")

    assert "0 units scanned" in done.output
    assert "scanned only: no document says what was moved" in done.output
    assert done.exit_code == 0  # nothing to reach


@pytest.mark.requirement("Q06")
def test_read_rates_by_product(settings: Path) -> None:
    fill(settings, busy_day)

    done = scandock("kpi", "-c", settings, "--to", "2026-03-01", "--products", "--json")

    told = {
        (one["of"], one["part"], one["whole"]) for one in map(json.loads, done.output.splitlines())
    }
    assert told == {("cradle-1 8999999", 1, 1), ("cradle-1 06901234567892", 0, 1)}


# -- registers ----------------------------------------------------------------------------------


@pytest.mark.requirement("I14")
def test_stock_without_codes_from_delivery_to_sale(settings: Path) -> None:
    which = ("-c", settings, "--product", "P1")
    add = ("nocode", "add", *which, "--lot", "L1", "--zone", "N", "--quantity", 5)
    take = ("nocode", "take", *which, "--quantity", 2, "--document", "S-1", "--line", 1)

    late = scandock(*add, "--expiry", "2999-01-01", "--bought", "2025-07-01")
    done = scandock(*add, "--expiry", "2999-01-01", "--bought", "2025-06-30")
    early = scandock(*take)
    scandock("nocode", "check", "-c", settings, 1, "--words", "against the delivery note")
    taken = scandock(*take)

    assert late.exit_code == 2
    assert "must carry codes since 2025-07-01" in late.output
    assert done.output.startswith("1: registered")
    assert early.exit_code == 2
    assert "2 wanted, 0 there" in early.output
    assert taken.output == "N: lot L1: 2\n"
    assert scandock("nocode", "list", "-c", settings).output == (
        "1: P1 lot L1, expires 2999-01-01, N: 3 of 5, checked\n"
    )
    assert scandock("nocode", "list", "-c", settings, "--within", 90).exit_code == 0


@pytest.mark.requirement("I14")
def test_expiring_stock_is_a_finding(settings: Path) -> None:
    scandock(
        "nocode", "add", "-c", settings, "--product", "P1", "--lot", "L1", "--zone", "N",
        "--quantity", 5, "--expiry", "2025-12-31", "--bought", "2025-01-01",
    )  # fmt: skip

    done = scandock("nocode", "list", "-c", settings, "--within", 0)

    assert done.exit_code == 1
    assert "expires 2025-12-31, N: 5 of 5, expired" in done.output


@pytest.mark.requirement("T19")
def test_a_partner_who_is_not_enrolled_is_told(settings: Path) -> None:
    scandock("partner", "add", "-c", settings, "7", "Dealer", "--role", "wholesaler")
    warned = scandock("partner", "list", "-c", settings)
    scandock("partner", "enrol", "-c", settings, "7", "nhsa", "--since", "2025-12-01")
    well = scandock("partner", "list", "-c", settings)

    assert (warned.exit_code, warned.output) == (1, "7: Dealer, wholesaler: not enrolled at nhsa\n")
    assert (well.exit_code, well.output) == (0, "7: Dealer, wholesaler\n")


@pytest.mark.requirement("C09")
def test_a_consent_is_given_and_taken_back(settings: Path) -> None:
    scandock("access", "grant", "-c", settings, "holder", "movements", "--product", "P1")
    done = scandock("access", "revoke", "-c", settings, 1, "--why", "the contract ended")

    assert done.output == "1: over\n"
    assert scandock("access", "list", "-c", settings).output == (
        "1: holder: movements of P1, by act 1, over by act 2\n"
    )


@pytest.mark.requirement("I12", "Q04")
def test_a_third_invoice_raises_an_alert(settings: Path) -> None:
    fill(settings, lambda tx: sale(tx, "R-1", "purchase_in", 4, 4))
    put = ("invoice", "put", "-c", settings, "R-1", "--maker", "m", "--us", "we", "--owner", "zhao")

    right = scandock(*put, "1:m:d", "2:d:we")
    wrong = scandock(*put, "1:m:d", "2:d:e", "3:e:we")
    typo = scandock(*put, "1:m")
    alert = scandock("alert", "list", "-c", settings)

    assert (right.exit_code, wrong.exit_code, typo.exit_code) == (0, 1, 2)
    assert wrong.output.startswith("R-1: 3 invoices; 2 is the most\n")
    assert "zhao by" in alert.output
    assert "R-1: 3 invoices; 2 is the most" in alert.output
    assert scandock("invoice", "show", "-c", settings, "R-1").output.count("\n") == 3
    assert scandock(*put[:4], "R-2", *put[5:], "1:m:we").exit_code == 2  # no such document


@pytest.mark.requirement("Q04", "Q05")
def test_a_balance_that_does_not_agree_raises_an_alert(settings: Path) -> None:
    def some(tx: Tx) -> None:
        sale(tx, "C-1", "stock_take", 10, 10)
        sale(tx, "S-1", "sale_out", 4, 4)
        sale(tx, "C-2", "stock_take", 6, 5)

    fill(settings, some)

    done = scandock("alert", "balance", "-c", settings, "--owner", "zhao")
    again = scandock("alert", "balance", "-c", settings, "--owner", "zhao")
    close = ("--cause", "broken", "--done", "written off")
    closed = scandock("alert", "close", "-c", settings, 1, *close)

    told = "opening 10 + in 0 - out 4 = 6, counted 5: -1"
    assert done.output == again.output == f"alert 1: P1/L1: {told}\n"
    assert done.exit_code == 1
    assert closed.output == "alert 1 is closed\n"
    assert scandock("alert", "list", "-c", settings).output == ""
    assert "1: closed, zhao by" in scandock("alert", "list", "-c", settings, "--all").output


# -- reports ------------------------------------------------------------------------------------


@pytest.mark.requirement("T24", "C14")
def test_the_yearly_report_says_what_there_was_and_when_it_is_due(settings: Path) -> None:
    settings.write_text(
        settings.read_text()
        .replace('"tianjin"', '"inner-mongolia"')
        .replace("[profile]", '[profile]\ndrafts = ["inner-mongolia-draft"]')
    )

    def some(tx: Tx) -> None:
        busy_day(tx)
        findings.open_finding(tx, NOON, "missing", 1, b"", "one is missing")

    fill(settings, some)

    done = scandock("report", "year", "-c", settings, 2026)
    other = scandock("report", "year", "-c", settings, 2025)

    assert done.stderr == "due 2026-11-05 (inner-mongolia-draft:S2:85)\n"
    told = json.loads(done.stdout)
    assert (told["from"], told["to"]) == ("2026-01-01", "2026-12-31")
    assert told["reads"]["reads"] == 2
    assert told["documents"] == [{"type": "dispensing", "state": "closed", "number": 1}]
    assert told["findings"] == [{"kind": "missing", "number": 1, "open": 1}]
    assert {one["name"] for one in told["figures"]} == {"read", "scan-collect", "collect", "upload"}
    assert json.loads(other.stdout)["documents"] == []


@pytest.mark.requirement("C25")
def test_the_review_lists_what_is_not_as_it_should_be(settings: Path) -> None:
    assert scandock("report", "review", "-c", settings).exit_code == 0

    def some(tx: Tx) -> None:
        book(tx, scan(0, code(1)), told=bytes((decisions.PASS, reasons.OK)))
        quarantine.keep(tx, [Outcast(NOON, "x", b"y", 60, 0)])
        findings.open_finding(tx, NOON, "missing", 1, b"", "one is missing")
        classes.classify(tx, NOON, "li", "P1", ["real-name"])
        sale(tx, "S-1", "retail_sale", 1, 1)

    fill(settings, some)
    done = scandock("report", "review", "-c", settings)

    assert done.exit_code == 1
    assert done.output.splitlines() == [
        "unsent: erp: 1 records behind, 0 parcels refused",
        "quarantine: 1 messages could not be booked",
        "findings: 1 are open",
        "real-name: document S-1: P1 was sold without registration",
        "4 things to look at",
    ]


@pytest.mark.requirement("O17")
def test_a_sale_by_name_is_linked_to_its_registration(settings: Path) -> None:
    def some(tx: Tx) -> None:
        classes.classify(tx, NOON, "li", "P1", ["real-name"])
        made = documents.add(
            tx,
            Document(0, "S-2", "retail_sale", "", "", "", CLOSED, BY_LINES, NOON, "", "REG-9", ""),
        )
        documents.add_lines(tx, made, [(1, "P1", 0, 1)])
        documents.count(tx, [documents.Counted(made, b"unit", 1, 1, 1)])
        assert classes.registrations(tx, b"unit") == [("S-2", "REG-9")]
        assert classes.registrations(tx, b"other") == []

    fill(settings, some)

    assert scandock("report", "review", "-c", settings).output == "nothing to look at\n"
