"""What kind of code a label carries, by its symbology and length first and its octets second.

Trace codes, GS1 element strings, article numbers, makers' own numbers: what a label of the trade in
China begins with a digit or FNC1. The grammars of all others are in ``protocol.checker``. Never
mends, guesses or truncates. Codes are octets for ever: twenty digits do not fit 64 bits, and
leading zeros count. What can be two things is AMBIGUOUS, with both readings: the octets of a trace
code where the settings say so, and a GS1 string that may have lost its FNC1 (protocol.doubt).
"""

from protocol import article, carriers, code_rules, gs1, kinds, reasons
from protocol.article import Article
from protocol.code_rules import Rules
from protocol.compat import const
from protocol.doubt import LostFnc1
from protocol.octets import past_digits

_OF_GS1 = frozenset((kinds.GS1_TRACE, kinds.GS1_PARTIAL, kinds.SSCC))

_AI_SSCC = const(0)
_AI_GTIN = const(1)
_AI_SERIAL = const(21)

_GS1 = carriers.GS1
_FNC1 = b"\x1d"
_LONGEST = const(4096)  # octets; no symbol of the trade holds more
_ZERO = const(0x30)
_ONE = const(0x31)
_NINE = const(0x39)


class NumericChecker:
    """Tells these kinds apart. One object serves for ever; ``check`` allocates nothing.

    After ``check`` the answer stands in ``kind``, ``reason`` and ``at`` (an offset from the start
    of the data), and, for GS1 kinds, in ``elements``, whose offsets are those of ``source``, here
    the data itself.
    """

    def __init__(self, rules: Rules = code_rules.DEFAULT) -> None:
        self.kind = kinds.UNKNOWN
        self.reason = reasons.OK
        self.at = 0
        self.elements = gs1.Elements()
        self.source = b""
        self._rules = rules
        self._length = rules.msfx_length
        self._is_headed = rules.is_headed
        # One head of one digit, as everybody has it, is compared without a call.
        head = rules.msfx_heads[0]
        self._head = head[0] if rules.msfx_heads == (head[:1],) else -1
        # Where a sentinel would pass for a trace code, each is looked at.
        self._plain_length = -1 if rules.has_stand_ins else rules.msfx_length
        own = carriers.OWN_GRAMMAR
        self._own_grammar = own if rules.bare_msfx else own | frozenset((0,))
        self._article = Article()
        self._lost = LostFnc1(rules)
        # What ``code`` needs to know of the last ``check``.
        self._gtin = -1  # index of these elements
        self._serial = -1
        self._place = 0  # of the trace code in a link, or of the maker in the rules
        self._first = kinds.UNKNOWN  # of AMBIGUOUS, both kinds; UNKNOWN if FNC1 is missing
        self._other = kinds.UNKNOWN

    def check(self, symbology: int, data: bytes, start: int, end: int) -> int:
        """Classify ``data[start:end]`` and return its kind.

        Args:
            symbology: the two octets of the ISO/IEC 15424 identifier as one number, first octet
                high; 0 if the engine sent none.
        """
        length = end - start
        if (
            length == self._plain_length
            and symbology not in self._own_grammar
            and (data[start] == self._head or self._is_headed(data, start))
            and past_digits(data, start, end) == end
        ):
            self.kind = kinds.MSFX20
            self.reason = reasons.OK
            self.at = 0
            return kinds.MSFX20
        if symbology in _GS1 and length:
            if data[start] == gs1.GS and not self._rules.fnc1_leads:
                # The identifier has said it already.
                return self._say(kinds.GARBLED, reasons.SEPARATOR, 0)
            return self._gs1(data, start, end, kinds.GARBLED, True)
        if length == 0:
            return self._say(kinds.UNKNOWN, reasons.EMPTY, 0)
        if length > _LONGEST:
            return self._say(kinds.UNKNOWN, reasons.TOO_LONG, _LONGEST)
        if data[start] == gs1.GS:
            return self._gs1(data, start, end, kinds.GARBLED, True)
        if symbology in carriers.ARTICLES:
            return self._product(symbology, data, start, end)
        if symbology in carriers.ADD_ONS:
            return self._say(kinds.UNKNOWN, reasons.FOREIGN, 0)
        if self._rules.is_sentinel(data, start, end):
            return self._say(kinds.SENTINEL, reasons.OK, 0)
        if _ZERO <= data[start] <= _NINE:
            return self._numeric(symbology, data, start, end)
        return self._lettered(symbology, data, start, end)

    def is_plain(self, symbology: int) -> bool:
        """Say whether any digits with the length and head of a trace code are one there.

        Whoever sorts out nothing but those needs no ``check`` for them.
        """
        return symbology not in self._own_grammar and self._plain_length > 0

    # Symbologies without a grammar of their own.

    def _numeric(self, symbology: int, data: bytes, start: int, end: int) -> int:
        length = end - start
        digits = past_digits(data, start, end)
        if digits == end:
            self._place = self._rules.maker(data, start, end)
            if self._place >= 0:
                if symbology == 0 and self._article.read_digits(data, start, end, article.EAN13):
                    return self._doubt(kinds.NUMERIC_OTHER, kinds.EAN13_ARTICLE)
                return self._say(kinds.NUMERIC_OTHER, reasons.OK, 0)
        # A read of one or two octets more or less, or with a letter in it, is a damaged trace code
        # rather than some other code: nothing else of the trade begins so and has that length.
        if -2 <= length - self._length <= 2 and self._is_headed(data, start):
            if digits < end:
                return self._say(kinds.GARBLED, reasons.NOT_DIGITS, digits - start)
            if length != self._length:
                return self._say(kinds.GARBLED, reasons.LENGTH, min(length, self._length))
            bare = symbology == 0 and not self._rules.bare_msfx
            if bare and self._gs1(data, start, end, kinds.UNKNOWN, False) in _OF_GS1:
                return self._doubt(kinds.MSFX20, self.kind)
            return self._say(kinds.MSFX20, reasons.OK, 0)
        if digits == end and length == self._length:
            return self._say(kinds.UNKNOWN, reasons.HEAD, 0)
        if symbology == 0:
            # Nothing says what symbol it was: a doubtful reading is no code, not a damaged one.
            if digits == end and length == article.EAN13:
                if self._article.read_digits(data, start, end, article.EAN13):
                    return self._say(kinds.EAN13_ARTICLE, reasons.OK, 0)
                return self._say(kinds.UNKNOWN, self._article.reason, self._article.at - start)
            if _may_be_gs1(data, start, end):
                return self._gs1(data, start, end, kinds.UNKNOWN, True)
        return self._say(kinds.UNKNOWN, reasons.FOREIGN, 0)

    def _lettered(self, symbology: int, data: bytes, start: int, end: int) -> int:
        """What begins otherwise is nothing here: it is passed on as it is, and not refused."""
        return self._say(kinds.UNKNOWN, reasons.OK, 0)

    # The grammars.

    def _gs1(self, data: bytes, start: int, end: int, otherwise: int, may_lack: bool) -> int:
        """
        Args:
            otherwise: what it is if it is no element string.
            may_lack: FNC1 may have been lost.
        """
        elements = self.elements
        self.source = data
        if not elements.read(data, start, end):
            return self._say(otherwise, elements.reason, elements.at - start)
        # An engine sends every FNC1 or none: one of them clears the string.
        if may_lack and data.find(_FNC1, start, end) < 0 and self._lost.found(data, end, elements):
            self._first = kinds.UNKNOWN
            return self._say(kinds.AMBIGUOUS, reasons.TWO_READINGS, self._lost.cuts[0] - start)
        return self._elements(start, end, otherwise)

    def _elements(self, start: int, end: int, otherwise: int) -> int:
        """Say what the elements are that were read of ``source[start:end]``."""
        elements = self.elements
        gtin = elements.find(_AI_GTIN)
        if gtin >= 0:
            serial = elements.find(_AI_SERIAL)
            self._gtin = gtin
            self._serial = serial
            for ai in self._rules.required:
                if elements.find(ai) < 0:
                    return self._say(kinds.GS1_PARTIAL, reasons.AI_REQUIRED, end - start)
            if serial >= 0 and self._rules.serials:
                at = elements.start(serial)
                length = elements.stop(serial) - at
                known = self._rules.serial_length(self.source, elements.start(gtin))
                if known and known != length:
                    return self._say(otherwise, reasons.PATTERN, at + min(known, length) - start)
            kind = kinds.GS1_TRACE if serial >= 0 else kinds.GS1_PARTIAL
        else:
            kind = kinds.GS1_PARTIAL
        if kind == kinds.GS1_PARTIAL and elements.find(_AI_SSCC) >= 0:
            kind = kinds.SSCC
        if elements.passed_over >= 0:
            return self._say(kind, reasons.AI_UNKNOWN, elements.passed_over - start)
        self.kind = kind
        self.reason = reasons.OK
        self.at = 0
        return kind

    def _product(self, symbology: int, data: bytes, start: int, end: int) -> int:
        product = self._article
        elements = self.elements
        if not product.read(symbology, data, start, end):
            return self._say(kinds.GARBLED, product.reason, product.at - start)
        if product.composite and not elements.read(data, product.stop, end):
            return self._say(kinds.GARBLED, elements.reason, elements.at - start)
        return self._say(kinds.EAN13_ARTICLE, reasons.OK, 0)

    # Small questions.

    def _say(self, kind: int, reason: int, at: int) -> int:
        self.kind = kind
        self.reason = reason
        self.at = at
        return kind

    def _doubt(self, first: int, other: int) -> int:
        self._first = first
        self._other = other
        return self._say(kinds.AMBIGUOUS, reasons.TWO_READINGS, 0)


def _may_be_gs1(data: bytes, start: int, end: int) -> bool:
    """Of an unknown symbol: whether it begins with an SSCC or GTIN and goes on, or holds FNC1."""
    begins = end - start > 16 and data[start] == _ZERO and _ZERO <= data[start + 1] <= _ONE
    return begins or data.find(_FNC1, start, end) >= 0
