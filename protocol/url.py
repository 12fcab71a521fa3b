"""Links around a trace code. A link is never followed: only what stands in it counts."""

from protocol.code_rules import Rules
from protocol.compat import const
from protocol.octets import past_digits

_ZERO = const(0x30)
_NINE = const(0x39)


def only_trace_code(rules: Rules, data: bytes, at: int, end: int) -> int:
    """Return where in ``data[at:end]`` the one run of digits stands that is a trace code.

    Returns:
        -1 if there is none, or more than one: then nothing tells which is meant.
    """
    place = -1
    while at < end:
        if not _ZERO <= data[at] <= _NINE:
            at += 1
            continue
        stop = past_digits(data, at, end)
        if stop - at == rules.msfx_length and rules.is_headed(data, at):
            if place >= 0:
                return -1
            place = at
        at = stop
    return place
