"""A recall finds every unit of its lot and who got it, holds them, and ends; explain tells why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edge_agent.domain.documents import BY_CODES, BY_NOTHING, EXPECTED, Document
from edge_agent.domain.stations import BOUND, Station
from edge_agent.store import acts, documents, holds, lots, outbox
from edge_agent.store.driver import Tx
from edge_agent.store.sqlite import Store
from protocol import decisions, reasons
from tests.edge_agent.conftest import STORE_ID
from tests.edge_agent.test_cli import scandock
from tests.edge_agent.test_station import NOW_MS, Line, case_of, key, purchase
from tests.edge_agent.words import PASS, arrival, code, octets, scan, told, up

GATE = Station("gate", "pick", BOUND)
TIANJIN = '[profile]\nprovince = "tianjin"\nrole = "wholesaler"\n'
RECALLED = (decisions.HOLD, reasons.RECALLED)


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """agent.toml of an agent that is not running; its store is the one that ``line`` fills."""
    path = tmp_path / "agent.toml"
    path.write_text('site = "demo"\n[store]\npath = "scandock.db"\n')
    return path


@pytest.fixture
def line(tmp_path: Path) -> Line:
    return Line(Store(tmp_path / "scandock.db", lambda: STORE_ID))


def sale(line: Line, number: str, partner: str) -> None:
    """A sale without a list, open at the desk."""
    what = Document(0, number, "sale_out", partner, "", "", EXPECTED, BY_NOTHING, NOW_MS)

    def bind(tx: Tx) -> None:
        documents.add(tx, what)
        documents.bind_station(tx, NOW_MS, "tester", "desk", number)

    line.do(bind)


def notice(line: Line, *units: tuple[int, int, int]) -> None:
    """A supplier's notice, open: of each unit its number, its level and the packs in it."""
    document = Document(0, "ASN-1", "purchase_in", "partner", "", "", EXPECTED, BY_CODES, NOW_MS)

    def fill(tx: Tx) -> None:
        made = documents.add(tx, document)
        lot = lots.lot_id(tx, "p1", "LOT1", expiry="2030-01-31")
        documents.add_lines(tx, made, [(1, "p1", lot, sum(packs for _, _, packs in units))])
        documents.expect(tx, made, [(key(one), 1, level, packs) for one, level, packs in units])
        documents.open_document(tx, NOW_MS, "tester", documents.document(tx, made))

    line.do(fill)


def fates(*words: object) -> dict[str, tuple[str, str | None]]:
    """What `scandock recall` says: code to state and partner."""
    done = scandock("recall", *words, "--json")
    rows = [json.loads(row) for row in done.stdout.splitlines()]
    return {row["code"]: (row["state"], row["partner"]) for row in rows}


@pytest.mark.requirement("C01", "O07")
def test_each_unit_of_a_lot_is_found_where_it_is_now(line: Line, settings: Path) -> None:
    """A case goes out whole, another is opened and one of its packs goes elsewhere."""
    notice(line, (1, 1, 1), (2, 2, 2), (3, 2, 2))
    lot = line.do(lambda tx: lots.named(tx, "LOT1")[0].id)
    case_of(line, 2, 21, 22, lot=lot)
    case_of(line, 3, 31, 32, lot=lot)
    assert line.reads("dock", code(2), code(3)) == [PASS, PASS]
    sale(line, "OUT-1", "hospital")
    assert line.reads("desk", code(2)) == [PASS]
    line.do(lambda tx: documents.release_station(tx, NOW_MS, "tester", "desk"))
    sale(line, "OUT-2", "pharmacy")
    assert line.reads("desk", code(31)) == [PASS]
    line.store.close()

    assert fates("-c", settings, "--lot", "LOT1") == {
        code(1).decode(): ("never read", None),
        code(21).decode(): ("shipped", "hospital"),
        code(22).decode(): ("shipped", "hospital"),
        code(31).decode(): ("shipped", "pharmacy"),
        code(32).decode(): ("accepted", "partner"),
    }
    assert fates("-c", settings, "--lot", "LOT1", "--product", "other") == {}
    listed = settings.with_name("codes.txt")
    listed.write_text(f"{code(31).decode()}\n\n")
    assert fates("-c", settings, "--codes", listed) == {code(31).decode(): ("shipped", "pharmacy")}
    assert scandock("recall", "-c", settings, "--lot", "none").exit_code == 1
    assert scandock("recall", "-c", settings).exit_code == 2


@pytest.mark.requirement("C02", "O07")
def test_a_recall_holds_its_lot_until_it_ends(line: Line, settings: Path) -> None:
    purchase(line, "ASN-1", 1, 3)
    line.store.close()
    started = ["recall", "start", "-c", settings, "R-9001", "--level", "1", "--why", "test"]
    assert scandock(*started, "--lot", "LOT1").exit_code == 0
    assert scandock(*started, "--lot", "LOT1").exit_code == 2
    assert "R-9001  level 1  on" in scandock("recall", "list", "-c", settings).stdout
    # A second recall of the same goods: the hold lasts until both are over.
    both = ["recall", "start", "-c", settings, "R-9002", "--level", "3", "--why", "test"]
    assert scandock(*both, "--lot", "LOT1").exit_code == 0

    again = reopened(line)
    assert again.reads("dock", code(1)) == [RECALLED]
    again.store.close()
    assert scandock("recall", "end", "-c", settings, "R-9001", "--why", "done").exit_code == 0
    assert scandock("recall", "end", "-c", settings, "R-9001", "--why", "done").exit_code == 2
    again = reopened(line)
    assert again.reads("dock", code(2)) == [RECALLED]
    again.store.close()
    assert scandock("recall", "end", "-c", settings, "R-9002", "--why", "done").exit_code == 0

    again = reopened(line)
    assert again.reads("dock", code(3)) == [PASS]
    whats = [act.what for act in again.do(lambda tx: list(acts.acts(tx)))]
    assert [what for what in whats if what.startswith(("recall", "hold"))] == [
        "recall.start",
        "hold.place",
        "recall.start",
        "recall.end",
        "recall.end",
        "hold.release",
    ]
    again.store.close()


def reopened(line: Line) -> Line:
    """The same stations after a restart, with what is held by then."""
    again = Line(Store(line.store.path, lambda: STORE_ID))
    again.accept.holds = again.do(holds.held)
    again._seq = line._seq
    return again


@pytest.mark.parametrize("station", ["dock", "bench"])
def test_a_lot_that_only_a_document_or_a_label_says_is_held_too(line: Line, station: str) -> None:
    """Also at a station without documents, and in a pack that nobody knows."""
    purchase(line, "ASN-1", 1, 3)
    label = b"0108999999000011" + b"17300131" + b"10LOT1\x1d" + b"219A0001"
    other = b"0108999999000011" + b"17300131" + b"10LOT2\x1d" + b"219A0002"

    def hold(tx: Tx) -> None:
        for lot in lots.named(tx, "LOT1"):
            holds.place(tx, NOW_MS, "li", 2, b"%d" % lot.id, reasons.RECALLED, words="")
        # Another source says another date of the same lot, afterwards.
        lots.lot_id(tx, "p1", "LOT1", expiry="2031-01-01")

    line.do(hold)
    line.accept.holds = line.do(holds.held)
    assert line.reads(station, code(1)) == [RECALLED]
    assert gs1_reads(line, "bench", label, other) == [RECALLED, PASS]


def gs1_reads(line: Line, device: str, *frames: bytes) -> list[tuple[int, int]]:
    records = [
        scan(at, frame, symbology=b"d2", at_ms=60_000 * at) for at, frame in enumerate(frames)
    ]
    with line.store.write() as tx:
        answers = line.accept(tx, [arrival(octets(*records, boot=b"boot-gs1"), up(device), NOW_MS)])
    found = told(answers)
    return [found[record.seq] for record in records]


@pytest.mark.requirement("C01")
def test_a_lot_that_only_labels_say_is_found(line: Line, settings: Path) -> None:
    label = b"0108999999000011" + b"17300131" + b"10LOT7\x1d" + b"219A0001"
    assert gs1_reads(line, "bench", label) == [PASS]
    line.store.close()

    assert fates("-c", settings, "--lot", "LOT7") == {
        "(01)08999999000011(21)9A0001": ("seen", None)
    }


def explained(settings: Path, code_: str) -> dict[str, object]:
    done = scandock("explain", "-c", settings, "--json", code_)
    assert done.exit_code == 0, done.output
    told: dict[str, object] = json.loads(done.stdout)
    return told


def test_explain_tells_every_read_each_paper_and_who_was_told(line: Line, settings: Path) -> None:
    notice(line, (2, 2, 2))
    case_of(line, 2, 21, 22)
    line.do(lambda tx: outbox.enrol(tx, "host"))
    assert line.reads("dock", code(2), code(2), code(9)) == [
        PASS,
        (decisions.AGAIN, reasons.SAME_DOCUMENT),
        (decisions.HOLD, reasons.UPSTREAM_MISSING),
    ]
    parcel = line.do(lambda tx: outbox.reserve(tx, "host", 2, NOW_MS))
    assert isinstance(parcel, outbox.Parcel)
    line.do(lambda tx: outbox.settle(tx, parcel, outbox.DELIVERED, NOW_MS, "H-1"))
    sale(line, "OUT-1", "hospital")
    assert line.reads("desk", code(2)) == [PASS]
    line.do(
        lambda tx: holds.place(tx, NOW_MS, "li", 1, key(2), reasons.SEALED, words="broken seal")
    )
    line.store.close()

    life = explained(settings, code(2).decode())
    reads = life["reads"]
    assert isinstance(reads, list)
    assert [(read["number"], read["decision"], read["reason"]) for read in reads] == [
        (1, "PASS", "OK"),
        (2, "AGAIN", "SAME_DOCUMENT"),
        (4, "PASS", "OK"),
    ]
    assert [(one["number"], one["counted"]) for one in listed(life["papers"])] == [
        ("ASN-1", 1),
        ("OUT-1", 4),
    ]
    assert [(one["number"], one["state"], one["answer"]) for one in listed(life["told"])] == [
        (1, "delivered", "H-1"),
        (2, "delivered", "H-1"),
        (4, "queued", ""),
    ]
    assert (life["state"], life["inside"], len(listed(life["holds"]))) == (2, 2, 1)
    # What is inside went with it, though nobody ever read it.
    inside = explained(settings, code(21).decode())
    assert (inside["state"], inside["moved_by"], inside["reads"]) == (2, code(2).decode(), [])

    # A unit that never passed has a life too.
    held = explained(settings, code(9).decode())
    assert [read["reason"] for read in listed(held["reads"])] == ["UPSTREAM_MISSING"]
    assert held["state"] is None
    assert scandock("explain", "-c", settings, code(77).decode()).exit_code == 1
    assert scandock("explain", "-c", settings, "no code").exit_code == 2


def listed(value: object) -> list[dict[str, object]]:
    assert isinstance(value, list)
    return value


@pytest.mark.requirement("C15")
def test_explain_speaks_both_languages(line: Line, settings: Path) -> None:
    line.do(lambda tx: outbox.enrol(tx, "host"))
    assert line.reads("bench", code(1)) == [PASS]
    line.store.close()

    told_ = scandock("explain", "-c", settings, code(1).decode()).stdout
    assert "放行" in told_
    assert "state: seen" in told_
    assert "host, record 1: will be told in its turn; 0 records are before it" in told_


def test_holds_are_placed_listed_and_ended_by_hand(line: Line, settings: Path) -> None:
    line.store.close()
    place = ["hold", "place", "-c", settings, "--why", "test"]
    assert scandock(*place, "--code", code(1).decode()).stdout == "hold 1 is in force\n"
    assert scandock(*place, "--product", "p1", "--reason", "recalled").exit_code == 0
    assert scandock(*place, "--lot", "L9", "--product", "p1").exit_code == 0
    for wrong in (["--lot", "L8"], ["--code", "8999"], [], ["--code", "x", "--lot", "y"]):
        assert scandock(*place, *wrong).exit_code == 2
    assert scandock("hold", "list", "-c", settings).stdout.splitlines() == [
        f"1  SEALED  unit {code(1).decode()}",
        "2  RECALLED  product p1",
        "3  SEALED  lot L9 of product p1",
    ]
    assert scandock("hold", "release", "-c", settings, "1", "--why", "x").exit_code == 0
    assert scandock("hold", "release", "-c", settings, "1", "--why", "x").exit_code == 2
    assert len(scandock("hold", "list", "-c", settings).stdout.splitlines()) == 2
    assert "(over)" in scandock("hold", "list", "-c", settings, "--all").stdout


@pytest.mark.requirement("I10", "C13")
def test_a_list_of_sales_is_taken_and_its_cases_go_step_by_step(line: Line, settings: Path) -> None:
    line.store.close()
    sales = settings.with_name("sales.csv")
    sales.write_text(f"code,times,payer\n{code(1).decode()},1,fund\n{code(2).decode()},0,\n")
    taken = scandock("reflux", "import", "-c", settings, "--source", "bureau", sales)
    assert taken.stdout == "1 clean, 1 suspect\n"
    step = ["reflux", "step", "-c", settings, code(1).decode()]
    assert scandock(*step, "sealed", "--why", "as ordered").exit_code == 0
    assert scandock(*step, "released", "--why", "too early").exit_code == 2
    settings.write_text(settings.read_text() + TIANJIN)
    told = scandock("reflux", "report", "-c", settings, code(1).decode(), "--why", "as ordered")
    report = json.loads(told.stdout)
    assert report["to"] == ["insurance", "drug-regulator"]
    assert (report["unit"]["code"], len(report["unit"]["holds"])) == (code(1).decode(), 1)
    assert (
        scandock("reflux", "report", "-c", settings, code(1).decode(), "--why", "again").exit_code
        == 2
    )
    assert scandock("reflux", "list", "-c", settings).stdout == (
        f"{code(1).decode()}  reported  已报告\n"
    )
    sales.write_text(f"code,times\n{code(1).decode()},often\n")
    refused = scandock("reflux", "import", "-c", settings, "--source", "bureau", sales)
    assert refused.exit_code == 2
    assert 'line 2: times is "often"' in refused.output
    sales.write_bytes(b"\xe3\x00\xff")
    for words in (
        ("reflux", "import", "-c", settings, "--source", "bureau", sales),
        ("recall", "-c", settings, "--codes", sales),
        ("pack", "import", "-c", settings, sales),
    ):
        done = scandock(*words)
        assert (done.exit_code, type(done.exception)) == (2, SystemExit), words
