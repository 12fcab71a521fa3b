"""Whatever is changed, taken out, or moved in ledger and acts is found; so is a cut-off end."""

from __future__ import annotations

import random
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.domain.head import Head
from edge_agent.store import acts, anchor, ledger, outbox, verify
from edge_agent.store.ledger import Row
from edge_agent.store.sqlite import Store, View
from tests.edge_agent.conftest import STORE_ID
from tests.edge_agent.words import accept, arrival, code, octets, scan, up

ROWS = 6
EACH = 4
ACTS = 5
LOOKED_AT = ("ledger", "act", "pack_saying", "boot", "receiver", "meta")
PLANTED = 500  # of each kind; one takes 3 ms


def fill(store: Store) -> None:
    """Six rows of four records, from two cradles, and an act after each of the first five."""
    for row in range(ROWS):
        first = row // 2 * EACH
        records = [scan(first + i, code(row * EACH + i)) for i in range(EACH)]
        accept(store, arrival(octets(*records), up(f"cradle-{row % 2}")))
        if row < ACTS:
            with store.write() as tx:
                acts.append(tx, 1_700_000_000_000 + row, "Li", "document.close", {"number": row})
    with store.write() as tx:
        outbox.enrol(tx, "erp")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Head]:
    """A filled store without its triggers, since somebody who has the file needs no leave of
    ours, and, to be quick, without the tables that nobody looks at; and its head."""
    store = Store(tmp_path_factory.mktemp("verify") / "scandock.db", lambda: STORE_ID)
    fill(store)
    with store.write() as tx:
        head = anchor.head(tx, 1_700_000_100_000)
    store.close()
    with altered(store.path) as db:
        for kind, name in db.execute("SELECT type, name FROM sqlite_schema").fetchall():
            if kind == "trigger" or (kind == "table" and name not in LOOKED_AT):
                db.execute(f"DROP {kind} IF EXISTS {name}")
    return store.path, head


@pytest.fixture
def path(template: tuple[Path, Head], tmp_path: Path) -> Path:
    """A copy of the template."""
    return Path(shutil.copy(template[0], tmp_path / "scandock.db"))


@contextmanager
def altered(path: Path) -> Iterator[sqlite3.Connection]:
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA ignore_check_constraints = ON")
    db.execute("BEGIN")
    yield db
    db.execute("COMMIT")
    db.close()


def tamper(path: Path, *statements: str) -> None:
    with altered(path) as db:
        for statement in statements:
            db.execute(statement)


def walked(path: Path, *heads: Head) -> verify.Report:
    view = View(path)
    report = verify.verify(view, heads)
    view.close()
    return report


def test_what_was_written_is_whole(
    template: tuple[Path, Head], monkeypatch: pytest.MonkeyPatch
) -> None:
    report = walked(*template)

    assert report[:2] == (ROWS, ROWS * EACH)
    assert (report.acts, report.finding) == (ACTS, None)
    for chunk in (1, ACTS, ROWS - 1, ROWS, ROWS + 1):
        monkeypatch.setattr(verify, "_CHUNK", chunk)
        assert walked(*template) == report


def test_an_empty_ledger_is_whole(store: Store, view: View) -> None:
    assert verify.verify(view) == (0, 0, ledger.GENESIS, 0, acts.GENESIS, None)


# Planted changes: a function plants one, and says what it did.

Plant = Callable[[sqlite3.Connection, random.Random], str]

EVIDENCE = {
    "ledger": ("body", "rulings", "chain"),
    "act": ("body", "chain", "who", "what"),
    "boot": ("device", "boot_id"),
}
NUMBERS = {
    "ledger": ("number", "boot", "seq", "skip", "n", "arrived_ms"),
    "act": ("number", "at_ms", "record"),
    "boot": ("id", "next_seq"),
}


def change_an_octet(db: sqlite3.Connection, dice: random.Random) -> str:
    table = dice.choice(list(EVIDENCE))
    column = dice.choice(EVIDENCE[table])
    sql = f"SELECT rowid, CAST({column} AS BLOB), typeof({column}) FROM {table}"
    row, value, kind = dice.choice(db.execute(sql).fetchall())
    at = dice.randrange(len(value))
    changed = bytearray(value)
    changed[at] ^= dice.randrange(1, 256)
    db.execute(
        f"UPDATE {table} SET {column} = CAST(? AS {kind}) WHERE rowid = ?", (bytes(changed), row)
    )
    return f"octet {at} of {table}.{column} in row {row}"


def change_a_number(db: sqlite3.Connection, dice: random.Random) -> str:
    table = dice.choice(list(NUMBERS))
    column = dice.choice(NUMBERS[table])
    (row,) = dice.choice(db.execute(f"SELECT rowid FROM {table}").fetchall())
    by = dice.choice([-(10**15), -300, -4, -1, 1, 4, 300, 10**15])
    if column in ("number", "id"):
        by = abs(by) * 100  # to where no row is
    db.execute(f"UPDATE {table} SET {column} = {column} + ? WHERE rowid = ?", (by, row))
    return f"{table}.{column} in row {row} by {by}"


def take_out(db: sqlite3.Connection, dice: random.Random) -> str:
    """One row or several; as often as not the gap is closed behind them."""
    table, step = dice.choice([("ledger", EACH), ("act", 1)])
    numbers = [
        number for (number,) in db.execute(f"SELECT number FROM {table} ORDER BY number").fetchall()
    ]
    first = dice.randrange(len(numbers) - 1)
    count = dice.randint(1, len(numbers) - 1 - first)
    gone = numbers[first : first + count]
    db.execute(f"DELETE FROM {table} WHERE number BETWEEN ? AND ?", (gone[0], gone[-1]))
    closed = dice.random() < 0.5
    if closed:
        for number in numbers[first + count :]:
            sql = f"UPDATE {table} SET number = ? WHERE number = ?"
            db.execute(sql, (number - count * step, number))
    return f"{table} {gone}, gap closed: {closed}"


def exchange(db: sqlite3.Connection, dice: random.Random) -> str:
    table = dice.choice(["ledger", "act"])
    numbers = [
        number for (number,) in db.execute(f"SELECT number FROM {table} ORDER BY number").fetchall()
    ]
    one, other = dice.sample(numbers, 2)
    # As often as not the links stay where they were, which is the finer forgery.
    chains = dict(db.execute(f"SELECT number, chain FROM {table}").fetchall())
    stay = dice.random() < 0.5
    for old, new in ((one, -1), (other, one), (-1, other)):
        db.execute(f"UPDATE {table} SET number = ? WHERE number = ?", (new, old))
    for number in (one, other):
        if stay:
            db.execute(f"UPDATE {table} SET chain = ? WHERE number = ?", (chains[number], number))
    return f"{table} {one} and {other}, links stay: {stay}"


def cut_off(db: sqlite3.Connection, dice: random.Random) -> str:
    """The end goes, and with it all that remembers it: what is left is a whole store."""
    rows = dice.randint(0, ROWS)
    last = rows * EACH
    db.execute("DELETE FROM ledger WHERE number > ?", (last,))
    db.execute("DELETE FROM act WHERE record > ?", (last,))
    if rows == ROWS or dice.random() < 0.5:
        number = dice.randint(1, ACTS)
        db.execute("DELETE FROM act WHERE number >= ?", (number,))
    db.execute(
        "UPDATE boot SET next_seq ="
        " coalesce((SELECT max(seq + n) FROM ledger WHERE boot = boot.id), 0)"
    )
    return f"all but {rows} rows"


@pytest.mark.requirement("C03", "C04")
@pytest.mark.parametrize(
    "plant",
    [change_an_octet, change_a_number, take_out, exchange, cut_off],
    ids=lambda p: p.__name__,
)
def test_every_planted_change_is_found(
    plant: Plant, template: tuple[Path, Head], tmp_path: Path
) -> None:
    unfound = []
    for seed in range(PLANTED):
        path = Path(shutil.copy(template[0], tmp_path / "scandock.db"))
        with altered(path) as db:
            what = plant(db, random.Random(seed))

        if walked(path, template[1]).finding is None:
            unfound.append(f"seed {seed}: {what}")

    assert unfound == []


def test_a_cut_off_end_is_found_by_nothing_but_a_head(
    template: tuple[Path, Head], path: Path
) -> None:
    with altered(path) as db:
        cut_off(db, random.Random(1))

    assert walked(path).finding is None
    assert walked(path, template[1]).finding is not None


MISFIT = "its link does not fit: it, or the row before, was changed"


def found(path: Path) -> verify.Finding:
    finding = walked(path).finding
    assert finding is not None
    return finding


@pytest.mark.parametrize(
    ("statement", "place", "what"),
    [
        (
            "UPDATE ledger SET arrived_ms = arrived_ms + 1 WHERE number = 9",
            "record 9",
            MISFIT,
        ),
        ("UPDATE ledger SET n = 3 WHERE number = 9", "record 9", MISFIT),
        (
            "UPDATE boot SET boot_id = CAST(boot_id || x'00' AS BLOB) WHERE device = 'cradle-1'",
            "record 5",
            MISFIT,
        ),
        (
            "UPDATE boot SET device = 'cradle-9' WHERE device = 'cradle-1'",
            "record 5",
            MISFIT,
        ),
        (
            "DELETE FROM ledger WHERE number = 9",
            "record 9",
            "it is missing; the next row begins at 13",
        ),
        (
            "UPDATE ledger SET boot = 9 WHERE number = 9",
            "record 9",
            "its boot 9 is not in the store",
        ),
        (
            "DELETE FROM ledger WHERE number >= 17",
            "record 17",
            "the ledger ends here, but act 5 was filed after record 20",
        ),
        ("DELETE FROM act WHERE number = 2", "act 2", "it is missing; the next is 3"),
        (
            "UPDATE receiver SET next_number = 30",
            "record 25",
            "the ledger ends here, but erp was sent records up to 29",
        ),
        (
            "UPDATE boot SET next_seq = 13 WHERE id = 1",
            "record 25",
            "the ledger ends here, but cradle-0 was told that all below seq 13 is booked",
        ),
    ],
)
def test_a_finding_says_where_and_what(path: Path, statement: str, place: str, what: str) -> None:
    tamper(path, statement)

    assert found(path) == (place, what)


def test_a_file_that_cannot_be_read_on_is_a_finding(path: Path) -> None:
    with altered(path) as db:
        (page,) = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'ledger'").fetchone()
    octets = bytearray(path.read_bytes())
    octets[(page - 1) * 4096 : page * 4096] = bytes(4096)
    path.write_bytes(octets)

    assert found(path).what.startswith("the file is damaged")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"store": b"x" * 16}, f"it is of another store ({(b'x' * 16).hex()})"),
        ({"records": 28}, "it had 28 records, and the ledger ends with record 24"),
        ({"records": 22}, "up to record 22 it was another ledger"),
        ({"ledger": bytes(32)}, "up to record 24 it was another ledger"),
        ({"acts": 6}, "it had 6 acts, and the acts end with 5"),
        ({"act": bytes(32)}, "up to act 5 they were others"),
    ],
)
def test_a_head_that_is_not_extended_says_why(
    template: tuple[Path, Head], change: dict[str, Any], why: str
) -> None:
    path, head = template

    finding = walked(path, head._replace(**change)).finding

    assert finding == ("head of 2023-11-14T22:15:00.000Z", why)


def test_a_store_extends_its_heads_for_ever(store: Store, view: View) -> None:
    heads = []
    for _ in range(3):
        with store.write() as tx:
            heads.append(anchor.head(tx, 0))
        fill_more(store)

    assert verify.verify(view, heads).finding is None


def test_a_store_that_is_being_written_is_whole(
    store: Store, view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "_CHUNK", 3)
    enough = threading.Event()

    def write() -> None:
        while not enough.is_set():
            fill_more(store)

    writing = threading.Thread(target=write)
    writing.start()
    try:
        reports = [verify.verify(view)]
        while len(reports) < 20 or reports[-1].records < reports[0].records + 20:
            reports.append(verify.verify(view))
    finally:
        enough.set()
        writing.join()
    assert {report.finding for report in reports} == {None}


def fill_more(store: Store) -> None:
    with store.write() as tx:
        acts.append(tx, 0, "Li", "pack.bind", {})
        mark = ledger.mark(tx, "cradle-1", b"boot-001")
    first = mark.next_seq if mark else 0
    accept(store, arrival(octets(scan(first, code(first)))))


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
