"""The host connector against a real HTTP server that answers as told, octet by octet."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest

from edge_agent.connectors import host
from edge_agent.connectors.base import (
    Answer,
    Delivered,
    Later,
    Partly,
    Refusal,
    Refused,
    Unknown,
)
from edge_agent.connectors.host import Host, retry_after_s
from edge_agent.store import outbox
from edge_agent.store.outbox import Parcel
from edge_agent.store.sqlite import Store, View
from protocol import cbor, reasons, wire
from protocol.shapes import Batch, FaultRecord, Label, OtherRecord, ScanRecord
from simulator.loopback import free_port
from tests.edge_agent.conftest import SetClock
from tests.edge_agent.words import BOOT, accept, arrival, code, octets, scan

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def answering(text: bytes, requests: list[bytes] | None = None) -> Handler:
    """Read a whole request, write ``text``, hang up."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        body = await reader.readexactly(length)
        if requests is not None:
            requests.append(head + body)
        writer.write(text)
        await writer.drain()
        writer.close()

    return handle


def response(status: str, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def post(view: View, handle: Handler | None, timeout_s: float = 5.0) -> Answer:
    """Let a host connector deliver the first parcel to a server that does ``handle``."""

    async def run() -> Answer:
        port = free_port()
        server = await asyncio.start_server(handle, "127.0.0.1", port) if handle else None
        url = f"http://127.0.0.1:{port}/scans"
        connector = Host(url, "demo", timeout_s, view, SetClock())
        try:
            return await connector.deliver(parcel(view))
        finally:
            await connector.close()
            if server:
                server.close()

    return asyncio.run(run())


def parcel(view: View) -> Parcel:
    with view.read() as tx:
        (store_id,) = tx.execute("SELECT value FROM meta WHERE name = 'store_id'").fetchone()
    return Parcel("erp", 1, 3, f"{store_id.hex()}-erp-1-3", 1, False)


@pytest.fixture(autouse=True)
def records(store: Store) -> None:
    accept(store, arrival(octets(*[scan(seq, code(seq)) for seq in range(5)])))


@pytest.mark.requirement("X03")
def test_a_parcel_is_posted_as_the_contract_says(store: Store, view: View) -> None:
    requests: list[bytes] = []
    answer = post(view, answering(response("201 Created", b"", "Location: /scans/7"), requests))

    head, body = requests[0].split(b"\r\n\r\n", 1)
    key = "000102030405060708090a0b0c0d0e0f-erp-1-3"
    assert head.startswith(b"POST /scans HTTP/1.1")
    assert f"Idempotency-Key: {key}".encode() in head
    assert b"Content-Type: application/json" in head
    told = json.loads(body)
    assert (told["parcel"], told["site"], len(told["scans"])) == (key, "demo", 3)
    # The batch was sent 5 ms after record 4 was read, and arrived at 22:13:20.000.
    assert told["scans"][1] == {
        "device": "cradle-1",
        "boot": BOOT.hex(),
        "seq": 1,
        "seen_at": "2023-11-14T22:13:16.995Z",
        "arrived_at": "2023-11-14T22:13:20.000Z",
        "decision": "PASS",
        "reason": "OK",
        "labels": [
            {
                "symbology": "C0",
                "data": "89999999000000000001",
                "kind": "MSFX20",
                "key": int(code(1)).to_bytes(9, "big").hex(),
            }
        ],
    }
    assert answer == Delivered("/scans/7")


def test_every_kind_of_record_is_told(store: Store, view: View) -> None:
    gs1 = b"0108999999000011219000000000018\x1d10L1"
    batch = Batch(
        b"boot-002",
        0,
        2**48 - 1,
        [
            ScanRecord(0, 0, (Label(b"d2", gs1, 0), Label(b"E0", b"\xff\x00", 0))),
            ScanRecord(1, 0, (Label(b"", b"NOREAD", reasons.NO_READ),)),
            FaultRecord(2, 5, 4, 2**48 - 1),
            OtherRecord(3, 6, 77),
        ],
    )
    accept(store, arrival(cbor.dumps(wire.batch_item(batch))))
    requests: list[bytes] = []

    async def run() -> None:
        server = await asyncio.start_server(
            answering(response("200 OK"), requests), "127.0.0.1", port := free_port()
        )
        connector = Host(f"http://127.0.0.1:{port}/", "demo", 5, view, SetClock())
        await connector.deliver(parcel(view)._replace(first=6, last=9))
        await connector.close()
        server.close()

    asyncio.run(run())

    scans = json.loads(requests[0].split(b"\r\n\r\n", 1)[1])["scans"]
    assert [(one["decision"], one["reason"]) for one in scans] == [
        ("REJECT", "LENGTH"),
        ("REJECT", "NO_READ"),
        ("AGAIN", "CRADLE_FAULT"),
        ("HOLD", "UNKNOWN_RECORD"),
    ]
    assert scans[0]["labels"][0]["data"] == gs1.decode()
    assert scans[0]["labels"][1] == {
        "symbology": "E0",
        "data_hex": "ff00",
        "kind": "GARBLED",
        "key": "7fff00",
        "reason": "LENGTH",
    }
    assert scans[1]["labels"] == [
        {"symbology": "", "data": "NOREAD", "kind": "UNREAD", "key": "", "reason": "NO_READ"}
    ]
    assert (scans[2]["fault"], scans[2]["times"]) == (4, 2**48 - 1)
    assert scans[3]["record_kind"] == 77
    # A clock that is years off does not stop the parcel.
    assert scans[0]["seen_at"] == "0001-01-01T00:00:00.000Z"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (response("200 OK", b"{}"), Delivered("")),
        (response("204 No Content"), Delivered("")),
        (
            response("500 Oops", b"out of order"),
            Later(None, "HTTP 500: out of order", suspect=True),
        ),
        (response("502 Bad gateway"), Later(None, "HTTP 502")),
        (response("503 Busy", b"", "Retry-After: 7"), Later(7.0, "HTTP 503")),
        (response("429 Slow down", b"", "Retry-After: soon"), Later(None, "HTTP 429")),
        (response("408 Timeout"), Later(None, "HTTP 408")),
        (response("400 Bad", b"no such lot"), Refused("HTTP 400: no such lot")),
        (response("422 Bad", b"x" * 9999), Refused("HTTP 422: " + "x" * 200)),
        (
            response("302 Found", b"", "Location: /login"),
            Later(None, "HTTP 302 (is the url in agent.toml right?)", barred=True),
        ),
        (
            response("401 Who are you"),
            Later(None, "HTTP 401 (the host must be set to let this agent in)", barred=True),
        ),
        (
            response("403 No", b"blocked"),
            Later(
                None, "HTTP 403: blocked (the host must be set to let this agent in)", barred=True
            ),
        ),
        (
            response("404 Not found"),
            Later(None, "HTTP 404 (is the url in agent.toml right?)", barred=True),
        ),
        (response("405 Not so"), Later(None, "HTTP 405 (is the url in agent.toml right?)", True)),
        (response("425 Too early"), Later(None, "HTTP 425")),
        (response("409 Conflict"), Refused("HTTP 409")),
        (
            response("413 Too much"),
            Refused("HTTP 413 (a lower records_max in agent.toml makes later parcels smaller)"),
        ),
        (
            response("200 OK", b"<html>Log in</html>", "Content-Type: text/html; charset=utf-8"),
            Unknown("HTTP 200: <html>Log in</html>"),
        ),
    ],
)
def test_what_an_answer_means(view: View, text: bytes, answer: Answer) -> None:
    assert post(view, answering(text)) == answer


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (b'{"refused": [], "unknown": []}', Delivered("")),
        (b'{"parcel": "p", "applied": 3}', Delivered("")),
        (b'["refused"]', Delivered("")),
        (b"refused", Delivered("")),
        (
            b'{"refused": [{"scan": 1, "code": "E7", "message": "no such lot"}], "unknown": [0]}',
            Partly("", (Refusal(2, "E7", "no such lot"),), (1,)),
        ),
        (
            b'{"refused": [{"scan": 0, "code": 7}, {"scan": 2}]}',
            Partly("", (Refusal(1, "7", ""), Refusal(3, "", ""))),
        ),
        (
            b'{"refused": [{"scan": 9, "message": "%s"}]}' % (b"x" * 999),
            Partly("", (Refusal(10, "", "x" * 200),)),
        ),
    ],
)
@pytest.mark.parametrize("status", ["200 OK", "207 Multi-Status"])
def test_a_host_may_take_some_scans_and_not_others(
    view: View, body: bytes, answer: Answer, status: str
) -> None:
    assert post(view, answering(response(status, body))) == answer


@pytest.mark.parametrize(
    "body",
    [
        b'{"refused": 1}',
        b'{"refused": ["all of them"]}',
        b'{"unknown": ["first"]}',
        b'{"refused": [{"code": "E7"}]}',
    ],
)
def test_a_host_that_says_so_unreadably_leaves_it_unknown(view: View, body: bytes) -> None:
    answer = post(view, answering(response("200 OK", body)))

    assert isinstance(answer, Unknown)
    assert answer.suspect


def test_a_host_that_says_more_than_is_read_leaves_it_unknown(
    view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host, "_ANSWER_MAX", 1000)
    body = b'{"refused": [%s]}' % b",".join(b'{"scan": %d}' % scan for scan in range(200))

    assert isinstance(post(view, answering(response("200 OK", body))), Unknown)


WHOLE = response("200 OK", b'{"applied": 3}')


@pytest.mark.parametrize("octets", [0, 5, 17, len(WHOLE) - 1])
def test_an_answer_cut_short_is_none(view: View, octets: int) -> None:
    assert isinstance(post(view, answering(WHOLE[:octets])), Unknown)


def test_no_answer_in_time_is_unknown(view: View) -> None:
    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    assert isinstance(post(view, never, timeout_s=0.2), Unknown)


def test_nobody_there_is_later(view: View) -> None:
    answer = post(view, None)

    assert isinstance(answer, Later)
    assert "nothing was sent" in answer.why


def test_an_endless_answer_is_not_read_to_its_end(
    view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host, "_ANSWER_MAX", 1000)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            while True:
                writer.write(b"3e8\r\n" + b"x" * 1000 + b"\r\n")
                await writer.drain()
        except ConnectionError:
            writer.close()

    assert post(view, talk) == Delivered("")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        ("Tue, 14 Nov 2023 22:13:50 GMT", 30.0),
        ("Tue, 14 Nov 2023 22:13:50 -0000", 30.0),
        ("Tue, 14 Nov 2023 22:00:00 GMT", 0.0),
        ("", None),
        ("-5", None),
        ("٣", None),
        ("tomorrow", None),
    ],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    assert retry_after_s(value, SetClock().now_ms()) == seconds


def test_the_same_parcel_has_the_same_octets_at_every_try(store: Store, view: View) -> None:
    requests: list[bytes] = []
    post(view, answering(WHOLE, requests))
    accept(store, arrival(octets(*[scan(seq, code(seq)) for seq in range(5, 9)])))
    with store.write() as tx:
        outbox.enrol(tx, "other")
    post(view, answering(WHOLE, requests))

    first, second = (request.split(b"\r\n\r\n", 1)[1] for request in requests)
    assert first == second
