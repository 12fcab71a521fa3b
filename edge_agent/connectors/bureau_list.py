"""A reflux provider: the list of sales that the bureau hands out, as a CSV file that it renews."""

from __future__ import annotations

import csv
from pathlib import Path

import structlog

from edge_agent.domain.naming import code_of
from edge_agent.domain.reflux import Sold
from edge_agent.errors import AgentError
from protocol.codes import Classifier

log = structlog.get_logger()


class BureauList:
    """Columns: code, times, and if known payer. Units that are not in it it knows nothing of.

    The file is read anew when it has changed. A row that cannot be read is passed over and told in
    the log; a file that cannot be read leaves everything unknown.
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
        except (OSError, ValueError, csv.Error) as error:
            self._sales = {}
            self._stamp = None
            log.error("the bureau's list cannot be read", file=str(self._path), why=str(error))

    def _read(self) -> dict[bytes, tuple[int, str]]:
        sales: dict[bytes, tuple[int, str]] = {}
        with self._path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            for row in reader:
                try:
                    key = code_of(row["code"], self._classifier).key
                    sales[key] = (int(row["times"]), row.get("payer") or "")
                except (AgentError, KeyError, TypeError, ValueError) as error:
                    log.warning(
                        "a row of the bureau's list is not understood",
                        file=str(self._path),
                        line=reader.line_num,
                        why=str(error),
                    )
        return sales
