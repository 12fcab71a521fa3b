"""What the MQTT client counts, and why it closed a connection: one list of numbers with names."""

from protocol.compat import const

# What happened.
CONNECTED = const(0)  # CONNACK with code 0
SESSION_LOST = const(1)  # session present 0 on a reconnect: the broker was emptied or replaced
PUBLISHED = const(2)  # PUBLISH written, the state and repeats included
RESENT = const(3)  # of those, with DUP
ACKNOWLEDGED = const(4)  # PUBACK for something of ours
ACK_UNKNOWN = const(5)  # PUBACK or SUBACK late, twice, or for an id that was never in use
RECEIVED = const(6)  # messages given to the layer above
RECEIVED_AGAIN = const(7)  # of those, with DUP
TOO_LARGE = const(8)  # inbound, longer than our buffer: passed over
FOREIGN_TOPIC = const(9)  # inbound, on a topic that we do not subscribe to: passed over
SUBSCRIBE_REFUSED = const(10)
PINGS = const(11)
SAME_ID_TWICE = const(12)  # times that a row of quick closes looked like a second client of our id
UNREACHABLE = const(13)  # no TCP (or TLS) connection

# Why a connection ended. Exactly one of these is counted for each connection.
PEER_CLOSED = const(14)  # end of stream or reset
STALLED = const(15)  # the broker stopped reading
CONNECT_TIMEOUT = const(16)  # no CONNACK in time
REFUSED_VERSION = const(17)  # CONNACK codes 1..5, in this order
REFUSED_IDENTIFIER = const(18)
REFUSED_UNAVAILABLE = const(19)
REFUSED_CREDENTIALS = const(20)
REFUSED_AUTHORIZATION = const(21)
ACK_OVERDUE = const(22)  # no PUBACK or SUBACK in time
PING_OVERDUE = const(23)  # no PINGRESP in time
BAD_LENGTH = const(24)  # remaining length of more than four octets, or wrong for the packet type
BAD_FLAGS = const(25)  # reserved flags of the fixed header
BAD_TYPE = const(26)  # a packet that no broker sends, or not at this point
BEFORE_CONNACK = const(27)
MALFORMED = const(28)  # the inside of a packet

FIRST_REASON = PEER_CLOSED

NAMES = (
    "connected",
    "session_lost",
    "published",
    "resent",
    "acknowledged",
    "ack_unknown",
    "received",
    "received_again",
    "too_large",
    "foreign_topic",
    "subscribe_refused",
    "pings",
    "same_id_twice",
    "unreachable",
    "peer_closed",
    "stalled",
    "connect_timeout",
    "refused_version",
    "refused_identifier",
    "refused_unavailable",
    "refused_credentials",
    "refused_authorization",
    "ack_overdue",
    "ping_overdue",
    "bad_length",
    "bad_flags",
    "bad_type",
    "before_connack",
    "malformed",
)


_COUNTS = const(29)  # so many NAMES


def zeros() -> "list[int]":
    """Return one count for each of NAMES."""
    # A list: reading an array of 32-bit numbers may allocate on a 32-bit board.
    return [0] * _COUNTS


def broken(counts: "list[int]") -> int:
    """How often the broker, or whoever stood between, broke the protocol."""
    return sum(counts[BAD_LENGTH:])
