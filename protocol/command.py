"""Operators' command barcodes: a prefix, a verb and, for some verbs, what it is about.

    scandock:open:PO-2026-0815      scandock:close      scandock:children end

The prefix is a setting (protocol.code_rules). What stands after the verb is passed on as it is.
"""

from protocol import reasons
from protocol.errors import ProtocolError

OPEN = b"open"  # work on the document that is named
CLOSE = b"close"
UNDO = b"undo"  # take back the last scan
PARENT = b"parent"  # the next code is a parent, those after it its children
CHILDREN_END = b"children end"
MODE = b"mode"  # change to the mode that is named
WHO = b"who"  # say who and what this station is

# A verb, and whether something must stand behind it.
VERBS = (
    (OPEN, True),
    (CLOSE, False),
    (UNDO, False),
    (PARENT, False),
    (CHILDREN_END, False),
    (MODE, True),
    (WHO, False),
)

_COLON = 0x3A
_BLANK = 0x20


class CommandError(ProtocolError):
    """Meant to be a command, and none; ``at`` is an offset."""


def parse(data: bytes, prefix: bytes = b"scandock:") -> "tuple[bytes, bytes]":
    """Return the verb, one of ``VERBS``, and its argument, which is empty for some.

    Raises:
        CommandError: FOREIGN without the prefix; VALUE from where it is no command.
    """
    if not prefix or not data.startswith(prefix):
        raise CommandError(reasons.FOREIGN, 0)
    start = len(prefix)
    wrong = fault(data, start, len(data))
    if wrong >= 0:
        raise CommandError(reasons.VALUE, wrong)
    colon = data.find(b":", start)
    if colon < 0:
        return bytes(data[start:]), b""
    return bytes(data[start:colon]), bytes(data[colon + 1 :])


def fault(data: bytes, start: int, end: int) -> int:
    """Return from where ``data[start:end]``, behind the prefix, is no command, or -1."""
    for verb, about in VERBS:
        stop = start + len(verb)
        if stop > end or data.find(verb, start, stop) != start:
            continue
        if not about:
            return -1 if stop == end else stop
        if stop == end or data[stop] != _COLON:
            return stop
        at = stop + 1
        while at < end and data[at] >= _BLANK:
            at += 1
        return -1 if at == end and at > stop + 1 else at
    return start
