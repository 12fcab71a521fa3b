"""Errors of this room: a reason number and a place, cheap to raise and to send."""


class ProtocolError(Exception):
    """Input from outside that we refuse.

    Attributes:
        reason: a number of protocol.reasons.
        at: offset in octets, or the index of the field, where it went wrong.
    """

    def __init__(self, reason: int, at: int) -> None:
        super().__init__(reason, at)
        self.reason = reason
        self.at = at


class CborError(ProtocolError):
    """Octets outside our slice of CBOR; ``at`` is an offset."""


class WireError(ProtocolError):
    """CBOR of the wrong shape; ``at`` is the index of the field in its array."""


class TopicError(ProtocolError):
    """A topic that is none of ours; ``at`` is an offset."""
