"""Four words are all a receiver can say about a parcel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

from edge_agent.store.outbox import Parcel


@dataclass(frozen=True, slots=True)
class Delivered:
    """The receiver has it. ``reference`` is its own number for it, or empty."""

    reference: str


@dataclass(frozen=True, slots=True)
class Later:
    """It surely has not got it. Try again in ``after_s`` seconds; None: as you think best."""

    after_s: float | None
    why: str


@dataclass(frozen=True, slots=True)
class Refused:
    """It will never take it. A person must look; trying again would get the same answer."""

    why: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody knows whether it has it. Ask before anything else."""

    why: str


Answer: TypeAlias = Delivered | Later | Refused | Unknown


class Connector(Protocol):
    """Speaks to one receiver. Raises nothing for what a network or a receiver can do."""

    async def deliver(self, parcel: Parcel) -> Answer:
        """Send a parcel that the receiver surely has not got."""

    async def ask(self, parcel: Parcel) -> Answer:
        """Find out what became of a parcel that may have arrived; if it did not, send it."""

    async def close(self) -> None:
        """Let go of connections."""
