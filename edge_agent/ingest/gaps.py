"""After a restore: notices that a cradle no longer has what the restored store no longer knows.

A cradle forgets what was booked. If the store is then lost, and a backup restored that is older,
the records between are nowhere, and the cradle begins above the mark of its boot for ever. In a
store that was never restored that cannot be: there a gap is a batch on its way, and is waited for.
"""

from __future__ import annotations

from typing import NamedTuple

import structlog

from edge_agent.ingest.marks import Boot
from edge_agent.store import acts, identity, ledger
from edge_agent.store.driver import Tx

# A cradle that has older records sends those first, at least every ``resend_max_ms`` (5 s).
_TIMES = 5
_WAIT_MS = 30_000
_BOOTS_MAX = 1000

log = structlog.get_logger()


class _Gap(NamedTuple):
    """The lowest seq with which a boot began, since when, and how often."""

    seq: int
    since_ms: int
    times: int


class Gaps:
    """One object serves for ever. It may ask for the same batch twice: a transaction can fail."""

    def __init__(self) -> None:
        self._gaps: dict[tuple[str, bytes], _Gap] = {}

    def look(self, tx: Tx, boot: Boot, seq: int, arrived_ms: int) -> None:
        """Look at a batch that begins with ``seq``. If what is missing before it will never come,
        file that, and let the boot go on from there."""
        name = (boot.device, boot.boot_id)
        if seq <= boot.next_seq:
            self._gaps.pop(name, None)
            return
        gap = self._gaps.get(name)
        if gap is None or seq < gap.seq or arrived_ms < gap.since_ms:
            if len(self._gaps) >= _BOOTS_MAX:
                self._gaps.clear()
            self._gaps[name] = _Gap(seq, arrived_ms, 1)
            return
        if seq > gap.seq:
            return
        gap = self._gaps[name] = gap._replace(times=gap.times + 1)
        if gap.times < _TIMES or arrived_ms - gap.since_ms < _WAIT_MS:
            return
        if not identity.restores(tx):
            return
        missing = {"device": boot.device, "seq": boot.next_seq, "until": seq}
        body = {**missing, "boot": boot.boot_id.hex()}
        acts.append(tx, arrived_ms, "scandock", ledger.LOST, body)
        log.error(
            "records are lost: booked by the store that was lost, after its backup", **missing
        )
        boot.go_on_from(seq)
