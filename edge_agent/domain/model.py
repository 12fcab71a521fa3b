"""The few things the rules speak of."""

from __future__ import annotations

from typing import NamedTuple

from edge_agent.domain.comparing import Goods


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
        elements: pairs of identifier and value, both octets, for kinds that have them.
    """

    kind: int
    key: bytes
    reason: int
    elements: tuple[tuple[bytes, bytes], ...] = ()


class Case(NamedTuple):
    """What a record says by itself, before anybody asks what is known of its units.

    Attributes:
        units: keys of the units it names.
        ruling: on the rest of it; None if there is nothing to say against it.
        printed: for each unit what its label says of it; empty if no label says anything.
        command: what an operator's card says; empty for goods.
    """

    units: tuple[bytes, ...]
    ruling: Ruling | None
    printed: tuple[Goods, ...] = ()
    command: bytes = b""


class Unit(NamedTuple):
    """What is known of a unit that passed once.

    Attributes:
        key: of the unit.
        number: of the record it first passed with.
        boot: the store's number for the power-up of the cradle that read it last.
        at_ms: and when, by the clock of that cradle, milliseconds since that power-up.
        state: of domain.states.
        document: id of the one that gave the state; 0 if none did.
        booked: number of the record that gave the state; 0 for its first one.
    """

    key: bytes
    number: int
    boot: int
    at_ms: int
    state: int = 0
    document: int = 0
    booked: int = 0


class Platform(NamedTuple):
    """What a platform last said of a unit; None is not known, and not known is not clean.

    Attributes:
        active: the code is activated.
        cancelled: it was taken back.
        reflux: of domain.reflux.
        owner: whose it is, in the platform's own word.
        checked_ms: when it said so; UTC, milliseconds since 1970.
        source: who said so.
    """

    key: bytes
    active: bool | None
    cancelled: bool | None
    reflux: int | None
    owner: str | None
    checked_ms: int
    source: str


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
