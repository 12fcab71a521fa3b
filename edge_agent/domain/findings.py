"""What can be wrong between goods and document: each kind as one row, and how it may be settled."""

from __future__ import annotations

from typing import NamedTuple

from edge_agent.domain.wording import REASONS
from protocol import reasons


class Kind(NamedTuple):
    """One kind of finding.

    Attributes:
        reason: of protocol.reasons, which a scan then gets; 0 if no scan shows it, only the end
            of the document or a person.
        next_chinese, next_english: the next step.
        settled_by: of ``DISPOSITIONS``.
        own: 中文 and English, where ``reason`` is 0.
    """

    reason: int
    next_chinese: str
    next_english: str
    settled_by: tuple[str, ...]
    own: tuple[str, str] = ("", "")

    @property
    def words(self) -> tuple[str, str]:
        """中文 and English."""
        return self.own if self.reason == reasons.OK else REASONS[self.reason]


# What became of the goods: 中文, English, and whether they count as booked by the document.
DISPOSITIONS = {
    "corrected": ("上游已更正，予以收货", "the source corrected its data; taken", True),
    "verified": ("复核无误，予以登记", "checked again and right; taken", True),
    "refused": ("拒收", "not taken", False),
    "returned": ("退回上游", "sent back to where it came from", False),
    "sealed": ("封存待处理", "set aside and sealed", False),
    "short": ("按实收数量结案", "settled by what was really there", False),
    "removed": ("已从本单据剔除", "taken out of this document", False),
}

_TAKEN = ("corrected", "verified")
_AWAY = ("refused", "returned", "sealed", "removed")
_SHORT = ("short", "corrected")

KINDS = {
    "not_in_document": Kind(
        reasons.NOT_IN_DOCUMENT,
        "暂停收货，请上游补发追溯信息",
        "hold it; ask the source for its data",
        ("corrected", *_AWAY),
    ),
    "missing": Kind(
        0,
        "查找实物；确缺的按实收处理并反馈上游",
        "look for it; if it is not there, tell the source",
        _SHORT,
        ("单据中有，实物未扫到", "in the document, and not scanned"),
    ),
    "surplus": Kind(
        reasons.SURPLUS,
        "清点数量，多出的反馈上游",
        "count again; tell the source what is too much",
        (*_TAKEN, *_AWAY),
    ),
    "product_differs": Kind(
        reasons.PRODUCT_DIFFERS,
        "核对实物包装与单据品种",
        "compare pack and document; tell the source",
        (*_TAKEN, *_AWAY),
    ),
    "lot_differs": Kind(
        reasons.LOT_DIFFERS,
        "核对实物批号与单据批号",
        "compare the lot on the pack; tell the source",
        (*_TAKEN, *_AWAY),
    ),
    "expiry_differs": Kind(
        reasons.EXPIRY_DIFFERS,
        "核对实物有效期与单据有效期",
        "compare the date on the pack; tell the source",
        (*_TAKEN, *_AWAY),
    ),
    "wrong_level": Kind(
        reasons.WRONG_LEVEL,
        "核对包装级别与单据",
        "compare the pack's level with the document",
        (*_TAKEN, *_AWAY),
    ),
    "upstream_missing": Kind(
        reasons.UPSTREAM_MISSING,
        "向上游索取追溯信息",
        "ask the source for its data",
        ("corrected", *_AWAY),
    ),
    "uncoded": Kind(
        0,
        "登记无码药品，反馈上游",
        "register it as stock without codes; tell the source",
        _AWAY,
        ("应赋码而未赋码", "it should bear a code, and bears none"),
    ),
    "not_activated": Kind(
        reasons.NOT_ACTIVATED,
        "反馈上游激活后再扫",
        "have the source activate it, then scan again",
        ("corrected", *_AWAY),
    ),
    "cancelled": Kind(
        reasons.CANCELLED,
        "暂停收货，请上游说明",
        "hold it; ask the source why",
        _AWAY,
    ),
    "reflux_suspect": Kind(
        reasons.REFLUX_SUSPECT,
        "未收货的拒收；已收货的原地封存并报告",
        "refuse it, or seal it where it is, and report",
        ("refused", "sealed"),
    ),
    "reflux_unknown": Kind(
        reasons.REFLUX_UNKNOWN,
        "待查询有结果后再扫",
        "wait for an answer, then scan again",
        ("verified", *_AWAY),
    ),
    "recalled": Kind(
        reasons.RECALLED,
        "停止流通，按召回程序处理",
        "stop it, and follow the recall",
        ("sealed", "returned"),
    ),
    "sealed": Kind(
        reasons.SEALED,
        "保持封存，联系质量负责人",
        "leave it sealed; ask who is responsible for quality",
        ("sealed",),
    ),
    "expired": Kind(
        reasons.EXPIRED,
        "移入不合格区，按报损处理",
        "take it out of stock, and write it off",
        _AWAY,
    ),
    "wrong_owner": Kind(
        reasons.WRONG_OWNER,
        "核对货主，退出本单据",
        "find out whose it is; take it out",
        (*_TAKEN, *_AWAY),
    ),
    "pack_conflict": Kind(
        reasons.PACK_CONFLICT,
        "开箱核对包装关联关系",
        "open the pack and compare what is in it",
        (*_TAKEN, *_AWAY),
    ),
    "parent_and_child": Kind(
        reasons.PARENT_AND_CHILD,
        "确认只登记父码或子码之一",
        "make sure that only the one or the other counts",
        ("removed",),
    ),
    "other_document": Kind(
        reasons.OTHER_DOCUMENT,
        "查明该码在另一单据中的去向",
        "find out what the other document did with it",
        _AWAY,
    ),
    "no_person": Kind(
        0,
        "核对领用人证件并登记（scandock person link），再结单",
        "look at the person's document and record it (scandock person link), then close again",
        ("verified", "removed"),
        ("须实名领用而未登记领用人", "goes to a known person only, and none is on record"),
    ),
    "several_documents": Kind(
        0,
        "先用指令码打开正确的单据再扫",
        "open the right document at the station, then scan again",
        ("removed",),
        ("多张单据都在等该码", "several open documents expect it"),
    ),
}

# Those that the end of a document shows, and its next try shows again unless they have gone.
OF_THE_END = frozenset(("missing", "surplus", "upstream_missing", "no_person"))
# Of these, those that a single scan can show as well.
BY_SCAN = frozenset(("surplus", "upstream_missing"))


def counts(disposition: str) -> bool:
    """Say whether goods settled so are booked by the document."""
    return DISPOSITIONS[disposition][2]


def of_reason(reason: int) -> str:
    """Return the kind of finding that a scan with ``reason`` opens; "" if it opens none."""
    return _BY_REASON.get(reason, "")


_BY_REASON = {kind.reason: name for name, kind in KINDS.items() if kind.reason != reasons.OK}
