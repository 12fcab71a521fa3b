"""Gathers the life of one code: reads, documents, packs, holds, and what each receiver was told."""

from __future__ import annotations

import msgspec

from edge_agent.domain import holds as scopes
from edge_agent.domain import reflux
from edge_agent.domain.documents import STATES, TYPES
from edge_agent.domain.findings import KINDS
from edge_agent.domain.life import Doubt, Life, Paper, Read, Told, Words
from edge_agent.domain.model import Platform
from edge_agent.domain.statement import Teller
from edge_agent.domain.wording import DECISIONS, REASONS
from edge_agent.domain.written import written
from edge_agent.store import (
    codes,
    findings,
    holds,
    ledger,
    lots,
    mentions,
    outbox,
    packs,
    persons,
    platform,
    products,
    recalls,
)
from edge_agent.store.driver import Tx
from protocol import reasons


def life(tx: Tx, key: bytes, teller: Teller) -> Life:
    """Gather all that is known of the unit ``key``."""
    around = packs.ancestors(tx, [key]).get(key, ())
    line = (key, *around)
    moved = packs.where(tx, key)
    entry = products.entries(tx, [key]).get(key)
    pack = packs.packs(tx, [key]).get(key)
    lot = _lot(tx, line)
    product = entry.product if entry else None
    numbers = records(tx, key)
    fact = platform.facts(tx, [key]).get(key)
    return Life(
        code=written(key),
        product=f"{product.name} {product.spec}".strip() if product else "",
        level=pack.level if pack else (entry.level or 0) if entry else 0,
        lot=f"{lot.lot} {lot.expiry}".strip() if lot else "",
        state=moved.state if moved else None,
        moved_by=written(moved.key) if moved else "",
        around=tuple(written(one) for one in around),
        inside=len(packs.descendants(tx, key)),
        holds=tuple(_held(tx, line, lot.id if lot else 0, product.id if product else "")),
        platform=tuple(_said(fact)) if fact else (),
        handed=bool(persons.handed(tx, [key])),
        reads=tuple(_read(tx, number, teller) for number in numbers),
        papers=tuple(_papers(tx, line)),
        doubts=tuple(_doubts(tx, key)),
        told=tuple(one for number in numbers for one in _told(tx, number)),
    )


def records(tx: Tx, key: bytes) -> list[int]:
    """The numbers of all records that speak of ``key``, in the order booked."""
    found = codes.met(tx, key)
    unit = codes.units(tx, [key]).get(key)
    if unit is not None:
        found.add(unit.number)
    return sorted(found)


def _lot(tx: Tx, line: tuple[bytes, ...]) -> lots.Lot | None:
    """By the first that says it: a pack or a document, of the unit itself or of one around it."""
    known = packs.packs(tx, line)
    for key in line:
        pack = known.get(key)
        number = pack.lot if pack and pack.lot else mentions.lot_of(tx, key)
        number = number or recalls.printed_lot(tx, key)
        if number:
            return lots.lots(tx, [number])[number]
    return None


def _held(tx: Tx, line: tuple[bytes, ...], lot: int, product: str) -> list[Words]:
    told = []
    for hold in holds.listed(tx, also_over=False):
        on = (
            (hold.scope == scopes.UNIT and hold.what in line)
            or (hold.scope == scopes.LOT and int(hold.what) == lot)
            or (hold.scope == scopes.PRODUCT and hold.what.decode() == product)
        )
        if on:
            chinese, english = REASONS[hold.reason]
            told.append((f"{chinese} #{hold.id}", f"{english} (hold {hold.id})"))
    return told


def _said(fact: Platform) -> list[Words]:
    told = []
    if fact.active is not None:
        told.append(("平台：已激活", "active") if fact.active else REASONS[reasons.NOT_ACTIVATED])
    if fact.cancelled:
        told.append(REASONS[reasons.CANCELLED])
    if fact.reflux == reflux.SUSPECT:
        told.append(REASONS[reasons.REFLUX_SUSPECT])
    if fact.owner:
        told.append((f"货主 {fact.owner}", f"owner {fact.owner}"))
    return [(f"{fact.source}：{chinese}", f"{fact.source}: {english}") for chinese, english in told]


def _read(tx: Tx, number: int, teller: Teller) -> Read:
    (entry,) = ledger.entries(tx, number, number)
    told = msgspec.json.decode(teller.records(entry)[0])
    decision, reason = entry.rulings
    chinese, english = REASONS.get(reason, (told["reason"], told["reason"]))
    return Read(
        number,
        told["seen_at"],
        entry.device,
        told["decision"],
        told["reason"],
        (f"{DECISIONS[decision][0]}，{chinese}", f"{DECISIONS[decision][1]}: {english}"),
    )


def _papers(tx: Tx, line: tuple[bytes, ...]) -> list[Paper]:
    told = []
    for key in line:
        for document, counted in mentions.of_unit(tx, key):
            kind = TYPES[document.type]
            told.append(
                Paper(
                    document.number,
                    (kind.chinese, kind.english),
                    document.partner,
                    STATES[document.state][0],
                    written(key),
                    counted,
                )
            )
    return told


def _doubts(tx: Tx, key: bytes) -> list[Doubt]:
    return [
        Doubt(KINDS[one.kind].words, one.detail, not one.settled)
        for one in findings.of_unit(tx, key)
    ]


def _told(tx: Tx, number: int) -> list[Told]:
    return [
        Told(receiver, number, state, answer, ahead)
        for receiver, state, answer, ahead in outbox.told(tx, number)
    ]
