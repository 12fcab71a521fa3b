"""The unit that a person means who types its code."""

from __future__ import annotations

from edge_agent.domain.typed import TypedError, octets
from edge_agent.domain.wording import REASONS
from protocol import codes, reasons
from protocol.codes import Classifier, Code


def code_of(text: str, classifier: Classifier) -> Code:
    """Read what was typed.

    Raises:
        TypedError: it is no code that names one unit; says why.
    """
    typed = octets(text)
    code = classifier.code(typed.symbology, typed.data)
    if not codes.names_a_unit(code.kind):
        why = REASONS[code.reason][1] if code.reason != reasons.OK else "it names no single unit"
        raise TypedError(
            f'"{text}" is no trace code: {why}', hint="`scandock decode --typed` takes it apart"
        )
    return code
