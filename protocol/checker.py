"""What kind of code any label carries: those of ``protocol.numeric``, and what begins otherwise.

Links, ISO/IEC 15434 envelopes, MA identifiers, German article numbers, operators' commands: the
grammars that a cradle may lack. It passes on what it does not know, and the agent tells what it is.
"""

from protocol import carriers, code_rules, command, iso15434, kinds, ma, pzn, reasons
from protocol.code_rules import Rules, stands_at
from protocol.digital_link import Link
from protocol.ma import Ma
from protocol.numeric import NumericChecker
from protocol.url import only_trace_code


class Checker(NumericChecker):
    """Tells all kinds apart. One object serves for ever; ``check`` allocates nothing.

    ``source`` of a Digital Link is the element string that it was rewritten into.
    """

    def __init__(self, rules: Rules = code_rules.DEFAULT) -> None:
        super().__init__(rules)
        self._link = Link()
        self._envelope = iso15434.Envelope()
        self._ma = Ma()

    def _lettered(self, symbology: int, data: bytes, start: int, end: int) -> int:
        prefix = self._rules.command_prefix
        if prefix and end - start >= len(prefix) and stands_at(prefix, data, start):
            wrong = command.fault(data, start + len(prefix), end)
            if wrong >= 0:
                return self._say(kinds.COMMAND, reasons.VALUE, wrong - start)
            return self._say(kinds.COMMAND, reasons.OK, 0)
        if self._link.looks_like(data, start, end):
            return self._url(data, start, end)
        if iso15434.looks_like(data, start, end):
            return self._enveloped(data, start, end)
        if ma.looks_like(data, start, end):
            if not self._ma.read(data, start, end):
                return self._say(kinds.GARBLED, reasons.VALUE, self._ma.at - start)
            if not self._ma.has_serial:
                # Names a product, and no unit must take its name.
                return self._say(kinds.UNKNOWN, reasons.AI_REQUIRED, end - start)
            return self._say(kinds.MA, reasons.OK, 0)
        if (symbology == 0 or symbology >> 8 == carriers.CODE39) and pzn.is_labelled(
            data, start, end
        ):
            if pzn.is_pzn(data, start + 1, end):
                return self._say(kinds.PZN_ARTICLE, reasons.OK, 0)
            otherwise = kinds.GARBLED if symbology else kinds.UNKNOWN
            return self._say(otherwise, reasons.CHECK_DIGIT, end - start - 1)
        return self._say(kinds.UNKNOWN, reasons.FOREIGN, 0)

    def _url(self, data: bytes, start: int, end: int) -> int:
        link = self._link
        if link.read(data, start, end):
            self.source = link.buf
            if self.elements.read(link.buf, 0, link.length):
                self._elements(0, link.length, kinds.URL_UNRESOLVED)
            else:
                self._say(kinds.URL_UNRESOLVED, self.elements.reason, 0)
            # Offsets in the rewritten string mean nothing in the link.
            self.at = 0
            return self.kind
        place = only_trace_code(self._rules, data, start, end)
        if place >= 0:
            self._place = place - start
            return self._say(kinds.URL_TRACE, reasons.OK, 0)
        if link.reason == reasons.FOREIGN:
            return self._say(kinds.URL_UNRESOLVED, reasons.NO_TRACE_CODE, end - start)
        return self._say(kinds.URL_UNRESOLVED, link.reason, link.at - start)

    def _enveloped(self, data: bytes, start: int, end: int) -> int:
        envelope = self._envelope
        if not envelope.read(data, start, end):
            return self._say(kinds.GARBLED, envelope.reason, envelope.at - start)
        if envelope.format == iso15434.GS1:
            kind = self._gs1(data, envelope.content, envelope.stop, kinds.GARBLED, False)
            if self.reason != reasons.OK:
                self.at += envelope.content - start
            return kind
        if envelope.format != iso15434.IDENTIFIERS:
            return self._say(kinds.UNKNOWN, reasons.FOREIGN, 4)
        named = envelope.find(iso15434.PPN) >= 0 or envelope.find(iso15434.GTIN) >= 0
        unit = named and envelope.find(iso15434.SERIAL) >= 0
        return self._say(kinds.PPN if unit else kinds.PPN_PARTIAL, reasons.OK, 0)
