"""Packets that the broker acknowledges, from being queued until it did. Bounded, made once.

A packet's life: FREE, RESERVED (only a publish of the slots), WAITING to be written on this
connection, WRITING (its octets belong to the stream), SENT; then FREE by the acknowledgement, or
WAITING once more when the connection ends before it.
"""

from firmware.mqtt import packets
from protocol.compat import const

FREE = const(0)
RESERVED = const(1)
WAITING = const(2)
WRITING = const(3)
SENT = const(4)


class Packet:
    """One packet with a packet id: ``buf[start:end]``."""

    def __init__(self, buf: bytearray, id_at: int) -> None:
        self.buf = buf
        self.start = 0
        self.end = len(buf)
        self.id = 0  # of the last use
        self.state = FREE
        self._id_at = id_at
        self._sent_ms = 0
        self._early = False

    def queue(self, packet_id: int) -> None:
        """Let it be sent as something new."""
        self.id = packet_id
        self.buf[self._id_at] = packet_id >> 8
        self.buf[self._id_at + 1] = packet_id & 0xFF
        self.state = WAITING

    def written(self, now_ms: int) -> None:
        """Its octets have been handed over."""
        self._sent_ms = now_ms
        self.state = FREE if self._early else SENT
        self._early = False

    def acknowledge(self, packet_id: int) -> bool:
        """Say whether ``packet_id`` names this packet; if so, it is done."""
        if packet_id != self.id or self.state < WRITING or self._early:
            return False
        if self.state == SENT:
            self.state = FREE
        else:
            # The answer may overtake the news that the octets are written; until that comes, the
            # buffer is not ours.
            self._early = True
        return True

    def overdue(self, now_ms: int, timeout_ms: int) -> bool:
        """Say whether its acknowledgement should have been here by now."""
        return self.state == SENT and now_ms - self._sent_ms >= timeout_ms


class Publish(Packet):
    """A PUBLISH at QoS 1.

    Attributes:
        queued_ms: when the layer above handed it over.
    """

    def __init__(self, buf: bytearray, id_at: int) -> None:
        Packet.__init__(self, buf, id_at)
        self.queued_ms = 0

    def queue(self, packet_id: int) -> None:
        self.buf[self.start] &= ~packets.DUP
        Packet.queue(self, packet_id)

    def rewind(self) -> None:
        """The connection is gone. What may have arrived is a repeat from now on."""
        if self._early:
            self.state = FREE
        elif self.state >= WRITING:
            self.buf[self.start] |= packets.DUP
            self.state = WAITING
        self._early = False


class Slots:
    """The publishes of one topic, in the order they were queued, which is the order of sending.

    Nothing is allocated after construction.
    """

    def __init__(self, count: int, size: int, topic: bytes) -> None:
        """
        Args:
            size: octets of the largest packet.
        """
        # The fixed header is written right-aligned in front of the topic once the length is known,
        # so that the payload, which is there first, never moves.
        self._topic_at = 1 + packets.length_size(size)
        self.payload_at = self._topic_at + 2 + len(topic) + 2
        self.payload_max = size - self.payload_at
        if self.payload_max < 1:
            raise ValueError("packets of %d octets have no room for a payload" % size)
        self._slots: "list[Publish]" = []
        for _ in range(count):
            buf = bytearray(size)
            buf[self._topic_at] = len(topic) >> 8
            buf[self._topic_at + 1] = len(topic) & 0xFF
            buf[self._topic_at + 2 : self.payload_at - 2] = topic
            self._slots.append(Publish(buf, self.payload_at - 2))
        self._order = bytearray(count)
        self.in_flight = 0  # how many places of _order are in use
        self.slowest_ms = 0  # the longest that one has waited for its acknowledgement

    def reserve(self) -> int:
        """Return a free slot, now reserved; -1 if there is none."""
        slot = 0
        while slot < len(self._slots):
            if self._slots[slot].state == FREE:
                self._slots[slot].state = RESERVED
                return slot
            slot += 1
        return -1

    def buffer(self, slot: int) -> bytearray:
        """The octets of ``slot``."""
        return self._slots[slot].buf

    def queue(self, slot: int, end: int, packet_id: int, now_ms: int) -> None:
        """Queue the payload that was written into ``slot`` up to ``end``."""
        packet = self._slots[slot]
        if packet.state != RESERVED or not self.payload_at <= end <= len(packet.buf):
            raise ValueError("slot %d, end %d: not reserved, or no such end" % (slot, end))
        length = end - self._topic_at
        packet.start = self._topic_at - 1 - packets.length_size(length)
        packet.end = end
        packet.buf[packet.start] = packets.PUBLISH | packets.QOS_1
        packets.put_length(packet.buf, packet.start + 1, length)
        packet.queued_ms = now_ms
        packet.queue(packet_id)
        self._order[self.in_flight] = slot
        self.in_flight += 1

    def next(self) -> "Publish | None":
        """Return the publish to be written next."""
        at = 0
        while at < self.in_flight:
            packet = self._slots[self._order[at]]
            if packet.state == WAITING:
                return packet
            at += 1
        return None

    def uses(self, packet_id: int) -> bool:
        """Say whether a queued publish has this id."""
        at = 0
        while at < self.in_flight:
            if self._slots[self._order[at]].id == packet_id:
                return True
            at += 1
        return False

    def acknowledge(self, packet_id: int, now_ms: int) -> bool:
        """Say whether ``packet_id`` names a publish of ours; if so, it is done."""
        at = 0
        while at < self.in_flight:
            packet = self._slots[self._order[at]]
            if packet.acknowledge(packet_id):
                self.slowest_ms = max(self.slowest_ms, now_ms - packet.queued_ms)
                self.sweep()
                return True
            at += 1
        return False

    def sweep(self) -> None:
        """Take out of the order what is done."""
        keep = 0
        at = 0
        while at < self.in_flight:
            slot = self._order[at]
            if self._slots[slot].state != FREE:
                self._order[keep] = slot
                keep += 1
            at += 1
        self.in_flight = keep

    def overdue(self, now_ms: int, timeout_ms: int) -> bool:
        """Say whether some acknowledgement should have been here by now."""
        # The first in the order is the one that was written first.
        return self.in_flight > 0 and self._slots[self._order[0]].overdue(now_ms, timeout_ms)

    def rewind(self) -> None:
        """The connection is gone: everything not acknowledged is to be sent (again)."""
        for packet in self._slots:
            packet.rewind()
        self.sweep()

    def queued(self) -> "list[Publish]":
        """All that are in flight, in order."""
        return [self._slots[self._order[at]] for at in range(self.in_flight)]

    def forget(self) -> None:
        """Free what has not been written on this connection."""
        for packet in self._slots:
            if packet.state == WAITING:
                packet.state = FREE
        self.sweep()
