"""The cradle's own troubles: counted, and reported to the agent as records of their own."""

from array import array

from protocol import wire_cradle
from protocol.compat import const
from protocol.window import Window

# Faults. These numbers travel: never renumber one.
WINDOW_FULL = const(1)  # a read was refused because nothing more fitted
DOWN_REFUSED = const(2)  # a message from the agent that was not one
DOWN_FOREIGN = const(3)  # an answer for another boot, or for what was never sent
LINK_PROTOCOL = const(4)  # the broker broke MQTT

_KINDS = const(5)


class Vitals:
    """Counts troubles. ``note`` allocates nothing."""

    def __init__(self) -> None:
        self._unreported = array("H", [0] * _KINDS)

    def note(self, fault: int) -> None:
        """Count one ``fault``."""
        if self._unreported[fault] < 0xFFFF:
            self._unreported[fault] += 1

    def report(self, window: Window, now_ms: int) -> bool:
        """Write one record of what was counted since the last one; say whether there was any."""
        for fault in range(1, _KINDS):
            times = self._unreported[fault]
            if not times:
                continue
            at = window.room()
            if at < 0:
                return False
            dt_ms = now_ms - window.last_ms()
            window.add(wire_cradle.put_fault(window.buf, at, dt_ms, fault, times), now_ms)
            self._unreported[fault] = 0
            return True
        return False
