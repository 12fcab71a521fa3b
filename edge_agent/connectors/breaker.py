"""How long a receiver in trouble is left alone, and when a parcel is the trouble itself."""

from __future__ import annotations

from edge_agent.connectors.base import Later, Partly, Unknown

_BACK_OFF_S = 0.25
# Tries that fail on what may be the parcel itself, before it is set aside: some 12 minutes.
_PATIENCE = 20

RESTING = "resting"
BARRED = "barred"


class Breaker:
    """One receiver's. After so many failures in a row, over all its parcels, it is open: there is
    one try, a probe, each ``probe_s``, until the receiver answers again.

    Nothing of it is kept over a restart: the first failure then tells how often that parcel was
    tried before, which is as much.
    """

    def __init__(self, failures_max: int = 8, probe_s: float = 60.0) -> None:
        """
        Args:
            failures_max: tries, with growing waits between them, before there are only probes.
        """
        self._failures_max = failures_max
        self._probe_s = probe_s
        self._failures = 0
        self._barred = False
        self._suspicions = 0  # of the same parcel, in a row
        self._patience = _PATIENCE

    @property
    def state(self) -> str:
        """``BARRED``: a person must change a setting, here or at the receiver. ``RESTING``: it is
        open. Empty: neither."""
        if self._barred:
            return BARRED
        return RESTING if self._failures > self._failures_max else ""

    def failed(self, answer: Later | Unknown | Partly, attempts: int) -> float:
        """Note a failure; return after how many seconds to try again.

        Args:
            attempts: how often this parcel was tried, this time included.
        """
        self._failures = max(self._failures + 1, attempts)
        self._barred = isinstance(answer, Later) and answer.barred
        suspect = isinstance(answer, Later | Unknown) and answer.suspect
        self._suspicions = self._suspicions + 1 if suspect else 0
        if self._failures > self._failures_max:
            return self._probe_s
        return min(_BACK_OFF_S * 2.0 ** (self._failures - 1), self._probe_s)

    def gives_up(self) -> bool:
        """Say whether the parcel that failed is to be set aside. If it was not the parcel after
        all, then the next one fails as well, and gets twice the patience."""
        if self._suspicions < self._patience:
            return False
        self._suspicions = 0
        self._patience *= 2
        return True

    def answered(self) -> None:
        """Note that the receiver took a parcel or refused one: it is there."""
        self._failures = 0
        self._barred = False
        self._suspicions = 0

    def took(self) -> None:
        """Note that it took one."""
        self.answered()
        self._patience = _PATIENCE
