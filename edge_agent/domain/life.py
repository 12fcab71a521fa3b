"""The life of one code, told in plain words: what happened, how it stands, who was told of it."""

from __future__ import annotations

from dataclasses import dataclass

from edge_agent.domain.states import NAMES

# Chinese and English.
Words = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Read:
    """One record that speaks of the unit. ``seen_at`` is ISO 8601, UTC; names as in exports."""

    number: int
    seen_at: str
    device: str
    decision: str
    reason: str
    words: Words


@dataclass(frozen=True, slots=True)
class Paper:
    """A document that expects the unit or counted it. ``counted`` is the record that did, or 0;
    ``by`` is the code on the document: its own, or that of a pack around it."""

    number: str
    kind: Words
    partner: str
    state: str
    by: str
    counted: int


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that was found wrong. ``open`` says whether it still is."""

    words: Words
    detail: str
    open: bool


@dataclass(frozen=True, slots=True)
class Told:
    """What one receiver knows of one record. ``state`` is of the outbox: delivered, reserved,
    waiting, unknown, refused; or queued: in no parcel yet, ``ahead`` records before it."""

    receiver: str
    number: int
    state: str
    answer: str
    ahead: int


@dataclass(frozen=True, slots=True)
class Life:
    """All that is known of one unit.

    Attributes:
        code: as people write it.
        product: name and spec; empty if the table of products does not know its head.
        level: from the bottom, 1 is the smallest pack; 0 if nobody knows.
        lot: number and expiry of the lot, as far as known.
        state: of domain.states; None if nobody ever booked it or a pack around it.
        moved_by: the code of itself or of the pack around it that was booked last.
        around: the packs it is in, nearest first; ``inside``: how many units are in it.
        holds: why it may not move, in words, one for each hold.
        reads: in the order booked.
        handed: it was handed to a person, whose name is not told here.
    """

    code: str
    product: str
    level: int
    lot: str
    state: int | None
    moved_by: str
    around: tuple[str, ...]
    inside: int
    holds: tuple[Words, ...]
    platform: tuple[Words, ...]
    handed: bool
    reads: tuple[Read, ...]
    papers: tuple[Paper, ...]
    doubts: tuple[Doubt, ...]
    told: tuple[Told, ...]


_LEVELS = {1: ("小包装", "smallest pack"), 2: ("中包装", "level 2"), 3: ("大包装", "level 3")}

_UPLOAD = {
    "delivered": ("已送达", "has it"),
    "reserved": ("正在发送", "is being told just now"),
    "waiting": ("未送达，将自动重试", "has not got it; it is tried again by itself"),
    "unknown": ("结果未知，先查询再决定", "may have it; it is asked before anything is sent again"),
    "refused": ("被拒绝，需人工处理", "refused it; a person must look"),
    "queued": ("排队中", "will be told in its turn"),
}


def sentences(life: Life) -> list[Words]:
    """Tell ``life``, a sentence a line, each in Chinese and English."""
    return [
        *_what_it_is(life),
        *[
            (
                f"{one.seen_at} {one.device}：{one.words[0]}",
                f"{one.seen_at} {one.device}: {one.words[1]}",
            )
            for one in life.reads
        ],
        *_papers(life),
        *_how_it_stands(life),
        *_who_was_told(life),
    ]


def _what_it_is(life: Life) -> list[Words]:
    told = [(f"{life.code}", f"{life.code}")]
    if life.product:
        told.append((f"品种：{life.product}", f"product: {life.product}"))
    if life.level:
        plain = (f"第{life.level}级包装", f"level {life.level} from the bottom")
        chinese, english = _LEVELS.get(life.level, plain)
        told.append((f"包装级别：{chinese}", f"pack: {english}"))
    if life.lot:
        told.append((f"批号：{life.lot}", f"lot: {life.lot}"))
    if life.around:
        chain = " < ".join(life.around)
        told.append((f"装在：{chain}", f"packed in: {chain}"))
    if life.inside:
        told.append((f"内含 {life.inside} 个包装单元", f"holds {life.inside} units"))
    if not life.reads:
        told.append(("本站从未扫到该码", "its own code was never read here"))
    return told


def _papers(life: Life) -> list[Words]:
    told = []
    for one in life.papers:
        by = "" if one.by == life.code else f"（{one.by}）"
        by_english = "" if one.by == life.code else f" by {one.by}"
        counted = (
            (f"已由记录 {one.counted} 登记", f"counted by record {one.counted}")
            if one.counted
            else ("尚未扫到", "not counted")
        )
        told.append(
            (
                f"{one.kind[0]} {one.number}{by}，{one.partner}：{counted[0]}",
                f"{one.kind[1]} {one.number}{by_english}, {one.partner or 'nobody named'},"
                f" {one.state}: {counted[1]}",
            )
        )
    for doubt in life.doubts:
        open_ = ("未结", "open") if doubt.open else ("已结", "settled")
        told.append(
            (
                f"差异（{open_[0]}）：{doubt.words[0]} {doubt.detail}".rstrip(),
                f"finding ({open_[1]}): {doubt.words[1]} {doubt.detail}".rstrip(),
            )
        )
    return told


def _how_it_stands(life: Life) -> list[Words]:
    told = []
    if life.state is None:
        told.append(("状态：无记录", "state: nothing booked"))
    else:
        _, chinese, english = NAMES[life.state]
        by = "" if life.moved_by == life.code else life.moved_by
        told.append(
            (
                f"状态：{chinese}" + (f"（随 {by}）" if by else ""),
                f"state: {english}" + (f", with {by}" if by else ""),
            )
        )
    told += [(f"禁止移动：{one[0]}", f"may not move: {one[1]}") for one in life.holds]
    told += list(life.platform)
    if life.handed:
        told.append(("已登记领用人", "handed to a person whose name is on record"))
    return told


def _who_was_told(life: Life) -> list[Words]:
    """Why it was uploaded or not, for each receiver."""
    if not life.reads:
        return [("未上传：没有任何扫码记录", "told to nobody: there is no record of it")]
    if not life.told:
        return [("未上传：未设置任何接收方", "told to nobody: no receiver is set up")]
    told = []
    for one in life.told:
        chinese, english = _UPLOAD[one.state]
        if one.state == "queued":
            chinese += f"，前面还有 {one.ahead} 条"
            english += f"; {one.ahead} records are before it"
        answer = f"：{one.answer}" if one.answer else ""
        answer_english = f": {one.answer}" if one.answer else ""
        told.append(
            (
                f"{one.receiver} 记录 {one.number}：{chinese}{answer}",
                f"{one.receiver}, record {one.number}: {english}{answer_english}",
            )
        )
    return told
