r"""Octets as one line of ASCII text and back, without loss: ``\x1d``, ``\xe4``, ``\\``."""

from __future__ import annotations

import re

# What people write for the control characters of labels: FNC1, and the envelope of ISO/IEC 15434.
_NAMES = {"{GS}": "\x1d", "{RS}": "\x1e", "{EOT}": "\x04"}
_ESCAPE = re.compile(r"\{(?:GS|RS|EOT)\}|\\x[0-9A-Fa-f]{2}|\\\\")
_TO_ESCAPE = re.compile(r"[^ -~]|\\|\{(?=(?:GS|RS|EOT)\})")


def escaped(octets: bytes) -> str:
    r"""Return ``octets`` as printable ASCII: others, and the backslash, as ``\xHH`` and ``\\``."""
    return _TO_ESCAPE.sub(_escape, octets.decode("latin-1"))


def unescaped(line: bytes) -> bytes:
    r"""Return ``line`` with ``\xHH``, ``\\``, ``{GS}``, ``{RS}`` and ``{EOT}`` made octets.

    A backslash before anything else stands for itself.
    """
    return _ESCAPE.sub(_unescape, line.decode("latin-1")).encode("latin-1")


def _escape(found: re.Match[str]) -> str:
    return "\\\\" if found[0] == "\\" else f"\\x{ord(found[0]):02x}"


def _unescape(found: re.Match[str]) -> str:
    if found[0] in _NAMES:
        return _NAMES[found[0]]
    return "\\" if found[0] == "\\\\" else chr(int(found[0][2:], 16))
