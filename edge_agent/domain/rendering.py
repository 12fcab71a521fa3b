"""What is written into a platform's field for a code: a template by name, and the field's width.

What platforms expect for a GS1 pack is published nowhere, and differs; so the form is a setting
of each platform's profile. A code that does not fit its field is refused. It is never cut: what
is left of a cut code names another unit, or none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from edge_agent.domain.digital_link_uri import STEM, LinkError, uri
from edge_agent.domain.digits import digits
from edge_agent.domain.element_string import joined
from edge_agent.domain.escapes import escaped
from edge_agent.domain.facts import KIND_NAMES
from edge_agent.errors import AgentError, ConfigError
from protocol import codes
from protocol.codes import Code

_GS1 = (codes.GS1_TRACE, codes.GS1_PARTIAL, codes.SSCC)


class RenderingError(AgentError):
    """This code cannot be written into that field."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """How one platform wants codes.

    Attributes:
        template: a name of ``TEMPLATES``.
        width: most characters that its field takes; None if it has no limit.
        stem: for digital-link, what the link begins with: scheme, host and perhaps a path.

    Raises:
        ConfigError: no such template, or a width or stem that cannot be.
    """

    template: str = "raw"
    width: int | None = None
    stem: str = STEM.decode()

    def __post_init__(self) -> None:
        if self.template not in TEMPLATES:
            raise ConfigError(
                f'no template "{self.template}" for codes',
                hint=f"choose one of {', '.join(TEMPLATES)}",
            )
        if self.width is not None and self.width < 1:
            raise ConfigError(
                f"width = {self.width}: a field takes at least one character",
                hint="write the width of the platform's field, or leave it out",
            )

        if not (self.stem.isascii() and self.stem.startswith(("http://", "https://"))):
            raise ConfigError(
                f'stem = "{self.stem}" must begin with http:// or https:// and be ASCII',
                hint=f"such as {STEM.decode()}",
            )

    def text(self, code: Code, data: bytes) -> str:
        """Return what is written for ``code``: ASCII, FNC1 as character 0x1D.

        Args:
            data: the label's octets without symbology identifier, from which ``code`` was made.

        Raises:
            RenderingError: the template does not fit this kind of code, the field is too narrow,
                or the label has octets that are no ASCII.
        """
        template = TEMPLATES[self.template]
        if template.kinds and code.kind not in template.kinds:
            raise RenderingError(
                f"{escaped(data)} is {KIND_NAMES[code.kind]}: template {self.template} does not"
                " fit it",
                hint=f"{self.template} is for {', '.join(KIND_NAMES[k] for k in template.kinds)}",
            )
        octets = template.octets(code, data, self.stem.encode())
        if not octets.isascii():
            raise RenderingError(
                f"{escaped(data)} has octets that no character set is known for",
                hint="a code for a platform is ASCII; look at the label",
            )
        if self.width is not None and len(octets) > self.width:
            raise RenderingError(
                f"{escaped(octets)} has {len(octets)} characters, the field takes {self.width}",
                hint="choose a shorter template; a code is never cut",
            )
        return octets.decode("ascii")


@dataclass(frozen=True, slots=True)
class _Template:
    """``kinds`` it is for, () for all; and what it makes of a code, its data and a link's stem."""

    kinds: tuple[int, ...]
    octets: Callable[[Code, bytes, bytes], bytes]


def _raw(_: Code, data: bytes, __: bytes) -> bytes:
    return data


def _digits(code: Code, data: bytes, _: bytes) -> bytes:
    return digits(code, data)


def _ai_brackets(code: Code, _: bytes, __: bytes) -> bytes:
    # A bracket inside a value is escaped, as GS1's own tools and domain.typed read it.
    return b"".join(b"(" + ai + b")" + value.replace(b"(", rb"\(") for ai, value in code.elements)


def _ai_plain(code: Code, _: bytes, __: bytes) -> bytes:
    return b"".join(ai + value for ai, value in code.elements)


def _ai_gs(code: Code, _: bytes, __: bytes) -> bytes:
    return joined(code.elements)


def _gtin_serial(code: Code, _: bytes, __: bytes) -> bytes:
    values = dict(code.elements)
    return values[b"01"] + values[b"21"]


def _digital_link(code: Code, _: bytes, stem: bytes) -> bytes:
    try:
        return uri(code.elements, stem)
    except LinkError as error:
        raise RenderingError(error.what, hint=error.hint) from error


TEMPLATES = {
    "raw": _Template((), _raw),
    "digits": _Template(
        (codes.MSFX20, codes.URL_TRACE, codes.SSCC, codes.EAN13_ARTICLE, codes.NUMERIC_OTHER),
        _digits,
    ),
    "ai-brackets": _Template(_GS1, _ai_brackets),
    "ai-plain": _Template(_GS1, _ai_plain),
    "ai-gs": _Template(_GS1, _ai_gs),
    "gtin+serial": _Template((codes.GS1_TRACE,), _gtin_serial),
    "digital-link": _Template(_GS1, _digital_link),
}
