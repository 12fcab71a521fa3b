"""From what is known to one decision for the goods of one record.

A record is ruled on label by label, and the worst ruling wins: REJECT, HOLD, AGAIN, PASS. First
what each label says by itself (``case``); then, for each unit, the first rule of ``TABLE`` that
holds. Only a label that names no unit, beside one that does, is passed over: a pack may carry its
article number beside its trace code. A damaged or unread label is not passed over, since it may
have been the trace code of another unit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from edge_agent.domain import again, findings, reflux, stations
from edge_agent.domain.again import Meeting
from edge_agent.domain.comparing import Goods
from edge_agent.domain.facts import UNREAD, names_a_unit
from edge_agent.domain.label import printed
from edge_agent.domain.model import Case, Fact, Platform, Ruling
from edge_agent.domain.states import VOID
from edge_agent.domain.wording import NEXT
from protocol import codes, decisions, reasons

# A label that names no unit: the reason for its REJECT (None: its own), and whether it spoils a
# record that names a unit as well.
NO_UNIT: dict[int, tuple[int | None, bool]] = {
    UNREAD: (None, True),
    codes.GARBLED: (None, True),
    codes.AMBIGUOUS: (None, True),
    codes.UNKNOWN: (None, False),
    codes.URL_UNRESOLVED: (None, False),
    codes.EAN13_ARTICLE: (reasons.ARTICLE_NUMBER, False),
    codes.PZN_ARTICLE: (reasons.ARTICLE_NUMBER, False),
    codes.GS1_PARTIAL: (reasons.NO_SERIAL, False),
    codes.PPN_PARTIAL: (reasons.NO_SERIAL, False),
}

# No goods stand behind a report about the cradle: nothing wrong, nothing new.
FAULT = Case((), Ruling(decisions.AGAIN, reasons.CRADLE_FAULT))
# A record of a kind this agent cannot read may speak of goods: a person must look.
OTHER = Case((), Ruling(decisions.HOLD, reasons.UNKNOWN_RECORD))

HELD_BY_CRADLE = Ruling(decisions.HOLD, reasons.RECALLED)
DONE = Ruling(decisions.PASS, reasons.COMMAND_DONE)
CANNOT = Ruling(decisions.HOLD, reasons.COMMAND_REFUSED)
PLACEHOLDER = Ruling(decisions.PASS, reasons.PLACEHOLDER)

_NOTHING_SAID = Goods()
_SEVERITY = {decisions.PASS: 0, decisions.AGAIN: 1, decisions.HOLD: 2, decisions.REJECT: 3}


class Facts(NamedTuple):
    """All that is known of one unit when it is read.

    Attributes:
        documents: how its station works, of domain.stations.
        checks: what that station must have heard from a platform.
        owner: whose goods may pass there; empty for anybody's.
        hold: the reason why it, a pack around it, its lot or its product may not move, or OK.
        despite: of protocol.reasons, what does not stand against the document: it gathers what
            must leave the trade.
        several: more than one open document expects it, and the station was told of none.
        expected: the document speaks of it, of a pack around it, of all that is in it, or of its
            product.
        upstream: the document came from the supplier, or is one that needs no supplier.
        conflict: sources disagree about what holds it.
        goods: what it is, by its label, its pack and its product table; what is not known, ""
            or 0, differs from nothing.
        due: what the document says it must be; None if it says nothing.
        quantity, left: smallest packs in it, and how many more the document takes; None for any.
        filled: it is known how many packs are in it.
        settled: kinds of findings (domain.findings) about it in this document that a person has
            settled so that it may be counted.
        today: YYYY-MM-DD at the station; empty where nobody asks.
    """

    meeting: Meeting
    documents: str = stations.NONE
    checks: frozenset[str] = frozenset()
    owner: str = ""
    hold: int = reasons.OK
    despite: frozenset[int] = frozenset()
    several: bool = False
    expected: bool = True
    upstream: bool = True
    conflict: bool = False
    goods: Goods = _NOTHING_SAID
    due: Goods | None = None
    quantity: int = 1
    left: int | None = None
    filled: bool = True
    settled: frozenset[str] = frozenset()
    platform: Platform | None = None
    today: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table.

    Attributes:
        when: said in words, in Chinese and English.
        holds: the same, asked of the facts.
        ruling: what then follows; None: what ``domain.again`` says.
    """

    chinese: str
    english: str
    holds: Callable[[Facts], bool]
    ruling: Ruling | None


def _hold(reason: int) -> Ruling:
    return Ruling(decisions.HOLD, reason)


def _is_held(reason: int) -> Callable[[Facts], bool]:
    return lambda facts: facts.hold == reason and reason not in facts.despite


def _is_void(facts: Facts) -> bool:
    said = facts.platform is not None and facts.platform.cancelled is True
    return said or facts.meeting.state in VOID


def _is_nothing_new(facts: Facts) -> bool:
    return again.meaning(facts.meeting).ruling.reason in (
        reasons.REREAD,
        reasons.SAME_DOCUMENT,
        reasons.PARENT_AND_CHILD,
        reasons.PLACEHOLDER,
    )


def _is_unannounced(facts: Facts) -> bool:
    unmatched = facts.documents == stations.AUTO and not facts.meeting.document
    return unmatched or not facts.upstream


def _differs(of: Callable[[Goods], str | int]) -> Callable[[Facts], bool]:
    """Ask whether document and label both say it, and say something else."""

    def holds(facts: Facts) -> bool:
        if facts.due is None:
            return False
        due, found = of(facts.due), of(facts.goods)
        return bool(due and found and due != found)

    return holds


def _is_expired(facts: Facts) -> bool:
    expiry = facts.goods.expiry or (facts.due.expiry if facts.due else "")
    expired = bool(facts.today and expiry and expiry < facts.today)
    return expired and reasons.EXPIRED not in facts.despite


def _is_surplus(facts: Facts) -> bool:
    return facts.left is not None and facts.quantity > facts.left


def _is_of_another(facts: Facts) -> bool:
    said = facts.platform.owner if facts.platform else None
    if said is None:
        return stations.OWNER in facts.checks
    return bool(facts.owner) and said != facts.owner


def _is_inactive(facts: Facts) -> bool:
    active = facts.platform.active if facts.platform else None
    return active is False or (active is None and stations.ACTIVE in facts.checks)


def _is_reflux_suspect(facts: Facts) -> bool:
    return facts.platform is not None and facts.platform.reflux == reflux.SUSPECT


def _is_reflux_unknown(facts: Facts) -> bool:
    said = facts.platform.reflux if facts.platform else None
    return said != reflux.CLEAN and stations.REFLUX in facts.checks


TABLE = (
    Rule(
        "该码、其上级包装、批号或品种在召回清单中",
        "it, a pack around it, its lot or its product is called back",
        _is_held(reasons.RECALLED),
        _hold(reasons.RECALLED),
    ),
    Rule(
        "已下令封存",
        "somebody ordered that it stays where it is",
        _is_held(reasons.SEALED),
        _hold(reasons.SEALED),
    ),
    Rule(
        "在回流药清单中",
        "it is held because it may have been paid for before",
        _is_held(reasons.REFLUX_SUSPECT),
        _hold(reasons.REFLUX_SUSPECT),
    ),
    Rule(
        "被列为已注销的码",
        "its code is held as taken back",
        _is_held(reasons.CANCELLED),
        _hold(reasons.CANCELLED),
    ),
    Rule(
        "该码已换码或注销，或平台称已注销",
        "its code was replaced or cancelled, here or by the platform's word",
        _is_void,
        _hold(reasons.CANCELLED),
    ),
    Rule(
        "占位码、刚读过、本单据已有、与上下级同单",
        "a placeholder, a re-read, counted already, or beside its own parent or child",
        _is_nothing_new,
        None,
    ),
    Rule(
        "工位按单据作业，但没有打开的单据",
        "the station works by document, and none is open",
        lambda facts: facts.documents == stations.BOUND and not facts.meeting.document,
        _hold(reasons.NO_DOCUMENT),
    ),
    Rule(
        "工位自动匹配单据，而多张打开的单据都在等它",
        "the station finds its document by itself, and several expect this unit",
        lambda facts: facts.several,
        _hold(reasons.NO_DOCUMENT),
    ),
    Rule(
        "工位自动匹配单据，但没有单据提到它；或收货单据没有上游信息",
        "no open document speaks of it, or the one that takes it in names nothing at all",
        _is_unannounced,
        _hold(reasons.UPSTREAM_MISSING),
    ),
    Rule(
        "单据中没有它，也没有其上级包装或品种",
        "the document speaks neither of it nor of its packs nor of its product",
        lambda facts: not facts.expected,
        _hold(reasons.NOT_IN_DOCUMENT),
    ),
    Rule(
        "状态不允许本单据，或无单据而已登记过",
        "its state forbids this document; or it was booked before, and there is no document",
        lambda facts: not again.meaning(facts.meeting).passes,
        None,
    ),
    Rule(
        "各来源的包装关系互相矛盾",
        "sources contradict each other about what it is packed in",
        lambda facts: facts.conflict,
        _hold(reasons.PACK_CONFLICT),
    ),
    Rule(
        "包装级别与单据不符",
        "the document wants a pack of another level",
        _differs(lambda goods: goods.level),
        _hold(reasons.WRONG_LEVEL),
    ),
    Rule(
        "品种与单据不符",
        "the document wants another product",
        _differs(lambda goods: goods.product),
        _hold(reasons.PRODUCT_DIFFERS),
    ),
    Rule(
        "批号与单据不符",
        "the document wants another lot",
        _differs(lambda goods: goods.lot),
        _hold(reasons.LOT_DIFFERS),
    ),
    Rule(
        "有效期与单据不符",
        "the document says another expiry",
        _differs(lambda goods: goods.expiry),
        _hold(reasons.EXPIRY_DIFFERS),
    ),
    Rule(
        "有效期在今天之前",
        "its use-by date was before today",
        _is_expired,
        _hold(reasons.EXPIRED),
    ),
    Rule(
        "单据按数量核对，而无人说明其内装数量",
        "the document goes by quantity, and nobody said how many are in it",
        lambda facts: facts.left is not None and not facts.filled,
        _hold(reasons.UPSTREAM_MISSING),
    ),
    Rule(
        "超出单据剩余数量",
        "it holds more than the document has left",
        _is_surplus,
        _hold(reasons.SURPLUS),
    ),
    Rule(
        "平台所记货主不是本工位货主，或必须核对而未知",
        "the platform names another owner, or none where one must be named",
        _is_of_another,
        _hold(reasons.WRONG_OWNER),
    ),
    Rule(
        "平台称未激活，或必须核对而未知",
        "the platform says it is not activated, or nothing where it must say so",
        _is_inactive,
        _hold(reasons.NOT_ACTIVATED),
    ),
    Rule(
        "查询结果疑似回流",
        "an answer says that it may have been paid for before",
        _is_reflux_suspect,
        _hold(reasons.REFLUX_SUSPECT),
    ),
    Rule(
        "必须查询回流而结果未知",
        "nobody could say whether it was paid for before, where that must be known",
        _is_reflux_unknown,
        _hold(reasons.REFLUX_UNKNOWN),
    ),
    Rule(
        "以上皆无",
        "nothing of all that",
        lambda facts: True,
        Ruling(decisions.PASS, reasons.OK),
    ),
)


def decide(facts: Facts) -> Ruling:
    """Rule on one unit: the first rule that holds, unless a person has settled the matter."""
    for rule in TABLE:
        if rule.holds(facts):
            if rule.ruling is None:
                return again.meaning(facts.meeting).ruling
            if findings.of_reason(rule.ruling.reason) not in facts.settled:
                return rule.ruling
    raise AssertionError("the last rule holds always")


def next_step(reason: int) -> tuple[str, str]:
    """Say what a person does about ``reason``, in Chinese and English; empty if nothing."""
    if kind := findings.of_reason(reason):
        return findings.KINDS[kind].next_chinese, findings.KINDS[kind].next_english
    return NEXT.get(reason, ("", ""))


def case(facts: Sequence[Fact]) -> Case:
    """Say what a scan says by itself.

    Args:
        facts: of its labels; at least one.
    """
    commands = [fact for fact in facts if fact.kind == codes.COMMAND]
    if commands:
        # Commands are printed on cards: beside goods, or two at once, nobody knows what is meant.
        alone = len(facts) == 1
        return Case((), None, (), facts[0].key[1:]) if alone else Case((), CANNOT)
    # A label that is read twice in one frame is one label.
    named = list({fact.key: fact for fact in facts if names_a_unit(fact)}.values())
    against = []
    for fact in facts:
        if fact.kind == codes.SENTINEL:
            against.append(PLACEHOLDER)
        elif not names_a_unit(fact):
            reason, spoils = NO_UNIT[fact.kind]
            if spoils or not named:
                against.append(Ruling(decisions.REJECT, fact.reason if reason is None else reason))
        elif fact.reason == reasons.RECALLED:
            against.append(HELD_BY_CRADLE)
    units = tuple([fact.key for fact in named])
    told = tuple([printed(fact.elements) for fact in named])
    return Case(units, worst(against) if against else None, told if any(map(any, told)) else ())


def worst(rulings: Iterable[Ruling]) -> Ruling:
    """Return the gravest ruling, the first of several; there is at least one."""
    return max(rulings, key=lambda ruling: _SEVERITY[ruling.decision])
