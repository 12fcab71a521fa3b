"""The application identifiers we read, and how long the others are.

Source: GS1 General Specifications, sections 3.2 (formats) and 7.8.5 (pre-defined lengths).
"""

from protocol.compat import const

DIGITS = const(1)
CHECKED = const(2)  # the last digit is the mod-10 check digit
DATED = const(4)  # YYMMDD, DD may be 00

# Four octets a row: AI, shortest value, longest value, marks.
_ROW = const(4)
_TABLE = bytes(
    (0, 18, 18, DIGITS | CHECKED)  # SSCC
    + (1, 14, 14, DIGITS | CHECKED)  # GTIN
    + (10, 1, 20, 0)  # BATCH/LOT
    + (11, 6, 6, DIGITS | DATED)  # PROD DATE
    + (17, 6, 6, DIGITS | DATED)  # USE BY or EXPIRY
    + (21, 1, 20, 0)  # SERIAL
)
ROWS = len(_TABLE) // _ROW

# Two octets a pair: first AI of a run, octets of AI and value together, for the AIs whose length is
# fixed by their first two digits, so that no FNC1 need follow. A run ends where the next begins.
_PREDEFINED = bytes(
    (0, 20, 1, 16, 4, 18, 5, 0, 11, 8, 20, 4, 21, 0, 31, 10, 37, 0, 41, 16, 42, 0, 100, 0)
)


def row(ai: int) -> int:
    """Return where the row of the two-digit ``ai`` begins, or -1 if it is not one we read."""
    at = 0
    while at < len(_TABLE):
        if _TABLE[at] == ai:
            return at
        at += _ROW
    return -1


def shortest(found: int) -> int:
    """Least octets of a value, by the offset that ``row`` gave."""
    return _TABLE[found + 1]


def longest(found: int) -> int:
    """Most octets of a value, by the offset that ``row`` gave."""
    return _TABLE[found + 2]


def marks(found: int) -> int:
    """DIGITS, CHECKED and DATED, by the offset that ``row`` gave."""
    return _TABLE[found + 3]


def predefined(head: int) -> int:
    """Octets of AI and value together, where the two digits ``head`` fix them; otherwise 0."""
    at = 2
    while _PREDEFINED[at] <= head:
        at += 2
    return _PREDEFINED[at - 1]
