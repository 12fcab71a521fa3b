"""The few things the rules speak of."""

from __future__ import annotations

from typing import NamedTuple


class Ruling(NamedTuple):
    """What shall happen with the goods, and why: protocol.decisions and protocol.reasons."""

    decision: int
    reason: int


class Fact(NamedTuple):
    """One label, understood.

    Attributes:
        kind: of protocol.codes, or ``facts.UNREAD``.
        key: the unit's name in the store; empty for UNREAD.
        reason: OK, or what is wrong with the label.
    """

    kind: int
    key: bytes
    reason: int


class Case(NamedTuple):
    """What a record says by itself, before anybody asks what is known of its units.

    Attributes:
        units: keys of the units it names.
        ruling: on the rest of it; None if there is nothing to say against it.
    """

    units: tuple[bytes, ...]
    ruling: Ruling | None


class Sighting(NamedTuple):
    """That a unit was read.

    Attributes:
        key: of the unit.
        number: of the record it first passed with.
        boot: the store's number for one power-up of one cradle.
        at_ms: by the clock of that cradle, milliseconds since that power-up.
    """

    key: bytes
    number: int
    boot: int
    at_ms: int


class Answer(NamedTuple):
    """What one cradle is told after a commit.

    Attributes:
        next_seq: everything below is on disk.
        runs: seq of a first record, and decision and reason of it and those after it, two octets
            each; at most 256 records a run.
    """

    device: str
    boot_id: bytes
    next_seq: int
    runs: list[tuple[int, bytes]]


class Entry(NamedTuple):
    """One row of the ledger, or the part of it that was asked for.

    Attributes:
        number: of its first record here; records are numbered through from 1.
        seq: of that record, in its boot.
        skip: records of ``body`` before it.
        arrived_ms: when ``body`` reached us; UTC, milliseconds since 1970.
        body: the batch as it arrived.
        rulings: two octets for each record booked.
    """

    number: int
    device: str
    boot_id: bytes
    seq: int
    skip: int
    arrived_ms: int
    body: bytes
    rulings: bytes
