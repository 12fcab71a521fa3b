"""What is to be written, in its order, and what of it the broker still has to acknowledge.

First CONNECT; once the broker took us in: answers before anything else, then the subscription, so
that no message is missed, then who we are, then what we have, in the order it was first sent
[MQTT-4.6.0-1]. That order counts within a topic, so the state may overtake.
"""

from firmware.mqtt import packets
from firmware.mqtt.slots import FREE, WAITING, WRITING, Packet, Publish, Slots
from protocol.compat import const

_ID_MAX = const(65535)
_CONTROL_MAX = const(64)
_ANSWER_MAX = const(6)  # octets of PUBACK or its like, and of a PINGREQ that comes between


class Outbound:
    """Hands out one packet (or several answers) at a time.

    Attributes:
        buf, start, end: what ``next`` handed out.
        slots: the publishes of the layer above.
        last_id: the packet id given last.
    """

    def __init__(self, connect: bytearray, subscribe: Packet, birth: Publish, slots: Slots) -> None:
        self.slots = slots
        self.last_id = 0
        self._connect = connect
        self._subscribe = subscribe
        self._birth = birth
        self._control = bytearray(_CONTROL_MAX)
        self.open(0)

    def open(self, now_ms: int) -> None:
        """There is a new stream: begin with CONNECT."""
        self.buf = self._connect
        self.start = 0
        self.end = 0
        self._connect_due = True
        self._accepted = False
        self._control_end = 0
        self._busy = False  # what was handed out is being written
        self._busy_ms = now_ms
        self._packet: "Packet | None" = None  # what it is, if it is to be acknowledged
        self._subscribe.state = FREE

    def accepted(self, session_present: bool) -> None:
        """CONNACK has come: subscribe, say who we are, repeat what was not acknowledged.

        Without a session, nothing is a repeat to this broker: everything gets a new id.
        """
        if not session_present:
            for packet in self.slots.queued():
                packet.queue(self.new_id())
        if not session_present or self._birth.state != WAITING:
            self._birth.queue(self.new_id())
        self._subscribe.queue(self.new_id())
        self._accepted = True

    def close(self) -> None:
        """The stream is gone: what is not acknowledged waits for the next one."""
        self._birth.rewind()
        self.slots.rewind()

    def new_id(self) -> int:
        """Return the next packet id that is not in use: 1..65535, then 1 again."""
        packet_id = self.last_id
        while True:
            packet_id = packet_id + 1 if packet_id < _ID_MAX else 1
            # Those of birth and subscription are passed over even when they are free again.
            free = self._birth.id != packet_id != self._subscribe.id
            if free and not self.slots.uses(packet_id):
                self.last_id = packet_id
                return packet_id

    def answer(self, first: int, packet_id: int) -> None:
        """Queue a packet that is nothing but its id. To be called only if not ``clogged``."""
        at = self._control_end
        self._control[at] = first
        self._control[at + 1] = 2
        self._control[at + 2] = packet_id >> 8
        self._control[at + 3] = packet_id & 0xFF
        self._control_end = at + 4

    def ping(self) -> None:
        """Queue a PINGREQ. To be called only if not ``clogged``."""
        at = self._control_end
        self._control[at] = packets.PINGREQ
        self._control[at + 1] = 0
        self._control_end = at + 2

    def clogged(self) -> bool:
        """Say whether no further answer fits until something is written."""
        return self._control_end + _ANSWER_MAX > _CONTROL_MAX

    def next(self, now_ms: int) -> bool:
        """Hand out whole packets, ``buf[start:end]``; False if there are none for now.

        They stay untouched until ``written``.
        """
        if self._busy:
            return False
        packet: "Packet | None" = None
        if self._connect_due:
            self._connect_due = False
            self.buf = self._connect
            self.start = 0
            self.end = len(self._connect)
        elif self._control_end:
            self.buf = self._control
            self.start = 0
            self.end = self._control_end
        else:
            packet = self._first_waiting()
            if packet is None:
                return False
            packet.state = WRITING
            self.buf = packet.buf
            self.start = packet.start
            self.end = packet.end
        self._packet = packet
        self._busy = True
        self._busy_ms = now_ms
        return True

    def _first_waiting(self) -> "Packet | None":
        if not self._accepted:
            return None
        if self._subscribe.state == WAITING:
            return self._subscribe
        if self._birth.state == WAITING:
            return self._birth
        return self.slots.next()

    def written(self, now_ms: int) -> None:
        """What was handed out has been written."""
        self._busy = False
        packet = self._packet
        if packet is not None:
            packet.written(now_ms)
            self.slots.sweep()
        elif self.buf is self._control:
            # Answers may have been added behind what was being written.
            left = self._control_end - self.end
            for at in range(left):
                self._control[at] = self._control[self.end + at]
            self._control_end = left

    def acknowledge(self, packet_id: int, now_ms: int) -> bool:
        """Say whether a PUBLISH of this id was waiting for its PUBACK; if so, it is done."""
        return self._birth.acknowledge(packet_id) or self.slots.acknowledge(packet_id, now_ms)

    def granted(self, packet_id: int) -> bool:
        """Say whether the SUBSCRIBE of this id was waiting for its SUBACK; if so, it is done."""
        return self._subscribe.acknowledge(packet_id)

    def overdue(self, now_ms: int, timeout_ms: int) -> bool:
        """Say whether some acknowledgement should have been here by now."""
        return (
            self.slots.overdue(now_ms, timeout_ms)
            or self._birth.overdue(now_ms, timeout_ms)
            or self._subscribe.overdue(now_ms, timeout_ms)
        )

    def stalled(self, now_ms: int, timeout_ms: int) -> bool:
        """Say whether the stream has taken nothing for too long."""
        return self._busy and now_ms - self._busy_ms >= timeout_ms
