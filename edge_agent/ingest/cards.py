"""Operators' command barcodes: carried out at the station that read them, in the same transaction.

What a card does is an act of that station. A card that cannot be carried out changes nothing, and
the station shows HOLD: the operator must not go on as if it had been.
"""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from edge_agent.domain import verdict
from edge_agent.domain.documents import DocumentError
from edge_agent.domain.model import Ruling
from edge_agent.domain.packs import ADDED, IS_PARENT, OWN, SEVERAL, Session
from edge_agent.domain.stations import NONE, Station
from edge_agent.errors import AgentError
from edge_agent.ingest.knowledge import Knowledge, Now
from edge_agent.store import closing, documents, packing, sessions
from edge_agent.store.driver import Tx
from protocol import command, decisions, reasons
from protocol.errors import ProtocolError

_PACKED = {
    IS_PARENT: Ruling(decisions.PASS, reasons.OK),
    ADDED: Ruling(decisions.PASS, reasons.OK),
    SEVERAL: Ruling(decisions.HOLD, reasons.PACK_CONFLICT),
}
_PACKED_AGAIN = Ruling(decisions.AGAIN, reasons.REREAD)

log = structlog.get_logger()


class Cards:
    """For one transaction."""

    def __init__(self, tx: Tx, knowledge: Knowledge, prefix: bytes) -> None:
        """
        Args:
            prefix: that every command barcode begins with.
        """
        self._tx = tx
        self._knowledge = knowledge
        self._prefix = prefix
        self._sessions: dict[str, Session | None] = {}

    def carry_out(self, station: Station, words: bytes, now: Now) -> Ruling:
        """Do what a card says."""
        try:
            verb, about = command.parse(words, self._prefix)
            self._do(station, verb, about.decode(), now)
        except (AgentError, ProtocolError, UnicodeDecodeError) as error:
            log.warning("a command was refused", station=station.device, why=str(error))
            return verdict.CANNOT
        return verdict.DONE

    def packing(self, station: Station) -> bool:
        """Say whether codes read there now tell what is packed in what."""
        return self._session(station.device) is not None

    def pack(self, station: Station, keys: Sequence[bytes]) -> Ruling:
        """Take one read of a station that is packing."""
        session = self._session(station.device)
        assert session is not None
        ruling = _PACKED.get(session.read(keys), _PACKED_AGAIN)
        if ruling.decision == decisions.PASS:
            sessions.keep(self._tx, station.device, session)
        return ruling

    def _session(self, device: str) -> Session | None:
        if device not in self._sessions:
            self._sessions[device] = sessions.session(self._tx, device)
        return self._sessions[device]

    def _do(self, station: Station, verb: bytes, about: str, now: Now) -> None:
        if verb == command.OPEN:
            self._open(station, about, now)
        elif verb == command.CLOSE:
            self._close(station, now)
        elif verb == command.PARENT:
            self._begin(station.device)
        elif verb == command.CHILDREN_END:
            self._end(station.device, now)
        elif verb == command.UNDO:
            self._undo(station.device)
        elif verb != command.WHO:
            raise DocumentError(f"{station.device} has no mode {about}")

    def _open(self, station: Station, number: str, now: Now) -> None:
        if station.documents == NONE:
            raise DocumentError(f"{station.device} works without documents")
        found = documents.named(self._tx, number)
        if not station.takes(found.type):
            raise DocumentError(f"{number} is a {found.type}: {station.device} takes none")
        self._knowledge.write_counts()
        who = f"station {station.device}"
        documents.bind_station(self._tx, now.arrived_ms, who, station.device, number)
        self._knowledge.renew()

    def _close(self, station: Station, now: Now) -> None:
        self._knowledge.write_counts()
        found = documents.bound(self._tx, station.device)
        if found is None:
            raise DocumentError(f"no document is open at {station.device}")
        who = f"station {station.device}"
        still_open = closing.close(self._tx, now.arrived_ms, who, found)
        self._knowledge.renew()
        if still_open:
            raise DocumentError(f"document {found.number} has {len(still_open)} open findings")

    def _begin(self, device: str) -> None:
        if self._session(device) is not None:
            raise DocumentError(f"{device} is packing already")
        self._sessions[device] = session = Session()
        sessions.keep(self._tx, device, session)

    def _end(self, device: str, now: Now) -> None:
        session = self._session(device)
        said = session.end() if session else None
        if said is None:
            raise DocumentError(f"{device} packed nothing")
        # A problem is kept by the store beside what it is about, and changes nothing here: hands
        # have said what they saw.
        packing.bind(
            self._tx,
            now.arrived_ms,
            f"station {device}",
            said.parent,
            said.children,
            level=said.level,
            lot=said.lot,
            source=OWN,
            shape=said.shape,
        )
        sessions.end(self._tx, device)
        self._sessions[device] = None
        self._knowledge.renew()

    def _undo(self, device: str) -> None:
        session = self._session(device)
        if session is None:
            raise DocumentError("only what is being packed can be undone by a card")
        if session.undo():
            sessions.keep(self._tx, device, session)
        else:
            sessions.end(self._tx, device)
            self._sessions[device] = None
