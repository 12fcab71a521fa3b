"""A reflux provider: the list of sales that the bureau hands out, as a CSV file that it renews."""

from __future__ import annotations

from pathlib import Path

import structlog

from edge_agent.domain.naming import code_of
from edge_agent.domain.reflux import SalesError, Sold, sales
from edge_agent.domain.typed import TypedError
from protocol.codes import Classifier

log = structlog.get_logger()


class BureauList:
    """Columns: code, times, and if known payer. Units that are not in it it knows nothing of.

    The file is read anew when it has changed. A row that is not understood is passed over and
    told in the log; a file that is no list of sales leaves everything unknown.
    """

    def __init__(self, path: Path, classifier: Classifier) -> None:
        self.name = path.name
        self._path = path
        self._classifier = classifier
        self._stamp: tuple[int, int] | None = None
        self._sales: dict[bytes, tuple[int, str]] = {}

    async def query(self, keys: list[bytes]) -> list[Sold]:
        """Look ``keys`` up."""
        self._refresh()
        return [
            Sold(key, *self._sales[key], source=self.name) for key in keys if key in self._sales
        ]

    def _refresh(self) -> None:
        try:
            found = self._path.stat()
            stamp = (found.st_mtime_ns, found.st_size)
            if stamp != self._stamp:
                self._sales = self._read()
                self._stamp = stamp
        except (OSError, SalesError) as error:
            self._sales = {}
            self._stamp = None
            log.error("the bureau's list cannot be read", file=str(self._path), why=str(error))

    def _read(self) -> dict[bytes, tuple[int, str]]:
        found: dict[bytes, tuple[int, str]] = {}
        with self._path.open(encoding="utf-8-sig", newline="") as file:
            for row in sales(file):
                try:
                    if row.times is None:
                        raise SalesError(f'times is "{row.said}"')
                    found[code_of(row.code, self._classifier).key] = (row.times, row.payer)
                except (TypedError, SalesError) as error:
                    where = {"file": str(self._path), "line": row.line}
                    log.warning(
                        "a row of the bureau's list is passed over", why=error.what, **where
                    )
        return found
