"""Rules on records one after the other, by what the store and the records before know of a unit."""

from __future__ import annotations

from edge_agent.domain import again, verdict
from edge_agent.domain.model import Case, Ruling, Sighting
from protocol import decisions


class Judge:
    """For one transaction."""

    def __init__(self, seen: dict[bytes, Sighting], reread_ms: int) -> None:
        """
        Args:
            seen: last sighting of each unit that will be asked for and ever passed.
            reread_ms: the same unit at the same cradle within this time is a re-read.
        """
        self._seen = seen
        self._reread_ms = reread_ms
        # What is to be written, by unit: key, number, boot, at_ms. Made a Sighting when it is asked
        # for again, which is rare.
        self._notes: dict[bytes, tuple[bytes, int, int, int]] = {}

    def rule(self, cases: list[bytes | Case], at_ms: list[int], boot: int, number: int) -> bytes:
        """Rule on the records ``number`` … of one batch.

        Returns:
            decision and reason of each, two octets.
        """
        told = bytearray()
        for case, read_ms in zip(cases, at_ms, strict=True):
            if isinstance(case, bytes):
                last = self._last(case)
                ruling = again.meaning(last, boot, read_ms, self._reread_ms).ruling
                self._note(case, last, ruling, (number, boot, read_ms))
            else:
                ruling = self._several(case, (number, boot, read_ms))
            told.extend(ruling)
            number += 1
        return bytes(told)

    def notes(self) -> list[tuple[bytes, int, int, int]]:
        """What must be written of the units: the last sighting of each."""
        return list(self._notes.values())

    def _several(self, case: Case, now: tuple[int, int, int]) -> Ruling:
        _, boot, at_ms = now
        lasts = [self._last(key) for key in case.units]
        rulings = [again.meaning(last, boot, at_ms, self._reread_ms).ruling for last in lasts]
        ruling = verdict.worst([*rulings, case.ruling] if case.ruling else rulings)
        for key, last in zip(case.units, lasts, strict=True):
            self._note(key, last, ruling, now)
        return ruling

    def _last(self, key: bytes) -> Sighting | None:
        note = self._notes.get(key)
        return Sighting(*note) if note else self._seen.get(key)

    def _note(
        self, key: bytes, last: Sighting | None, ruling: Ruling, now: tuple[int, int, int]
    ) -> None:
        number, boot, at_ms = now
        if last is not None:
            self._notes[key] = (key, last.number, boot, at_ms)
        elif ruling.decision == decisions.PASS:
            # A unit is known from its first PASS on: what was set aside because of its neighbour
            # in the frame must still be able to pass by itself.
            self._notes[key] = (key, number, boot, at_ms)
