"""How well each product reads: the records of the ledger by what their labels begin with.

A record that named no unit still tells its product if the article number stood beside the trace
code that was missed: that is how a badly placed code shows.
"""

from __future__ import annotations

from collections.abc import Sequence

import cbor2

from edge_agent.domain import kpi
from edge_agent.domain.kpi import Reads
from edge_agent.domain.model import Entry
from edge_agent.domain.reading import Reader
from protocol import code_rules, codes, reasons, wire
from protocol.code_rules import Rules
from protocol.codes import Classifier
from protocol.shapes import Label, ScanRecord

_TWENTY_DIGITS = (codes.MSFX20, codes.URL_TRACE)


class Heads:
    """Sorts records. One object serves for ever."""

    def __init__(self, rules: Rules = code_rules.DEFAULT) -> None:
        self._reader = Reader(rules)
        self._classifier = Classifier(rules)

    def of(self, entry: Entry) -> dict[str, Reads]:
        """Return the reads of ``entry`` by head: the first 7 of 20 digits, or the 14 of a GTIN;
        empty where no label told one."""
        item = cbor2.loads(entry.body)
        plain = self._reader.plain(item, len(entry.body))
        cases = (plain or self._reader.any(item)).cases[entry.skip :]
        if plain is not None:
            heads = [_first_seven(case) for case in cases if isinstance(case, bytes)]
        else:
            heads = [
                self._head(record.labels) if isinstance(record, ScanRecord) else ""
                for record in wire.read_batch(item).records[entry.skip :]
            ]
        found: dict[str, Reads] = {}
        for at in range(len(entry.rulings) // 2):
            reads = kpi.count(cases[at : at + 1], entry.rulings[2 * at : 2 * at + 2])
            found[heads[at]] = found.get(heads[at], Reads()).plus(reads)
        return found

    def _head(self, labels: Sequence[Label]) -> str:
        """Of a 20-digit code if there is one, else the first GTIN, in whatever it stands."""
        article = ""
        for label in labels:
            if label.reason not in (reasons.OK, reasons.RECALLED):
                continue
            code = self._classifier.code(label.symbology, label.data)
            if code.kind in _TWENTY_DIGITS:
                return _first_seven(code.key)
            if code.kind == codes.EAN13_ARTICLE:
                article = article or label.data.decode("ascii").zfill(14)
            elif code.kind in (codes.GS1_TRACE, codes.GS1_PARTIAL):
                article = article or dict(code.elements).get(b"01", b"").decode("ascii")
        return article


def _first_seven(key: bytes) -> str:
    return f"{int.from_bytes(key, 'big'):020}"[:7]
