"""Who must do what, from which day: the notices as data, and what of them binds one site today.

A notice is one TOML file in `rules/`. Nothing of it stands in the program: a further province, a
wider list of exempt goods or a date put off is a change of data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from importlib import resources
from typing import Annotated, Literal, NamedTuple, TypeAlias, get_args

import msgspec

from edge_agent.domain import strict_toml
from edge_agent.errors import ConfigError

Province: TypeAlias = Literal["shandong", "liaoning", "inner-mongolia", "shanxi", "tianjin"]

Role: TypeAlias = Literal[
    "maker",  # 持有人, 生产企业
    "wholesaler",  # 批发企业
    "chain-hq",  # 零售连锁总部
    "chain-store",  # 连锁门店
    "pharmacy",  # 单体药店
    "hospital",  # 医疗机构
    "cdc",  # 疾控机构
    "vaccination",  # 接种单位
    "third-party-logistics",  # 第三方物流, 接受委托储存
    "other-user",  # 其他药品使用单位
]

# What a site is, beside its role.
Trait: TypeAlias = Literal[
    "designated",  # 定点医药机构
    "work-injury",  # 工伤保险协议机构
    "grade-1",  # 一级
    "grade-2",
    "grade-3",
    "public",  # 公立
    "private",  # 民营
    "township",  # 乡镇卫生院
    "community",  # 社区卫生服务中心
    "village",  # 村卫生室
    "clinic",  # 个体诊所
    "only-unmarked-goods",  # 专营体外诊断试剂、原料药、中药饮片
]

# What a product, or the way it is handed out, is in the eyes of the notices.
Class: TypeAlias = Literal[
    "tcm-pieces",  # 中药饮片
    "tcm-granules",  # 中药配方颗粒
    "hospital-preparation",  # 院内制剂
    "split-dispensed",  # 必须拆零发放的药品
    "loose-injection",  # 零散注射针剂
    "narcotic",  # 麻醉药品
    "psychotropic",  # 精神药品
    "botulinum-a",  # 注射用A型肉毒毒素
    "vaccine",  # 疫苗
    "central-purchase",  # 集采中选药品
    "insured",  # 医保结算药品
    "real-name",  # 要求实名购药登记
]

Duty: TypeAlias = Literal[
    "scan-in",
    "scan-out",
    "upload",
    "upload-trees",
    "collect",  # codes of every sale that is paid for (采集)
    "ask-upstream",  # have the supplier's trace data before receiving
    "check-receipt",  # codes, product, lot, quantity against that data
    "tell-upstream",  # the outcome of the check, also when all is well
    "tell-downstream",  # codes and trees with the goods
    "refuse-mismatch",  # what differs from its data is not stocked
    "sync-returns",
    "settle-complaints",  # of customers: find the cause, correct, hold, take back
    "check-reflux",
    "seal-and-report",  # suspected reflux that was received already
    "report-clue",
    "enrol",
    "scan-transfers",
    "print-codes",  # on the till receipt
    "real-name-register",
    "check-identity",  # of the patient, while scanning
    "upload-patient",
    "upload-waybill",
    "check-two-invoices",
    "support-recall",
    "grant-access",  # to the holder's own data
    "keep-records",
    "back-up",
    "keep-daybook",  # 工作台账
    "watch-balance",
    "yearly-report",
]

Deed: TypeAlias = Literal["purchase", "receive", "pay"]

Recipient: TypeAlias = Literal[
    "upstream",
    "downstream",
    "holder-system",  # 持有人或第三方追溯系统
    "nhsa",  # 国家医保信息平台
    "regulator-platform",  # 药品追溯协同服务平台, 智慧监管平台
    "special-drug-platform",  # 特药追溯平台
    "purchase-platform",  # 医药采购应用平台
    "delivery-monitor",  # 网络配送监控平台
    "insurance",  # 医疗保障部门
    "drug-regulator",  # 药品监督管理部门
    "health",  # 卫生健康部门
    "labour",  # 人力资源社会保障部门
]

# For each key of a notice or a profile: what may stand there.
WORDS: dict[str, tuple[str, ...]] = {
    "province": get_args(Province),
    "role": get_args(Role),
    "like": get_args(Role),
    "roles": get_args(Role),
    "traits": get_args(Trait),
    "all_of": get_args(Trait),
    "any_of": get_args(Trait),
    "none_of": get_args(Trait),
    "exempt": get_args(Class),
    "products": get_args(Class),
    "do": get_args(Duty),
    "gates": get_args(Deed),
    "to": get_args(Recipient),
    "weight": ("must", "encouraged"),
}


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What this site is: the section [profile] of agent.toml.

    Attributes:
        province: whose notices count; None binds the site to none.
        traits: all that hold of it.
        drafts: names of draft notices that the site follows already.
    """

    province: Province | None = None
    role: Role = "wholesaler"
    traits: frozenset[Trait] = frozenset()
    drafts: frozenset[str] = frozenset()


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"starts": "from"}):
    """One row of a notice. Keys are these names, but ``from`` for ``starts``.

    Attributes:
        requires: ids of docs/requirements.toml that the row states.
        lines: of the notice's text.
        starts, until: first and last day; None: as the notice.
        all_of, any_of, none_of: traits the site must have all, one, none of.
        products: classes the row speaks of; empty: all goods.
        target: percent to be reached, for scanning, uploading or collecting.
        no_code_before: goods without code bought before this day pass the gates, if registered.
        to: who is told.
        due: yearly, "MM-DD".
    """

    requires: tuple[str, ...]
    lines: tuple[int, ...]
    roles: tuple[Role, ...]
    do: tuple[Duty, ...] = ()
    gates: tuple[Deed, ...] = ()
    starts: date | None = None
    until: date | None = None
    all_of: frozenset[Trait] = frozenset()
    any_of: frozenset[Trait] = frozenset()
    none_of: frozenset[Trait] = frozenset()
    products: frozenset[Class] = frozenset()
    target: Annotated[int, msgspec.Meta(ge=1, le=100)] | None = None
    no_code_before: date | None = None
    to: tuple[Recipient, ...] = ()
    due: Annotated[str, msgspec.Meta(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")] = ""
    weight: Literal["must", "encouraged"] = "must"

    def __post_init__(self) -> None:
        if not self.do and not self.gates:
            raise ValueError("a rule needs `do` or `gates`")
        if not self.requires or not self.lines or not self.roles:
            raise ValueError("a rule needs `requires`, `lines` and `roles`, none of them empty")
        if self.starts and self.until and self.until < self.starts:
            raise ValueError(f"until = {self.until} lies before from = {self.starts}")


class Notice(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"starts": "from"}):
    """One notice of one province.

    Attributes:
        name: by which a profile calls it, and its file.
        seed: S0 … S4 of the requirements' table.
        exempt: goods that nobody need scan.
        like: roles that are treated as another one.
    """

    name: str
    seed: Annotated[str, msgspec.Meta(pattern=r"^S\d+$")]
    title: str
    province: Province
    draft: bool
    rules: tuple[Rule, ...]
    starts: date | None = None
    until: date | None = None
    exempt: frozenset[Class] = frozenset()
    like: dict[Role, Role] = {}


class Obligation(NamedTuple):
    """One rule that binds the site today, and the notice it stands in."""

    notice: Notice
    rule: Rule

    def told(self) -> str:
        """Where it stands, such as shandong:S0:17."""
        lines = ",".join(map(str, self.rule.lines))
        return f"{self.notice.name}:{self.notice.seed}:{lines}"

    def covers(self, classes: frozenset[str]) -> bool:
        """Say whether goods of these classes fall under it."""
        if classes & self.notice.exempt:
            return False
        return not self.rule.products or bool(classes & self.rule.products)


class Passage(NamedTuple):
    """What a gate says about goods: whether they may pass, why, and the rule that shut it.

    ``why`` is one of ``PASSAGES``, a result code for hosts.
    """

    open: bool
    why: str
    against: Obligation | None


PASSAGES = {
    "coded": ("有追溯码", "carries a code"),
    "free": ("无此要求", "no rule asks for a code"),
    "exempt": ("免予扫码品种", "goods that need not be scanned"),
    "no-code-stock": ("无码库登记在册", "registered as stock bought without codes"),
    "no-code": ("无码，不得通过", "has no code and needs one"),
}


def read(name: str, text: str) -> Notice:
    """Read one notice.

    Args:
        name: of the file, for complaints.

    Raises:
        ConfigError: by file, place, value seen, and what to do.
    """
    return strict_toml.read(name, text, Notice, WORDS)


def shipped() -> tuple[Notice, ...]:
    """The notices that come with the program."""
    folder = resources.files("edge_agent.domain") / "rules"
    files = sorted((file for file in folder.iterdir()), key=lambda file: file.name)
    return tuple(read(file.name, file.read_text("utf-8")) for file in files)


def in_force(profile: Profile, on: date, notices: Iterable[Notice]) -> tuple[Obligation, ...]:
    """Return what binds a site of this profile on a day, in the order of the notices.

    Raises:
        ConfigError: the profile follows a draft that there is not.
    """
    notices = tuple(notices)
    _require_drafts(profile, {one.name: one for one in notices if one.draft})
    return tuple(
        Obligation(notice, rule)
        for notice in notices
        if notice.province == profile.province
        and (not notice.draft or notice.name in profile.drafts)
        for rule in notice.rules
        if _lasts(notice, rule, on) and _binds(notice, rule, profile)
    )


def gate(
    bound: Iterable[Obligation],
    deed: Deed,
    classes: frozenset[str],
    *,
    coded: bool,
    no_code_bought: date | None = None,
) -> Passage:
    """Say whether goods may be purchased, received or paid for.

    Args:
        classes: of the goods, see ``Class``.
        coded: they carry trace codes that were scanned.
        no_code_bought: if they are registered in the no-code stock: the day they were bought.
    """
    if coded:
        return Passage(True, "coded", None)
    shut = [one for one in bound if deed in one.rule.gates]
    against = [one for one in shut if one.covers(classes)]
    if not against:
        exempt = any(classes & one.notice.exempt for one in shut)
        return Passage(True, "exempt" if exempt else "free", None)
    for one in against:
        before = one.rule.no_code_before
        if no_code_bought is None or before is None or no_code_bought >= before:
            return Passage(False, "no-code", one)
    return Passage(True, "no-code-stock", None)


def exempt(bound: Iterable[Obligation], duty: Duty, classes: frozenset[str]) -> bool:
    """Say whether goods of these classes are outside ``duty``, as far as any rule asks for it."""
    asking = [one for one in bound if duty in one.rule.do]
    return bool(asking) and all(classes & one.notice.exempt for one in asking)


def target(bound: Iterable[Obligation], duty: Duty, classes: frozenset[str]) -> int | None:
    """Percent that must be reached for goods of these classes: the highest that binds, or None."""
    found = [
        one.rule.target
        for one in bound
        if duty in one.rule.do
        and one.rule.target is not None
        and one.rule.weight == "must"
        and one.covers(classes)
    ]
    return max(found, default=None)


def recipients(bound: Iterable[Obligation], duty: Duty) -> tuple[Recipient, ...]:
    """Whom ``duty`` is owed to, each once, in the order of the rules."""
    told = [one for obligation in bound if duty in obligation.rule.do for one in obligation.rule.to]
    return tuple(dict.fromkeys(told))


def _require_drafts(profile: Profile, drafts: Mapping[str, Notice]) -> None:
    for name in sorted(profile.drafts):
        if name not in drafts:
            raise ConfigError(
                f'profile.drafts: "{name}" is no draft',
                hint=f"drafts are {', '.join(sorted(drafts)) or 'none'}; others bind by themselves",
            )


def _lasts(notice: Notice, rule: Rule, on: date) -> bool:
    starts = rule.starts or notice.starts or date.min
    until = rule.until or notice.until or date.max
    return starts <= on <= until


def _binds(notice: Notice, rule: Rule, profile: Profile) -> bool:
    role = notice.like.get(profile.role, profile.role)
    return (
        (profile.role in rule.roles or role in rule.roles)
        and profile.traits >= rule.all_of
        and (not rule.any_of or bool(profile.traits & rule.any_of))
        and not profile.traits & rule.none_of
    )
