"""What time it is, and how to wait. Passed as an argument, so that a test can say so."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """The wall clock."""

    def now_ms(self) -> int:
        """UTC, milliseconds since 1970. May jump."""

    async def sleep(self, seconds: float) -> None:
        """Return when ``seconds`` have passed."""


class SystemClock:
    """The clock of this machine."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
