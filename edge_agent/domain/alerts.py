"""Warnings (风险预警) that somebody must look at by a day, and how each kind is worded."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

# 中文, English, and within how many days somebody must have looked.
KINDS = {
    "balance": ("进销存不平衡", "stock and movements do not agree", 3),
    "two-invoices": ("不符合两票制", "more than two invoices, or a gap between them", 1),
    "activation": ("追溯码激活异常", "a code is not active, or was activated twice", 1),
    "upstream": ("上下游追溯数据不匹配", "our data and the supplier's do not agree", 3),
}


class Alert(NamedTuple):
    """One of them.

    Attributes:
        about: product and lot, or the number of a document; one alert of a kind for each.
        owner: who must look.
        raised, closed: numbers of the acts; 0 while it is open.
    """

    id: int
    kind: str
    about: str
    detail: str
    owner: str
    due: date
    raised: int
    closed: int

    def overdue(self, on: date) -> bool:
        """Say whether it is open after its day."""
        return not self.closed and self.due < on


def due(kind: str, on: date) -> date:
    """The day by which one that is raised on a day must be looked at."""
    return on + timedelta(days=KINDS[kind][2])
