"""Four words are all a receiver can say about a parcel; a fifth says them record by record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from edge_agent.store.outbox import Parcel


@dataclass(frozen=True, slots=True)
class Delivered:
    """The receiver has it. ``reference`` is its own number for it, or empty."""

    reference: str


@dataclass(frozen=True, slots=True)
class Later:
    """It surely has not got it. Try again in ``after_s`` seconds; None: as you think best.

    Attributes:
        barred: it will not take any parcel until a person has changed a setting, here or there.
        suspect: it may be this parcel alone that makes it fail.
    """

    after_s: float | None
    why: str
    barred: bool = False
    suspect: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """It will never take it. A person must look; trying again would get the same answer."""

    why: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody knows whether it has it. Ask before anything else. ``suspect`` is as in ``Later``."""

    why: str
    suspect: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """One record, by its number, that the receiver will never take; in its own words."""

    number: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Partly:
    """The receiver has all records but these. Of the ``unknown`` nobody knows, by number: they
    are asked about before anything else. All belong to the parcel, and each stands here once."""

    reference: str
    refused: tuple[Refusal, ...]
    unknown: tuple[int, ...] = ()


Answer: TypeAlias = Delivered | Later | Refused | Unknown | Partly


class Connector(Protocol):
    """Speaks to one receiver. Raises nothing for what a network or a receiver can do.

    A parcel with ``only`` has been settled in part, and comes to ``ask``, never to ``deliver``. Its
    other records need not be sent, and may not be applied twice; an answer counts for ``only``.
    """

    async def deliver(self, parcel: Parcel) -> Answer:
        """Send a parcel that the receiver surely has not got."""

    async def ask(self, parcel: Parcel) -> Answer:
        """Find out what became of a parcel that may have arrived; if it did not, send it."""

    async def close(self) -> None:
        """Let go of connections."""


class Lister(Protocol):
    """What a connector offers beside, if its receiver can say what it has."""

    async def has(self, keys: Sequence[str]) -> Mapping[str, bool]:
        """Say of each parcel, by its key, whether the receiver has it. What it cannot say of is
        left out.

        Raises:
            AgentError: the receiver cannot be asked; says why.
        """

    async def close(self) -> None:
        """Let go of connections."""
