"""Whom we trade with, what he must be enrolled in, and who may see which of our data."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import NamedTuple

from edge_agent.domain import obligations
from edge_agent.domain.obligations import Notice, Profile, Recipient, Role
from edge_agent.errors import AgentError

# What a holder may be shown of his products: 中文 and English.
SCOPES = {
    "movements": ("出入库信息", "what came in and went out, by lot"),
    "codes": ("追溯码明细", "the codes themselves"),
    "stock": ("库存信息", "what is in stock"),
    "customers": ("下游去向", "to whom it went; never a person"),
}


class PartnerError(AgentError):
    """A partner or an authorisation that cannot be as it is told."""


class Partner(NamedTuple):
    """Somebody we trade with. ``enrolled``: platforms, each since a day."""

    number: str
    name: str
    role: Role
    enrolled: dict[str, date]


class Authorisation(NamedTuple):
    """That a holder may see something.

    Attributes:
        product: its number; empty: all of the holder's products.
        granted, revoked: numbers of the acts; 0 for one that is in force.
    """

    id: int
    holder: str
    product: str
    scope: str
    granted: int
    revoked: int


def lacking(
    partner: Partner, profile: Profile, on: date, notices: Iterable[Notice]
) -> tuple[Recipient, ...]:
    """The platforms in which ``partner`` must be enrolled on a day and is not, by the notices that
    count for our site's province."""
    his = Profile(profile.province, partner.role, drafts=profile.drafts)
    wanted = obligations.recipients(obligations.in_force(his, on, notices), "enrol")
    return tuple(one for one in wanted if one not in partner.enrolled or partner.enrolled[one] > on)


def require_scopes(scopes: Collection[str]) -> None:
    """
    Raises:
        PartnerError: one of them is none of ``SCOPES``.
    """
    for one in scopes:
        if one not in SCOPES:
            raise PartnerError(f'no scope "{one}"', hint=f"known: {', '.join(SCOPES)}")
