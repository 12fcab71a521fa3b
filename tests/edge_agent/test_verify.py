"""Whatever is changed, taken out, or moved in the ledger is found, with its place."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.store import ledger, outbox, verify
from edge_agent.store.ledger import Row
from edge_agent.store.sqlite import Store, View
from tests.edge_agent.conftest import STORE_ID
from tests.edge_agent.words import accept, arrival, code, octets, scan, up

ROWS = 6
EACH = 4


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store of six rows of four records, from two cradles; closed."""
    store = Store(tmp_path / "scandock.db", lambda: STORE_ID)
    for row in range(ROWS):
        first = row // 2 * EACH
        records = [scan(first + i, code(row * EACH + i)) for i in range(EACH)]
        accept(store, arrival(octets(*records), up(f"cradle-{row % 2}")))
    with store.write() as tx:
        outbox.enrol(tx, "erp")
    store.close()
    return store.path


def tamper(path: Path, *statements: str) -> None:
    """Somebody who has the file needs no leave of our triggers."""
    db = sqlite3.connect(path)
    for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        db.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        db.execute(statement)
    db.commit()
    db.close()


def walked(path: Path) -> verify.Report:
    view = View(path)
    report = verify.verify(view)
    view.close()
    return report


def test_what_was_written_is_whole(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = walked(path)

    assert (report.rows, report.records, report.finding) == (ROWS, ROWS * EACH, None)
    for chunk in (1, ROWS - 1, ROWS, ROWS + 1):
        monkeypatch.setattr(verify, "_CHUNK", chunk)
        assert walked(path) == report


def test_an_empty_ledger_is_whole(store: Store, view: View) -> None:
    assert verify.verify(view) == verify.Report(0, 0, ledger.GENESIS, None)


@pytest.mark.parametrize("column", ["seq", "skip", "arrived_ms"])
@pytest.mark.parametrize("number", [1, 9, 21])
def test_a_changed_number_is_found(path: Path, column: str, number: int) -> None:
    tamper(path, f"UPDATE ledger SET {column} = {column} + 1 WHERE number = {number}")

    report = walked(path)

    assert report.finding is not None
    assert (report.finding.number, report.records) == (number, number - 1)


@pytest.mark.parametrize(
    "change",
    [
        "body = CAST(body || x'00' AS BLOB)",
        "rulings = x'0100010001000400'",
        "boot = 3 - boot",
        "chain = zeroblob(32)",
    ],
)
@pytest.mark.parametrize("number", [1, 9, 21])
def test_changed_evidence_is_found(path: Path, change: str, number: int) -> None:
    tamper(path, f"UPDATE ledger SET {change} WHERE number = {number}")

    finding = walked(path).finding

    assert finding is not None
    assert finding.number == number


def test_a_renamed_device_is_found(path: Path) -> None:
    tamper(path, "UPDATE boot SET device = 'cradle-9' WHERE device = 'cradle-1'")

    finding = walked(path).finding

    assert finding is not None
    assert finding.number == 5


@pytest.mark.parametrize("number", [1, 9])
def test_a_row_taken_out_is_found(path: Path, number: int) -> None:
    tamper(path, f"DELETE FROM ledger WHERE number = {number}")

    finding = walked(path).finding

    assert finding is not None
    assert finding == (number, f"it is missing; the next row begins at {number + 4}")


def test_a_row_taken_out_and_the_gap_closed_is_found(path: Path) -> None:
    tamper(
        path,
        "DELETE FROM ledger WHERE number = 17",
        "UPDATE ledger SET number = 17 WHERE number = 21",
    )

    finding = walked(path).finding

    assert finding is not None
    assert finding.number == 17


def test_two_rows_exchanged_are_found(path: Path) -> None:
    tamper(
        path,
        "UPDATE ledger SET number = 99 WHERE number = 1",
        "UPDATE ledger SET number = 1 WHERE number = 5",
        "UPDATE ledger SET number = 5 WHERE number = 99",
    )

    finding = walked(path).finding

    assert finding is not None
    assert finding.number == 1


def test_a_tail_cut_off_is_found_by_what_remembers_it(path: Path) -> None:
    tamper(path, "DELETE FROM ledger WHERE number >= 17")

    finding = walked(path).finding

    assert finding is not None
    assert finding == (
        17,
        "the ledger ends here, but cradle-0 was told that all below seq 12 is booked",
    )


def test_a_tail_cut_off_with_its_marks_is_found_by_a_receiver(path: Path) -> None:
    tamper(
        path,
        "DELETE FROM ledger WHERE number >= 17",
        "UPDATE boot SET next_seq = 8",
        "UPDATE receiver SET next_number = 20",
    )

    finding = walked(path).finding

    assert finding == (17, "the ledger ends here, but erp was sent records up to 19")


ROW_VALUES = st.builds(
    Row,
    boot=st.just(1),
    device=st.text("abc-1", min_size=1, max_size=4),
    boot_id=st.binary(min_size=8, max_size=8),
    seq=st.integers(0, 2**48),
    skip=st.integers(0, 255),
    arrived_ms=st.integers(0, 2**48),
    body=st.binary(max_size=4),
    rulings=st.binary(max_size=2).map(lambda half: half * 2),
)


@given(row=ROW_VALUES, other=ROW_VALUES, number=st.integers(1, 3), chain=st.sampled_from([0, 1]))
def test_no_two_rows_have_one_link(row: Row, other: Row, number: int, chain: int) -> None:
    one = ledger.link(bytes(32), 1, row)
    two = ledger.link(bytes([chain]) * 32, number, other)

    assert (one == two) == ((row, 1, 0) == (other, number, chain))
