"""Labels to facts: which kind of code, which unit. The knowledge itself is in protocol.codes."""

from __future__ import annotations

from edge_agent.domain.model import Fact
from protocol import code_rules, codes, reasons
from protocol.code_rules import Rules
from protocol.shapes import Label
from protocol.wire import SYMBOLOGIES

# Beside the kinds of protocol.codes: the cradle itself says that this is no whole label.
UNREAD = 0

KIND_NAMES = {
    UNREAD: "UNREAD",
    codes.MSFX20: "MSFX20",
    codes.GS1_TRACE: "GS1_TRACE",
    codes.GS1_PARTIAL: "GS1_PARTIAL",
    codes.SSCC: "SSCC",
    codes.EAN13_ARTICLE: "EAN13_ARTICLE",
    codes.GARBLED: "GARBLED",
    codes.UNKNOWN: "UNKNOWN",
    codes.MA: "MA",
    codes.PPN: "PPN",
    codes.PPN_PARTIAL: "PPN_PARTIAL",
    codes.PZN_ARTICLE: "PZN_ARTICLE",
    codes.URL_TRACE: "URL_TRACE",
    codes.URL_UNRESOLVED: "URL_UNRESOLVED",
    codes.NUMERIC_OTHER: "NUMERIC_OTHER",
    codes.SENTINEL: "SENTINEL",
    codes.COMMAND: "COMMAND",
    codes.AMBIGUOUS: "AMBIGUOUS",
}

_UNITS = frozenset(kind for kind in KIND_NAMES if codes.names_a_unit(kind))
_DIGITS = 20  # the short way is for trace codes of this length, which is the usual one


class Sorter:
    """Tells what labels are. One object serves for ever.

    Nine of ten labels are twenty digits that begin with 8, and those need no parser: whether such
    a label is an MSFX20 hangs on its symbology alone, so the classifier is asked once for each.

    Attributes:
        heads: what a trace code may begin with.
    """

    def __init__(self, rules: Rules = code_rules.DEFAULT) -> None:
        self._classifier = codes.Classifier(rules)
        self._short_way = frozenset(
            symbology
            for symbology in (b"", *_listed())
            if rules.msfx_length == _DIGITS
            and self._classifier.is_plain(int.from_bytes(symbology, "big"))
        )
        self._heads = rules.msfx_heads
        self.heads = tuple(head.decode() for head in rules.msfx_heads)

    def digits_are_msfx20(self) -> frozenset[int]:
        """The symbologies, by their place in wire.SYMBOLOGIES, in which any twenty digits that
        begin with one of ``heads`` are an MSFX20."""
        return frozenset(at for at, octets in enumerate(_listed()) if octets in self._short_way)

    def fact(self, label: Label) -> Fact:
        """Say what ``label`` is."""
        symbology, data, reason = label
        if reason != reasons.OK:
            return Fact(UNREAD, b"", _known(reason))
        if (
            len(data) == _DIGITS
            and data.startswith(self._heads)
            and data.isdigit()
            and symbology in self._short_way
        ):
            return Fact(codes.MSFX20, int(data).to_bytes(9, "big"), reasons.OK)
        code = self._classifier.code(symbology, data)
        return Fact(code.kind, code.key, code.reason, code.elements)


def names_a_unit(fact: Fact) -> bool:
    """Say whether ``fact`` names one physical unit, of whatever level."""
    return fact.kind in _UNITS


def _listed() -> list[bytes]:
    return [SYMBOLOGIES[at : at + 2] for at in range(0, len(SYMBOLOGIES), 2)]


def _known(reason: int) -> int:
    """A cradle may know more reasons than we do; a ruling has one octet for it."""
    return reason if reason < 256 else reasons.UNKNOWN_RECORD
