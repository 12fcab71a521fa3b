"""The receiver applies a parcel once, however often it comes, and answers when it is on disk."""

from __future__ import annotations

import http.client
import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.faults import Fault, Schedule
from simulator.history import Forwarded
from simulator.receiver import HOST, KEY_HEADER, Ledger, ReceiverProcess, forwarded

BOOT = "00" * 8


def parcel(number: int, *seqs: int) -> bytes:
    scans = [{"device": "cradle-1", "boot": BOOT, "seq": seq, "code": "8…"} for seq in seqs]
    return json.dumps({"parcel": number, "site": "dock", "scans": scans}).encode()


def post(port: int, key: str, body: bytes) -> tuple[int, bytes]:
    """Return status and body of the answer; 0 when there was none, or only half of one."""
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        connection.request("POST", "/scans", body, {KEY_HEADER: key} if key else {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (http.client.HTTPException, OSError):
        return 0, b""
    finally:
        connection.close()


def names(ledger: Path) -> list[tuple[str, int]]:
    return [(event.key, event.seq) for event in forwarded(ledger)]


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReceiverProcess]:
    """One that has no faults. Each test uses keys of its own."""
    made = ReceiverProcess(tmp_path_factory.mktemp("receiver") / "ledger.jsonl")
    made.start()
    yield made
    made.kill()


def test_a_parcel_that_comes_again_gets_the_same_answer_and_is_not_applied_again(
    receiver: ReceiverProcess,
) -> None:
    answers = [post(receiver.port, "again", parcel(1, 0, 1)) for _ in range(3)]

    assert answers[0] == (200, b'{"parcel": 1, "applied": 2}')
    assert answers[1:] == answers[:1] * 2
    assert [name for name in names(receiver.ledger) if name[0] == "again"] == [
        ("again", 0),
        ("again", 1),
    ]


def test_a_record_under_another_key_is_applied_again_for_the_judge_to_see(
    receiver: ReceiverProcess,
) -> None:
    post(receiver.port, "k1", parcel(2, 7))
    post(receiver.port, "k2", parcel(2, 7))

    assert {("k1", 7), ("k2", 7)} <= set(names(receiver.ledger))


def test_a_key_that_comes_with_another_body_is_refused(receiver: ReceiverProcess) -> None:
    post(receiver.port, "frozen", parcel(3, 0))
    status, body = post(receiver.port, "frozen", parcel(3, 0, 1))

    assert status == 422
    assert b"frozen came before with another body" in body
    assert [name for name in names(receiver.ledger) if name[0] == "frozen"] == [("frozen", 0)]


@pytest.mark.parametrize(
    ("key", "body"),
    [
        ("", parcel(4, 0)),
        ("bad", b"{"),
        ("bad", b"[]"),
        ("bad", b'{"parcel": 1, "site": "dock"}'),
        ("bad", b'{"parcel": 1, "site": "dock", "scans": [{"device": "d", "boot": "0"}]}'),
    ],
    ids=["no key", "no JSON", "no object", "no scans", "no seq"],
)
def test_what_is_no_parcel_is_refused_and_not_applied(
    receiver: ReceiverProcess, key: str, body: bytes
) -> None:
    before = receiver.ledger.read_bytes()

    assert post(receiver.port, key, body)[0] == 400
    assert receiver.ledger.read_bytes() == before


def test_the_ledger_tells_the_checker_what_was_applied(receiver: ReceiverProcess) -> None:
    begun_ms = time.time() * 1_000
    post(receiver.port, "told", parcel(5, 40, 41))
    events = [event for event in forwarded(receiver.ledger) if event.key == "told"]

    assert [(one.cradle, one.boot, one.seq) for one in events] == [
        ("cradle-1", BOOT, 40),
        ("cradle-1", BOOT, 41),
    ]
    assert all(begun_ms <= one.at_ms <= time.time() * 1_000 for one in events)


def test_each_fault_befalls_its_request_and_leaves_what_it_says(tmp_path: Path) -> None:
    faults = [Fault.SERVER_ERROR, Fault.TOO_MANY, Fault.HTML, Fault.LOST, Fault.HALF, Fault.SLOW]
    schedule = ",".join(f"{fault.value}@{number}" for number, fault in enumerate(faults, 1))
    made = ReceiverProcess(tmp_path / "ledger.jsonl", schedule, slow_s=0.3)
    made.start()
    try:
        answers = []
        for number in range(1, 7):
            begun = time.monotonic()
            answers.append(post(made.port, f"k{number}", parcel(number, number)))
        late_s = time.monotonic() - begun
        again = [post(made.port, f"k{number}", parcel(number, number)) for number in range(1, 7)]
    finally:
        made.kill()

    assert [status for status, _ in answers] == [500, 429, 200, 0, 0, 200]
    assert answers[2][1].startswith(b"<html>")
    assert late_s >= 0.3
    # Whatever happened to the first answer, asking again heals it, and nothing is applied twice.
    assert [status for status, _ in again] == [200] * 6
    assert names(made.ledger) == [(f"k{n}", n) for n in (4, 5, 6, 1, 2, 3)]


def test_what_was_answered_outlives_kill_9(tmp_path: Path) -> None:
    made = ReceiverProcess(tmp_path / "ledger.jsonl")
    made.start()
    port = made.port
    answered: list[int] = []
    stop = threading.Event()

    def send_without_end() -> None:
        number = 0
        while not stop.is_set():
            if post(port, f"k{number}", parcel(number, number))[0] == 200:
                answered.append(number)
                number += 1

    sender = threading.Thread(target=send_without_end)
    sender.start()
    try:
        for _ in range(3):
            enough, end = len(answered) + 20, time.monotonic() + 20
            while len(answered) < enough and time.monotonic() < end:
                time.sleep(0.001)
            made.kill()
            assert set(answered) <= {seq for _, seq in names(made.ledger)}
            made.start()
    finally:
        stop.set()
        sender.join()
        made.kill()

    assert made.port == port
    assert len(answered) >= 60
    assert names(made.ledger) == [(f"k{number}", number) for number in range(len(answered))]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), parcels=st.integers(1, 4))
def test_a_ledger_cut_anywhere_keeps_its_whole_lines(
    tmp_path: Path, data: st.DataObject, parcels: int
) -> None:
    path = tmp_path / "cut.jsonl"
    path.unlink(missing_ok=True)
    ledger = Ledger(path)
    for number in range(parcels):
        ledger.apply(0.0, f"k{number}", parcel(number, number))
    octets = path.read_bytes()
    cut = data.draw(st.integers(0, len(octets)))
    whole = octets[:cut].count(b"\n")
    path.write_bytes(octets[:cut])

    assert len(names(path)) == whole
    again = Ledger(path)
    assert [again.body(f"k{n}") is not None for n in range(parcels)] == [
        n < whole for n in range(parcels)
    ]
    again.apply(0.0, "next", parcel(9, 9))
    assert names(path) == [(f"k{n}", n) for n in range(whole)] + [("next", 9)]


def test_a_line_is_synced_before_anybody_may_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    at_sync: list[tuple[list[tuple[str, int]], bytes | None]] = []

    def fsync(_: int) -> None:
        at_sync.append((names(tmp_path / "ledger.jsonl"), ledger.body("k")))

    monkeypatch.setattr(os, "fsync", fsync)
    ledger.apply(0.0, "k", parcel(1, 0))

    assert at_sync == [([("k", 0)], None)]
    assert ledger.body("k") is not None


def test_no_ledger_yet_is_nothing_applied(tmp_path: Path) -> None:
    nothing: list[Forwarded] = []

    assert list(forwarded(tmp_path / "none.jsonl")) == nothing


def test_a_schedule_names_requests_by_number_range_and_step() -> None:
    schedule = Schedule("lost@2,500@4-5,429@*/3")
    seen = {number: schedule.at(number) for number in range(1, 8)}

    expected: dict[int, Any] = dict.fromkeys(range(1, 8))
    expected |= {2: Fault.LOST, 4: Fault.SERVER_ERROR, 5: Fault.SERVER_ERROR}
    expected |= {3: Fault.TOO_MANY, 6: Fault.TOO_MANY}
    assert seen == expected
    assert Schedule("").at(1) is None


@pytest.mark.parametrize("rule", ["gone@1", "lost", "lost@", "lost@x", "lost@*/0", "lost@1-y"])
def test_a_rule_that_is_not_understood_is_named(rule: str) -> None:
    with pytest.raises(ValueError, match="is not understood\n  hint: ") as error:
        Schedule(f"500@1,{rule}")

    assert repr(rule) in str(error.value)
