"""The octets of the MQTT 3.1.1 packets that a cradle sends.

Source: OASIS MQTT Version 3.1.1, sections 2.2 and 3.
"""

from protocol.compat import const

# First octet of a packet: type and flags.
CONNECT = const(0x10)
CONNACK = const(0x20)
PUBLISH = const(0x30)
PUBACK = const(0x40)
PUBREC = const(0x50)
PUBREL = const(0x62)
PUBCOMP = const(0x70)
SUBSCRIBE = const(0x82)
SUBACK = const(0x90)
PINGREQ = const(0xC0)
PINGRESP = const(0xD0)

# Flags of PUBLISH.
DUP = const(0x08)
QOS_1 = const(0x02)
RETAIN = const(0x01)

_WILL = const(0x04)
_LEVEL = const(4)  # what CONNECT calls version 3.1.1


def length_size(length: int) -> int:
    """Octets that the remaining length ``length`` takes in the fixed header."""
    size = 1
    while length > 127:
        length >>= 7
        size += 1
    return size


def put_length(buf: bytearray, at: int, length: int) -> int:
    """Write a remaining length at ``buf[at]`` and return the offset after it."""
    while length > 127:
        buf[at] = length & 0x7F | 0x80
        at += 1
        length >>= 7
    buf[at] = length
    return at + 1


def connect(client_id: bytes, keep_alive_s: int, topic: bytes, will: bytes) -> bytearray:
    """Return CONNECT for a session that outlives the connection, with a retained will at QoS 1."""
    flags = _WILL | QOS_1 << 2 | RETAIN << 5
    body = _string(b"MQTT") + bytes((_LEVEL, flags)) + keep_alive_s.to_bytes(2, "big")
    return _packet(CONNECT, body + _string(client_id) + _string(topic) + _string(will))


def subscribe(topic: bytes) -> bytearray:
    """Return SUBSCRIBE to one filter at QoS 1; its id is still to be written at ``id_at``."""
    return _packet(SUBSCRIBE, b"\0\0" + _string(topic) + b"\1")


def retained(topic: bytes, payload: bytes) -> bytearray:
    """Return a retained PUBLISH at QoS 1; its id is still to be written at ``id_at``."""
    return _packet(PUBLISH | QOS_1 | RETAIN, _string(topic) + b"\0\0" + payload)


def id_at(packet: bytearray, topic: bytes) -> int:
    """Offset of the packet id in what ``subscribe`` or ``retained`` returned for ``topic``."""
    at = 1
    while packet[at] & 0x80:
        at += 1
    return at + 1 if packet[0] == SUBSCRIBE else at + 3 + len(topic)


def _string(octets: bytes) -> bytes:
    return len(octets).to_bytes(2, "big") + octets


def _packet(first: int, body: bytes) -> bytearray:
    packet = bytearray(1 + length_size(len(body)))
    packet[0] = first
    put_length(packet, 1, len(body))
    packet.extend(body)
    return packet
