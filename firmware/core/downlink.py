"""What the agent says: what it has on its disk, what shall happen with the goods, what is held."""

from firmware.core import vitals
from firmware.core.holds import Holds
from firmware.core.ports import Clock
from firmware.core.signal import Signals
from firmware.core.vitals import Vitals
from protocol import cbor, reasons, wire_cradle
from protocol.errors import ProtocolError
from protocol.window import IGNORED, Window


class Downlink:
    """Turns answers into signals.

    A record leaves the window when it is both taken and judged, and not before: then a lost verdict
    is mended like a lost record, by sending the record again, which the agent answers with both.
    """

    def __init__(
        self,
        boot_id: bytes,
        clock: Clock,
        window: Window,
        signals: Signals,
        troubles: Vitals,
        holds: Holds,
    ) -> None:
        self._boot_id = boot_id
        self._clock = clock
        self._window = window
        self._signals = signals
        self._vitals = troubles
        self._holds = holds
        self.refused_reason = reasons.OK  # of the last message that was refused

    def message(self, buf: bytearray, start: int, end: int) -> None:
        """Take one message of the topic "down". A bad one is counted and forgotten."""
        try:
            answer = wire_cradle.read_down(cbor.loads(bytes(buf[start:end])))
        except ProtocolError as error:
            self.refused_reason = error.reason
            self._vitals.note(vitals.DOWN_REFUSED)
            return
        kind = answer[1]
        if kind == wire_cradle.HOLDS:
            version, full, names = answer[2:5]
            if not self._holds.take(version, full, names):
                self._vitals.note(vitals.DOWN_FOREIGN)
        elif answer[2] != self._boot_id:
            self._vitals.note(vitals.DOWN_FOREIGN)
        elif kind == wire_cradle.TAKEN:
            if answer[3] > self._window.sent_far:
                self._vitals.note(vitals.DOWN_FOREIGN)
            else:
                self._signals.taken(answer[3])
        else:
            self._judge(answer[3], answer[4])

    def _judge(self, first_seq: int, rulings: bytes) -> None:
        window = self._window
        for at in range(0, len(rulings), 2):
            seq = first_seq + at // 2
            # In order and each once: lower is signalled already, higher will come again.
            if seq != window.base or not self._signals.may_show(seq):
                continue
            if window.taken(seq + 1, self._clock.now_ms()) == IGNORED:
                return
            if rulings[at + 1] != reasons.CRADLE_FAULT:
                self._signals.verdict(seq, rulings[at])
