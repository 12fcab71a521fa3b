"""Operators' command barcodes: a closed list of verbs, and nothing is guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import codes, command, reasons
from protocol.codes import classify
from protocol.command import CommandError, parse

GOOD = {
    b"scandock:open:PO-2026-0815": (command.OPEN, b"PO-2026-0815"),
    b"scandock:open:a:b": (command.OPEN, b"a:b"),
    "scandock:open:采购单9".encode(): (command.OPEN, "采购单9".encode()),
    b"scandock:close": (command.CLOSE, b""),
    b"scandock:undo": (command.UNDO, b""),
    b"scandock:parent": (command.PARENT, b""),
    b"scandock:children end": (command.CHILDREN_END, b""),
    b"scandock:mode:count": (command.MODE, b"count"),
    b"scandock:who": (command.WHO, b""),
}

WRONG = {
    b"close": (reasons.FOREIGN, 0),
    b"scandock:": (reasons.VALUE, 9),
    b"scandock:Close": (reasons.VALUE, 9),
    b"scandock:closed": (reasons.VALUE, 14),
    b"scandock:close:PO-9": (reasons.VALUE, 14),
    b"scandock:open": (reasons.VALUE, 13),
    b"scandock:open:": (reasons.VALUE, 14),
    b"scandock:open PO-9": (reasons.VALUE, 13),
    b"scandock:open:a\x1db": (reasons.VALUE, 15),
    b"scandock:children": (reasons.VALUE, 9),
}


def test_the_verbs_are_pinned() -> None:
    verbs = [b"open", b"close", b"undo", b"parent", b"children end", b"mode", b"who"]

    assert [verb for verb, _ in command.VERBS] == verbs


@pytest.mark.parametrize(("data", "parsed"), GOOD.items(), ids=str)
def test_a_command_is_verb_and_argument(data: bytes, parsed: tuple[bytes, bytes]) -> None:
    assert parse(data) == parsed
    assert (classify(b"C0", data).kind, classify(b"C0", data).reason) == (codes.COMMAND, reasons.OK)


@pytest.mark.parametrize(("data", "why"), WRONG.items(), ids=str)
def test_what_is_no_command_is_refused_with_a_place(data: bytes, why: tuple[int, int]) -> None:
    with pytest.raises(CommandError) as caught:
        parse(data)

    assert (caught.value.reason, caught.value.at) == why


@given(st.sampled_from(sorted(GOOD)), st.binary(max_size=4), st.integers(0, 30))
def test_parser_and_classifier_agree(data: bytes, noise: bytes, at: int) -> None:
    data = data[:at] + noise + data[at + 1 :]
    code = classify(b"Q1", data)

    assert (code.kind == codes.COMMAND) == data.startswith(b"scandock:")
    if code.kind == codes.COMMAND and code.reason != reasons.OK:
        with pytest.raises(CommandError) as caught:
            parse(data)
        assert (caught.value.reason, caught.value.at) == (code.reason, code.at)
    elif code.kind == codes.COMMAND:
        assert parse(data)[0] in dict(command.VERBS)
