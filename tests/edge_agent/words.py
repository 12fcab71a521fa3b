"""Batches as cradles write them, short to say in a test."""

from __future__ import annotations

from collections.abc import Sequence

from edge_agent.domain.model import Answer
from edge_agent.domain.stations import Station, Stations
from edge_agent.ingest.accept import Accept, Arrival
from edge_agent.ingest.decode import Decoder
from edge_agent.store.sqlite import Store
from protocol import cbor, decisions, reasons, topics, wire
from protocol.shapes import Batch, Label, ScanRecord, State

SITE = "demo"
BOOT = b"boot-001"
PASS = (decisions.PASS, reasons.OK)
REREAD = (decisions.AGAIN, reasons.REREAD)
SEEN = (decisions.HOLD, reasons.SEEN_BEFORE)


def code(number: int) -> bytes:
    """An MSFX20 code of no real product."""
    return b"8999999%013d" % (9_000_000_000_000 + number)


def scan(seq: int, *data: bytes, at_ms: int | None = None, symbology: bytes = b"C0") -> ScanRecord:
    """One read; by default a second after the one before."""
    labels = tuple(Label(symbology, one, reasons.OK) for one in data)
    return ScanRecord(seq, 1000 * seq if at_ms is None else at_ms, labels)


def octets(*records: ScanRecord, boot: bytes = BOOT) -> bytes:
    """The payload of a batch."""
    batch = Batch(boot, records[0].seq, records[-1].at_ms + 5, list(records))
    return cbor.dumps(wire.batch_item(batch))


def announcement(boot: bytes = BOOT, online: bool = True) -> bytes:
    """The payload of a state."""
    return cbor.dumps(wire.state_item(State(online, boot, "0.1", b"settings")))


def up(device: str = "cradle-1", site: str = SITE) -> str:
    return topics.topic(site, device, topics.UP)


def arrival(payload: bytes, topic: str = "", arrived_ms: int = 1_700_000_000_000) -> Arrival:
    return Arrival(Decoder(SITE)(topic or up(), payload), payload, arrived_ms)


def accepting(*stations: Station, reread_ms: int = 5000) -> Accept:
    """What books at these stations; every other cradle is a plain one."""
    return Accept(reread_ms, Stations(stations))


def accept(store: Store, *arrivals: Arrival, by: Accept | None = None) -> list[Answer]:
    """Book ``arrivals`` in one transaction."""
    with store.write() as tx:
        return (by or accepting())(tx, arrivals)


def told(answers: Sequence[Answer]) -> dict[int, tuple[int, int]]:
    """All rulings of ``answers``: seq to decision and reason."""
    found: dict[int, tuple[int, int]] = {}
    for answer in answers:
        for seq, rulings in answer.runs:
            pairs = zip(rulings[::2], rulings[1::2], strict=True)
            found.update((seq + i, pair) for i, pair in enumerate(pairs))
    return found
