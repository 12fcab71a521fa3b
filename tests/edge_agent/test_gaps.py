"""An older backup meets newer cradles: what is missing is named, and everything else is kept."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from edge_agent.domain.model import Answer
from edge_agent.ingest.accept import Accept, Arrival
from edge_agent.store import acts, backup, ledger, verify
from edge_agent.store.sqlite import Store, View
from tests.edge_agent.words import accept, accepting, arrival, code, octets, scan, up

NOW = 1_800_000_000_000
BOTH = ("cradle-1", "cradle-2")


@pytest.fixture
def restored(open_store: Callable[[], Store], tmp_path: Path) -> Store:
    """Of two cradles 4 records each were booked when the copy was made, 8 of the first when the
    store was lost."""
    store = open_store()
    for device in BOTH:
        accept(store, batch(device, 0))
    backup.backup(store.path, tmp_path / "copy.db")
    accept(store, batch("cradle-1", 4))
    store.close()
    draw = random.Random(1).randbytes
    backup.restore(store.path, tmp_path / "copy.db", tmp_path, NOW, "Li", draw)
    return open_store()


def batch(device: str, first: int, after_ms: int = 0, boot: bytes = b"boot-001") -> Arrival:
    base = 100 * BOTH.index(device) + (50 if boot != b"boot-001" else 0)
    records = [scan(first + i, code(base + first + i)) for i in range(4)]
    return arrival(octets(*records, boot=boot), up(device), arrived_ms=NOW + after_ms)


def resend(
    store: Store, by: Accept, device: str, first: int, seconds: range, boot: bytes = b"boot-001"
) -> list[Answer]:
    """Send the same batch again and again, as a cradle does until it is answered."""
    for second in seconds:
        answers = accept(store, batch(device, first, 1000 * second, boot), by=by)
    return answers


@pytest.mark.requirement("C06")
def test_what_is_lost_is_named_and_the_cradle_goes_on(restored: Store) -> None:
    by = accepting()
    assert resend(restored, by, "cradle-1", 8, range(0, 30, 5))[0].next_seq == 4

    (answer,) = resend(restored, by, "cradle-1", 8, range(30, 31))

    assert (answer.next_seq, answer.runs) == (12, [(8, b"\1\0" * 4)])
    with restored.write() as tx:
        (act,) = acts.acts_of(tx, ledger.LOST)
        assert act.body == {"device": "cradle-1", "boot": b"boot-001".hex(), "seq": 4, "until": 8}
        assert ledger.next_number(tx) == 13
    assert accept(restored, batch("cradle-1", 12), by=by)[0].next_seq == 16
    view = View(restored.path)
    assert verify.verify(view).finding is None
    view.close()


def test_a_boot_of_which_the_store_knows_nothing_begins_where_it_is(restored: Store) -> None:
    by = accepting()
    (answer,) = resend(restored, by, "cradle-2", 20, range(0, 31, 5), boot=b"boot-002")

    assert answer.next_seq == 24
    view = View(restored.path)
    assert verify.verify(view).finding is None
    view.close()


def test_a_cradle_that_has_older_records_is_waited_for(restored: Store) -> None:
    by = accepting()
    resend(restored, by, "cradle-1", 12, range(0, 25, 5))
    resend(restored, by, "cradle-1", 8, range(25, 50, 5))  # it had older ones: the time starts anew
    (answer,) = resend(restored, by, "cradle-1", 12, range(50, 100, 5))
    assert answer.next_seq == 4

    (answer,) = accept(restored, batch("cradle-1", 4, 100_000), by=by)
    assert answer.next_seq == 8
    with restored.write() as tx:
        assert list(acts.acts_of(tx, ledger.LOST)) == []


def test_a_clock_that_jumps_proves_nothing(restored: Store) -> None:
    by = accepting()
    for after_ms in (0, 40_000, -(10**9), 10**9):
        (answer,) = accept(restored, batch("cradle-1", 8, after_ms), by=by)
        assert answer.next_seq == 4


def test_in_a_store_that_was_never_restored_a_gap_is_waited_for(store: Store) -> None:
    by = accepting()
    accept(store, batch("cradle-1", 0), by=by)

    assert resend(store, by, "cradle-1", 8, range(0, 600, 5))[0].next_seq == 4


def test_a_jump_that_no_act_explains_is_a_finding(restored: Store) -> None:
    with restored.write() as tx:
        mark = ledger.mark(tx, "cradle-1", b"boot-001")
        assert mark is not None
        row = ledger.Row(mark.boot, "cradle-1", b"boot-001", 8, 0, NOW, b"", b"\1\0")
        ledger.append(tx, [row])
        ledger.advance(tx, [(9, mark.boot)])
    view = View(restored.path)
    assert verify.verify(view).finding == (
        "record 9",
        "cradle-1 is booked up to seq 4, this row has 8",
    )
    view.close()
