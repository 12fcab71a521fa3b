"""What a cradle is for: its step in the process, and which documents its scans are counted in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

# Where the scans of a station belong.
NONE = "none"  # to no document: a first read passes
BOUND = "bound"  # to the one document that is open at it; without one nothing passes
AUTO = "auto"  # to whichever open document expects the unit

# The step at which hands say what is packed in what.
PACK = "pack"

# What a station may ask of a platform; then not knowing is not good enough.
ACTIVE = "active"
REFLUX = "reflux"
OWNER = "owner"


class Station(NamedTuple):
    """One cradle's place.

    Attributes:
        step: receive, check, pick, dispense, …: for people, and for figures by step.
        documents: NONE, BOUND or AUTO.
        owner: whose goods pass here; empty for anybody's.
        types: of documents that may be open here (domain.documents.TYPES); none for all.
        checks: of ACTIVE, REFLUX and OWNER, what a platform must have said before a unit passes.
    """

    device: str
    step: str = ""
    documents: str = NONE
    owner: str = ""
    types: tuple[str, ...] = ()
    checks: frozenset[str] = frozenset()

    @property
    def is_plain(self) -> bool:
        """Say whether a scan here asks for nothing but the unit's last read. Cards are for the
        others."""
        return self.documents == NONE and not self.checks and self.step != PACK

    def takes(self, kind: str) -> bool:
        """Say whether a document of type ``kind`` may be open here."""
        return not self.types or kind in self.types


class Stations:
    """All of a site. A cradle without a row is a plain one."""

    def __init__(self, stations: Iterable[Station] = ()) -> None:
        self._stations = {station.device: station for station in stations}

    def of(self, device: str) -> Station:
        """The station that ``device`` is."""
        return self._stations.get(device) or Station(device)
