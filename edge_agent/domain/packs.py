"""What is packed in what: who may say so, what can be wrong with it, and how hands say it.

A pack and what it holds directly are a statement of some source: a person who scans, the maker's
relation file, a supplier's notice, a platform. Sources contradict each other; ``domain.settling``
decides, by the rank of the source, and what lost is kept as a ``Problem``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from edge_agent.domain.written import written

# Sources, by rank: who speaks later in the goods' life, and with more goods before his eyes, is
# believed more. A scan is lowest, because one slip of a hand makes it; what a person orders
# (take out, put elsewhere, replace) is no statement but a fact, and stands above all sources.
# Never renumber one: stores out there hold them.
OWN = 1
FILE = 2
NOTICE = 3
PLATFORM = 4

# Number: name for machines, then 中文 and English.
SOURCES = {
    OWN: ("own", "本站扫描", "our own scans"),
    FILE: ("file", "关联关系文件", "the maker's relation file"),
    NOTICE: ("notice", "上游单据", "a supplier's notice (ASN)"),
    PLATFORM: ("platform", "平台查询结果", "a platform's answer"),
}

# Above all sources, of levels only: what the product table says of a code's head.
TABLE = 9

# Shapes of a pack; 0 to 3 are the box_status of MSFX.
WHOLE = 0
MIXED = 1
PARTIAL = 2
MIXED_PARTIAL = 3
SPLIT = 4

SHAPES = {
    WHOLE: ("whole", "整箱", "whole"),
    MIXED: ("mixed", "拼箱", "holds several products or lots"),
    PARTIAL: ("partial", "零箱", "not full"),
    MIXED_PARTIAL: ("mixed-partial", "零箱且拼箱", "not full, and several products or lots"),
    SPLIT: ("split", "拆零", "split: what it holds are parts of it, with codes of their own"),
}

# Most units in one line from the smallest to the largest, both counted.
DEEPEST = 6

# What can be wrong. Kind: 中文 and English; {key} and {other} are codes.
PROBLEMS = {
    "two_parents": (
        "{key} 已在其他包装中，“在 {other} 中”的说法未采纳",
        "{key} is in another pack; that it is in {other} was not believed",
    ),
    "same_code": (
        "关联关系文件把 {key} 放进两个包装，疑似一码两物；“在 {other} 中”的说法未采纳",
        "relation files put {key} into two packs, so two units may bear this code;"
        " that it is in {other} was not believed",
    ),
    "activated_twice": (
        "{key} 被两个批次激活：{detail}",
        "{key} was activated for two lots: {detail}",
    ),
    "cycle": (
        "{key} 与 {other} 互为上级，“在 {other} 中”的说法未采纳",
        "{key} would hold itself; that it is in {other} was not believed",
    ),
    "too_deep": (
        "{key} 放入 {other} 后超过六层，未采纳",
        "{key} in {other} would make more than six levels; it was not believed",
    ),
    "two_levels": (
        "{key} 的包装级别有两种说法：{detail}",
        "sources name two levels of {key}: {detail}",
    ),
    "wrong_level": (
        "{key} 的包装级别不低于 {other}：{detail}",
        "{key} has no lower level than {other} around it: {detail}",
    ),
    "count": (
        "{key} 实有 {detail}，与包装比例不符（仅提示）",
        "{key} holds {detail}, which is not its ratio (a hint only)",
    ),
    "lot_differs": (
        "{key} 的批号有两种说法：{detail}",
        "sources name two lots of {key}: {detail}",
    ),
    "parted": (
        "{key} 已在本站从 {other} 中取出，旧的关联关系未采纳",
        "{key} was taken out of {other} here; an older statement was not believed",
    ),
    "not_inside": (
        "{key} 不在 {other} 中",
        "{key} is not in {other}",
    ),
    "known_code": (
        "{key} 已被使用，不能用来替换 {other}",
        "{key} is in use already and cannot replace {other}",
    ),
}

# Those that say that somebody's statement was set aside against a standing one.
LOST = ("two_parents", "same_code", "cycle", "too_deep")


class Problem(NamedTuple):
    """Something wrong with packs.

    Attributes:
        kind: of ``PROBLEMS``.
        key: of the unit it is about.
        other: of the pack that was named with it; empty if none was.
        detail: what else to know; empty for most kinds.
    """

    kind: str
    key: bytes
    other: bytes = b""
    detail: str = ""

    @property
    def chinese(self) -> str:
        return self._told(0)

    @property
    def english(self) -> str:
        return self._told(1)

    def _told(self, language: int) -> str:
        return PROBLEMS[self.kind][language].format(
            key=written(self.key), other=written(self.other), detail=self.detail
        )


class Statement(NamedTuple):
    """That ``children`` are in ``parent``, directly.

    Attributes:
        level: of ``parent``, from the bottom, 1 is the smallest pack; 0 if the source is silent.
        lot: the store's number for it; 0 if the source is silent.
        shape: of SHAPES; None if the source is silent.
    """

    parent: bytes
    children: tuple[bytes, ...] = ()
    level: int = 0
    lot: int = 0
    shape: int | None = None


class Pack(NamedTuple):
    """What is known of a pack.

    Attributes:
        level: from the bottom, 1 is the smallest pack; 0 while nobody says.
        n: smallest packs in it; 0 while nobody knows what it holds.
        lot: the store's number for it; 0 while nobody says.
        source: the highest of SOURCES that spoke of it.
        shape: of SHAPES.
    """

    key: bytes
    level: int
    n: int
    lot: int
    source: int
    shape: int


def fits_ratio(ratio: str, level: int, n: int) -> bool:
    """Say whether ``n`` in a pack of ``level`` may be what ``ratio`` says; yes where it is silent.

    Args:
        ratio: packs of each level from the largest down, such as 1:5:10. No source says whether a
            number counts those in one pack of the next level or all in the largest, so either
            reading is enough.
    """
    parts = ratio.replace("：", ":").split(":")
    if not all(part.isascii() and part.isdigit() and int(part) for part in parts):
        return True
    at = len(parts) - level  # of this level, among the parts
    if not (0 <= at < len(parts) - 1):
        return True
    above, here = int(parts[at]), int(parts[at + 1])
    return n == here or n * above == here


# What a read did in a session.
IS_PARENT = "is parent"
ADDED = "added"
AGAIN = "again"
SEVERAL = "several"


class Session:
    """Hands say what is packed in what: first the pack, then what it holds, then the end.

    Codes that are read in one frame are no tree by themselves: a frame of several codes cannot
    begin a session. Once the pack is known, everything in a frame but the pack itself is in it.
    """

    def __init__(self) -> None:
        self.parent = b""
        self.children: list[bytes] = []

    def read(self, keys: Sequence[bytes]) -> str:
        """Take one read, of one unit or several; return what it did: IS_PARENT … SEVERAL."""
        if not self.parent:
            if len(set(keys)) != 1:
                return SEVERAL
            self.parent = keys[0]
            return IS_PARENT
        known = {self.parent, *self.children}
        new = [key for key in dict.fromkeys(keys) if key not in known]
        self.children += new
        return ADDED if new else AGAIN

    def undo(self) -> bytes:
        """Take back the last unit and return it; b"" if there is none."""
        if self.children:
            return self.children.pop()
        taken, self.parent = self.parent, b""
        return taken

    def end(self) -> Statement | None:
        """Return what was said; None if a pack or what it holds is missing."""
        if not self.children:
            return None
        return Statement(self.parent, tuple(self.children))
