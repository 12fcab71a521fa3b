"""What is started and stopped can stand behind `with`."""

from __future__ import annotations

from types import TracebackType
from typing import Self


class Running:
    """Started when the block is entered, stopped when it is left, also when starting failed."""

    def start(self) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        """To be called in any state."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
