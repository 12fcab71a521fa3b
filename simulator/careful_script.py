"""The peer that the agent is measured against: what a careful person writes in an afternoon.

Manual acknowledgement after a group commit, WAL with synchronous=FULL, one row a code, batches
frozen before they are posted, an idempotency key. No rules of the trade, no ledger, no verdicts.

`python -m simulator.careful_script BROKER_PORT STORE URL`
"""

from __future__ import annotations

import json
import queue
import sqlite3
import sys
import threading
import time
import urllib.request

import cbor2
from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

GROUP = 512
WAIT_S = 0.005


def main(port: int, path: str, url: str) -> None:
    """Run until killed."""
    inbox: queue.Queue[mqtt.MQTTMessage] = queue.Queue(4096)
    client = mqtt.Client(CallbackAPIVersion.VERSION2, "careful", clean_session=False)
    client.manual_ack_set(True)
    client.on_message = lambda _client, _data, message: inbox.put(message)
    client.on_connect = subscribe
    client.connect("127.0.0.1", port)
    client.loop_start()
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("CREATE TABLE IF NOT EXISTS code (key BLOB PRIMARY KEY, id INTEGER) WITHOUT ROWID")
    db.execute("CREATE TABLE IF NOT EXISTS outbox (id INTEGER PRIMARY KEY, body TEXT)")
    threading.Thread(target=post, args=(path, url), daemon=True).start()
    while True:
        messages = [inbox.get()]
        scans = 0
        end = time.monotonic() + WAIT_S
        while scans < GROUP and (left := end - time.monotonic()) > 0:
            try:
                messages.append(inbox.get(timeout=left))
            except queue.Empty:
                break
            scans += 64 if len(messages[-1].payload) > 100 else 1
        book(db, client, messages)


def subscribe(client: mqtt.Client, *_: object) -> None:
    """Hear every cradle."""
    client.subscribe("scandock/1/+/+/up", 1)


def book(db: sqlite3.Connection, client: mqtt.Client, messages: list[mqtt.MQTTMessage]) -> None:
    """Commit a group, then acknowledge it and tell the cradles."""
    answers = []
    db.execute("BEGIN IMMEDIATE")
    for message in messages:
        _, _, boot, first, _, _, records = cbor2.loads(message.payload)
        codes = [record[3] for record in records]
        (row,) = db.execute(
            "INSERT INTO outbox (body) VALUES (?) RETURNING id",
            (json.dumps([code.hex() for code in codes]),),
        ).fetchone()
        db.executemany("INSERT OR IGNORE INTO code VALUES (?, ?)", [(one, row) for one in codes])
        answers.append((message, cbor2.dumps([1, 2, boot, first + len(records)])))
    db.execute("COMMIT")
    for message, answer in answers:
        client.ack(message.mid, message.qos)
        client.publish(message.topic.replace("/up", "/down"), answer, 1)


def post(path: str, url: str) -> None:
    """Post frozen ranges of the outbox, in order."""
    db = sqlite3.connect(path)
    first = 1
    while True:
        rows = db.execute(
            "SELECT id, body FROM outbox WHERE id >= ? ORDER BY id LIMIT 100", (first,)
        ).fetchall()
        if not rows:
            time.sleep(0.01)
            continue
        key = f"careful-{first}-{rows[-1][0]}"
        body = json.dumps({"parcel": key, "site": "demo", "scans": [], "codes": rows}).encode()
        request = urllib.request.Request(url, body, {"Idempotency-Key": key})
        with urllib.request.urlopen(request, timeout=10):
            first = rows[-1][0] + 1


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
