"""Codes, times and dates as text in files, and back. What cannot be read one way is refused."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

from edge_agent.domain.naming import code_of
from edge_agent.domain.typed import TypedError
from protocol import codes
from protocol.codes import Classifier, Code

# All of China keeps one time, without summer time.
CHINA = timezone(timedelta(hours=8))

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WALL = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_PACKED_DATE = re.compile(r"\d{8}")

# What these texts can say; other kinds of codes name units too, but no format has a form for them.
_KINDS = (codes.MSFX20, codes.URL_TRACE, codes.GS1_TRACE, codes.SSCC)


def code_in(text: str, classifier: Classifier) -> Code:
    """Read a code.

    Raises:
        TypedError: it names no unit, or is written in a way that leaves a doubt.
    """
    if text.isascii() and text.isdigit():
        # Nearly every row: digits that need no reading of what people type.
        code = classifier.code(b"", text.encode())
        if code.kind == codes.MSFX20:
            return code
    code = code_of(text, classifier)
    if code.kind not in _KINDS:
        raise TypedError(
            f'"{text}" is a code that files of documents have no form for',
            hint="scan it at the station; use 20-digit codes, GTIN with serial, or SSCC here",
        )
    if code.kind == codes.MSFX20:
        raise TypedError(
            f'"{text}" is a code with something between its digits',
            hint="write the digits alone, as text and not as a number",
        )
    return code


def wall(at_ms: int) -> str:
    """Render a time as Chinese wall time, 24 hours; "" for 0."""
    if not at_ms:
        return ""
    return f"{(_EPOCH + timedelta(milliseconds=at_ms)).astimezone(CHINA):%Y-%m-%d %H:%M:%S}"


def instant(text: str) -> int:
    """Read a time: Chinese wall time, or ISO 8601 with an offset. To the second.

    Raises:
        ValueError: it is neither.
    """
    if not text:
        return 0
    found = datetime.fromisoformat(text)
    if _WALL.fullmatch(text):
        found = found.replace(tzinfo=CHINA)
    if found.tzinfo is None:
        raise ValueError("neither wall time nor a time with an offset")
    return (found - _EPOCH) // timedelta(seconds=1) * 1000


def day(text: str) -> str:
    """Read a date, yyyy-MM-dd or yyyyMMdd; "" for "".

    Raises:
        ValueError: there is no such date.
    """
    if not text:
        return ""
    if _PACKED_DATE.fullmatch(text):
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    if not _DATE.fullmatch(text):
        raise ValueError("no date")
    return date.fromisoformat(text).isoformat()
