"""Which product a code names and on which level: a table, never a guess.

A code tells neither by itself. What it begins with (its head) is given out for one product on one
level, so a table of heads tells both; without a row nothing is known. The table's ratios are kept
as they came: whether "1:5:10" counts each step or all of them is said nowhere.

Source: NMPAB/T 1002-2019 for the first 7 of 20 digits; GS1 General Specifications for GTIN-14.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from edge_agent.domain.digits import digits
from edge_agent.errors import AgentError
from protocol import codes, gs1
from protocol.codes import Code

_ARTICLE_DIGITS = (8, 12, 13, 14)
_MSFX20_HEAD = 7


class Scheme(Enum):
    """Whose numbers a head belongs to."""

    MSFX20 = "msfx20"  # the first 7 of 20 digits
    GTIN = "gtin"  # all 14 digits
    PPN = "ppn"  # the whole Pharmacy Product Number
    MA = "ma"  # the parts that name the product, such as MA.156.M0.100761.21234561
    MAKER = "maker"  # the first digits of a maker's own number; the longest head that fits counts


# Which element of which kind of code is a head.
_NAMED_BY = {
    (codes.GS1_TRACE, b"01"): Scheme.GTIN,
    (codes.GS1_PARTIAL, b"01"): Scheme.GTIN,
    (codes.PPN, b"9N"): Scheme.PPN,
    (codes.PPN, b"8P"): Scheme.GTIN,
    (codes.PPN_PARTIAL, b"9N"): Scheme.PPN,
    (codes.PPN_PARTIAL, b"8P"): Scheme.GTIN,
    (codes.MA, b"MA"): Scheme.MA,
}


@dataclass(frozen=True, slots=True)
class Product:
    """A product in one packaging, in its source's words; "" is what the source does not say.

    Attributes:
        id: the source's own number for it.
        spec: what is in the smallest pack, such as 0.5g.
        pack: how it is packed, such as 24片/盒.
        approval: the approval number.
    """

    id: str
    name: str
    spec: str = ""
    pack: str = ""
    maker: str = ""
    approval: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the table.

    Attributes:
        level: from the bottom, 1 is the smallest pack; None if the source does not say.
        ratio: how many packs make the next larger one, as the first such row gives it: a hint.
    """

    scheme: Scheme
    head: str
    product: Product
    level: int | None = None
    ratio: str = ""


class ProductConflict(AgentError):
    """Two rows say different things about one head, so neither is believed."""


class Products:
    """The table. Whoever looks up a head with contradicting rows finds nothing."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        """
        Raises:
            ProductConflict: two entries for one head name two products or two levels.
        """
        self._entries: dict[tuple[Scheme, str], Entry] = {}
        self._disputed: set[tuple[Scheme, str]] = set()
        self._maker_lengths: list[int] = []  # of the heads, longest first
        for entry in entries:
            self.add(entry)

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def add(self, entry: Entry) -> None:
        """Take one more row; the same row again changes nothing.

        Raises:
            ProductConflict: against an earlier row. From then on the head has no row at all.
        """
        place = (entry.scheme, entry.head)
        if place in self._disputed:
            raise ProductConflict(
                f"{entry.head} is disputed already, and stands for {_told(entry)} as well",
                hint="correct the table so that one head has one product and one level",
            )
        known = self._entries.setdefault(place, entry)
        if (known.product, known.level) != (entry.product, entry.level):
            del self._entries[place]
            self._disputed.add(place)
            raise ProductConflict(
                f"{entry.head} stands for {_told(known)} and for {_told(entry)}; neither is taken",
                hint="correct the table so that one head has one product and one level",
            )
        if entry.scheme is Scheme.MAKER and len(entry.head) not in self._maker_lengths:
            self._maker_lengths = sorted({*self._maker_lengths, len(entry.head)}, reverse=True)

    def of(self, code: Code, data: bytes) -> Entry | None:
        """Return the row for ``code``, or None where the table has none.

        Args:
            data: the label's octets without symbology identifier, from which ``code`` was made.
        """
        kind = code.kind
        if kind in (codes.MSFX20, codes.URL_TRACE):
            number = digits(code, data)[:_MSFX20_HEAD].decode("ascii")
            return self._entries.get((Scheme.MSFX20, number))
        if kind == codes.EAN13_ARTICLE:
            return self._entries.get((Scheme.GTIN, digits(code, data).decode("ascii").zfill(14)))
        if kind == codes.NUMERIC_OTHER:
            number = data.decode("ascii")
            heads = ((Scheme.MAKER, number[:length]) for length in self._maker_lengths)
            return next((self._entries[head] for head in heads if head in self._entries), None)
        for name, value in code.elements:
            place = (_NAMED_BY.get((kind, name)), value.decode("latin-1"))
            if place in self._entries:
                return self._entries[place]
        return None


def head(scheme: str, text: str) -> tuple[Scheme, str]:
    """Read the head of a row: ``text``, and whose numbers it belongs to.

    Args:
        scheme: a value of ``Scheme``; "" to tell by the form: 7 digits beginning with 8, or an
            article number of 8, 12, 13 or 14 digits, which is filled up to 14.

    Raises:
        ValueError: it cannot be a head of that scheme; the message says why.
    """
    octets = text.encode("ascii", "replace")
    numeric = gs1.is_digits(octets, 0, len(octets)) and text != ""
    if not scheme and numeric and len(text) == _MSFX20_HEAD and text[0] == "8":
        return Scheme.MSFX20, text
    if not scheme and numeric and len(text) in _ARTICLE_DIGITS:
        scheme = Scheme.GTIN.value
    if scheme == Scheme.MSFX20.value:
        if numeric and len(text) == _MSFX20_HEAD:
            return Scheme.MSFX20, text
        raise ValueError("must be 7 digits")
    if scheme == Scheme.GTIN.value:
        if not numeric or len(text) not in _ARTICLE_DIGITS:
            raise ValueError("must be 8, 12, 13 or 14 digits")
        if not gs1.has_check_digit(octets, 0, len(octets)):
            raise ValueError("has a wrong check digit")
        return Scheme.GTIN, text.zfill(14)
    if scheme == Scheme.PPN.value:
        if text and text.isascii() and text.isalnum() and text == text.upper():
            return Scheme.PPN, text
        raise ValueError("must be digits and capital letters")
    if scheme == Scheme.MA.value:
        if text.isascii() and text.isprintable() and text.startswith("MA."):
            return Scheme.MA, text
        raise ValueError("must begin with MA.")
    if scheme == Scheme.MAKER.value:
        if numeric:
            return Scheme.MAKER, text
        raise ValueError("must be digits")
    if scheme:
        known = ", ".join(one.value for one in Scheme)
        raise ValueError(f'belongs to no scheme "{scheme}"; known are {known}')
    raise ValueError("is neither 7 digits beginning with 8 nor an article number: name the scheme")


def _told(entry: Entry) -> str:
    level = "no level" if entry.level is None else f"level {entry.level}"
    return f"{entry.product.id} {entry.product.name} ({level})".lstrip()
