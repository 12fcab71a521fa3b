"""Octets in, whole packets out: MQTT's framing, and what a broker may send at all.

Bounded: of a packet longer than the buffer the first octets are kept and the rest is passed over.
"""

from firmware.mqtt import counts, packets
from protocol.compat import const

_LENGTH_SHIFT_MAX = const(21)  # the fourth and last octet of a remaining length
_FIRST_OCTET = const(-1)
_BODY = const(-2)
_SHORT = const(4)  # most packets are acknowledgements; octet by octet they cost no allocation
_WITHOUT_FLAGS = bytes((packets.CONNACK, packets.PUBACK, packets.SUBACK, packets.PINGRESP))


class Inbound:
    """Cuts a stream into packets.

    ``ready`` says that a packet is complete: ``first`` is its first octet and its body of
    ``length`` octets stands in ``buf``, or as much of it as fits. It stays until the next ``feed``.
    ``fault`` is 0, or why the stream makes no sense from here on; then nothing more is taken.
    Cut however it may be, the stream gives the same packets.
    """

    def __init__(self, size: int) -> None:
        self.buf = bytearray(size)
        self.reset()

    def reset(self) -> None:
        """Begin a new stream."""
        self.fault = 0
        self._begin()

    def _begin(self) -> None:
        self.ready = False
        self.first = 0
        self.length = 0
        self._fill = 0
        self._expects = _FIRST_OCTET  # or the shift of the next octet of the length, or _BODY

    def feed(self, chunk: "bytearray | bytes", at: int, end: int) -> int:
        """Take octets ``chunk[at:end]`` up to and including the end of one packet.

        Returns:
            the offset after the last octet taken.
        """
        if self.ready:
            self._begin()
        while self._expects != _BODY:
            if at == end or self.fault:
                return at
            self._header(chunk[at])
            at += 1
        if self.fault:
            return at
        take = min(end - at, self.length - self._fill)
        keep = min(take, len(self.buf) - self._fill)
        if keep > _SHORT:
            self.buf[self._fill : self._fill + keep] = memoryview(chunk)[at : at + keep]
        elif keep > 0:
            for offset in range(keep):
                self.buf[self._fill + offset] = chunk[at + offset]
        self._fill += take
        self.ready = self._fill == self.length
        return at + take

    def _header(self, octet: int) -> None:
        if self._expects == _FIRST_OCTET:
            self.first = octet
            self.fault = _first_fault(octet)
            self._expects = 0
            return
        self.length |= (octet & 0x7F) << self._expects
        if octet & 0x80:
            if self._expects == _LENGTH_SHIFT_MAX:
                self.fault = counts.BAD_LENGTH
            self._expects += 7
            return
        self._expects = _BODY
        self.fault = _length_fault(self.first, self.length)


def _first_fault(first: int) -> int:
    """What is wrong with the first octet of a packet from a broker; 0 for nothing."""
    kind = first & 0xF0
    if kind == packets.PUBLISH:
        qos = first >> 1 & 3
        return counts.BAD_FLAGS if qos == 3 or (qos == 0 and first & packets.DUP) else 0
    if kind == packets.PUBREL & 0xF0:
        return 0 if first == packets.PUBREL else counts.BAD_FLAGS
    if kind in _WITHOUT_FLAGS:
        return counts.BAD_FLAGS if first & 0x0F else 0
    # What only a client sends, what answers a QoS 2 that we never use, and types 0 and 15.
    return counts.BAD_TYPE


def _length_fault(first: int, length: int) -> int:
    """Say so at once, instead of waiting for the lie to be complete."""
    kind = first & 0xF0
    if kind == packets.PUBLISH:
        return 0 if length >= (5 if first & 6 else 3) else counts.BAD_LENGTH
    right = 0 if kind == packets.PINGRESP else 3 if kind == packets.SUBACK else 2
    return 0 if length == right else counts.BAD_LENGTH
