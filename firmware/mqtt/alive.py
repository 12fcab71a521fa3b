"""Whether the broker is still there, and whether it is only us: what time alone tells."""

from protocol.compat import const

# A second client of our id throws us out, we throw it out, and so on: closed soon after CONNACK,
# many times in a row. Soon is longer than the longest pause between two tries.
_QUICK_MS = const(10000)
_QUICK_TIMES = const(5)
_NONE = const(-1)


class KeepAlive:
    """When to ping, and when to give up [MQTT-3.1.2-23].

    A broker gives a silent client up after one and a half times the keep-alive. So do we: silence
    for the keep-alive brings a PINGREQ, and half of it more without PINGRESP the end.
    """

    def __init__(self, keep_alive_s: int) -> None:
        self._keep_alive_ms = keep_alive_s * 1000
        self._sent_ms = 0
        self._ping_ms = _NONE

    def reset(self) -> None:
        """A new stream: nothing is owed."""
        self._ping_ms = _NONE

    def wrote(self, now_ms: int) -> None:
        """Some packet has been written."""
        self._sent_ms = now_ms

    def due(self, now_ms: int) -> bool:
        """Say whether a PINGREQ is due."""
        return self._ping_ms == _NONE and now_ms - self._sent_ms >= self._keep_alive_ms

    def pinged(self, now_ms: int) -> None:
        """A PINGREQ is on its way."""
        self._ping_ms = now_ms

    def answered(self) -> None:
        """PINGRESP has come; one that nobody asked for does no harm."""
        self._ping_ms = _NONE

    def overdue(self, now_ms: int) -> bool:
        """Say whether the broker is given up."""
        return self._ping_ms != _NONE and now_ms - self._ping_ms >= self._keep_alive_ms // 2


class TakeOver:
    """Tells a second client of our id from a bad link, as far as that can be told from here.

    Attributes:
        suspected: closed soon after CONNACK, five times in a row, and not well since.
    """

    def __init__(self) -> None:
        self.suspected = False
        self._times = 0

    def ended(self, age_ms: int) -> bool:
        """The peer has closed ``age_ms`` after CONNACK. Say whether the suspicion is new."""
        if age_ms >= _QUICK_MS:
            return False
        self._times += 1
        if self._times < _QUICK_TIMES or self.suspected:
            return False
        self.suspected = True
        return True

    def lasts(self, age_ms: int) -> None:
        """The connection is ``age_ms`` old and well."""
        if age_ms >= _QUICK_MS:
            self._times = 0
            self.suspected = False
