"""Elements of GS1 as a Digital Link: the reverse of ``protocol.digital_link``.

Source: GS1 Digital Link Standard: URI Syntax, release 1.x, sections 4 and 5; GS1 Barcode Syntax
Dictionary for keys, their qualifiers and attributes.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote_from_bytes

from edge_agent.errors import AgentError
from protocol import gs1_ai

STEM = b"https://id.gs1.org"


class LinkError(AgentError):
    """These elements make no Digital Link."""


def uri(
    elements: Sequence[tuple[bytes, bytes]], stem: bytes = STEM, unknown: bool = False
) -> bytes:
    """Return the link for elements as ``protocol.gs1`` read them: AI and value.

    The first that is a primary key is the key; those that qualify it follow in the path, the
    others in the query: first those of predefined length, then the rest, as they came.

    Args:
        stem: scheme, host and perhaps a path, of the resolver.
        unknown: an identifier that our table does not know may be an attribute.

    Raises:
        LinkError: there is no primary key, or an element that no link may have.
    """
    once = dict(elements)
    key = next((ai for ai in once if _orders(ai) is not None), None)
    if key is None:
        raise LinkError(
            f"{_named(once)}: no primary key of a Digital Link among them",
            hint="a link needs what it is about: a GTIN (01), an SSCC (00) …",
        )
    # Of several orders, the one that takes most of the elements into the path.
    order = max(_orders(key) or [[]], key=lambda ais: sum(ai in ais for ai, _ in elements))
    path = [key, *(ai for ai in order if ai in once)]
    rest = [ai for ai in once if ai not in path]
    for ai in rest:
        row = gs1_ai.row(int(ai))
        if not (gs1_ai.ROWS[row + 13] if row else unknown):
            raise LinkError(
                f"({ai.decode()}) may not be an attribute of a Digital Link",
                hint=f"leave it out, or give ({key.decode()}) other qualifiers",
            )
    rest.sort(key=lambda ai: gs1_ai.predefined(int(ai[:2])) == 0)
    query = b"&".join(ai + b"=" + _escaped(once[ai]) for ai in rest)
    parts = b"".join(b"/" + ai + b"/" + _escaped(once[ai]) for ai in path)
    return stem.removesuffix(b"/") + parts + (b"?" + query if query else b"")


def _orders(ai: bytes) -> list[list[bytes]] | None:
    """In which orders others may qualify the key ``ai``; None if it is none."""
    keys = gs1_ai.KEYS
    at = gs1_ai.key(int(ai))
    if at < 0 or len(ai) != gs1_ai.digits(int(ai)):
        return None
    orders = []
    count, at = keys[at], at + 1
    for _ in range(count):
        stop = at + 1 + 2 * keys[at]
        orders.append([b"%02d" % gs1_ai.two(keys, place) for place in range(at + 1, stop, 2)])
        at = stop
    return orders


def _escaped(value: bytes) -> bytes:
    return quote_from_bytes(value, safe="").encode()


def _named(elements: dict[bytes, bytes]) -> str:
    return "".join(f"({ai.decode()})" for ai in elements) or "no elements"
