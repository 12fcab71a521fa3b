"""The rules: what a label is, and what it says by itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.domain import facts, verdict, wording
from edge_agent.domain.facts import UNREAD, Sorter, names_a_unit
from edge_agent.domain.model import Case, Fact, Ruling
from protocol import codes, decisions, reasons
from protocol.code_settings import read
from protocol.shapes import Label
from protocol.wire import SYMBOLOGIES
from tests.protocol.draws import LABELS

UNIT = Fact(codes.MSFX20, b"a", reasons.OK)
OTHER_UNIT = Fact(codes.SSCC, b"b", reasons.OK)
ARTICLE = Fact(codes.EAN13_ARTICLE, b"c", reasons.OK)
FOREIGN = Fact(codes.UNKNOWN, b"d", reasons.FOREIGN)
PARTIAL = Fact(codes.GS1_PARTIAL, b"e", reasons.OK)
GARBLED = Fact(codes.GARBLED, b"f", reasons.NOT_DIGITS)
NO_READ = Fact(UNREAD, b"", reasons.NO_READ)


@given(label=LABELS)
def test_the_short_way_and_the_classifier_agree(label: Label) -> None:
    label = label._replace(reason=reasons.OK)
    fact = Sorter().fact(label)
    code = codes.classify(label.symbology, label.data)

    assert fact[:3] == (code.kind, code.key, code.reason)
    assert names_a_unit(fact) == codes.names_a_unit(code.kind)


RULES = [
    {},
    {"msfx_heads": ["81", "89999"]},
    {"msfx_length": 21},
    {"bare_msfx": False},
    {"sentinels": ["8" * 20, "89999999" + "0" * 12]},
    {"makers": [{"scheme": "acme", "lengths": [19, 20], "head": "7"}]},
]


@given(label=LABELS, given=st.sampled_from(RULES))
def test_under_any_rules_the_short_way_and_the_classifier_agree(
    label: Label, given: dict[str, object]
) -> None:
    label = label._replace(reason=reasons.OK)
    sorter = Sorter(read(given))
    code = codes.Classifier(read(given)).code(label.symbology, label.data)

    assert sorter.fact(label) == (code.kind, code.key, code.reason, code.elements)
    digits = b"89999999000000000018"
    for place in sorter.digits_are_msfx20():
        symbology = SYMBOLOGIES[place * 2 : place * 2 + 2]
        found = codes.Classifier(read(given)).code(symbology, digits)
        assert found.kind == codes.MSFX20


@given(label=LABELS, reason=st.integers(1, 2**48))
def test_what_the_cradle_could_not_read_is_no_code(label: Label, reason: int) -> None:
    fact = Sorter().fact(label._replace(reason=reason))

    assert (fact.kind, fact.key) == (facts.UNREAD, b"")
    # A ruling has one octet for the reason.
    assert fact.reason == (reason if reason < 256 else reasons.UNKNOWN_RECORD)


@pytest.mark.requirement("I15", "X02")
@pytest.mark.parametrize(
    ("labels", "case"),
    [
        ([UNIT], Case((b"a",), None)),
        ([UNIT, OTHER_UNIT], Case((b"a", b"b"), None)),
        ([NO_READ], Case((), Ruling(decisions.REJECT, reasons.NO_READ))),
        ([GARBLED], Case((), Ruling(decisions.REJECT, reasons.NOT_DIGITS))),
        ([FOREIGN], Case((), Ruling(decisions.REJECT, reasons.FOREIGN))),
        ([ARTICLE], Case((), Ruling(decisions.REJECT, reasons.ARTICLE_NUMBER))),
        ([PARTIAL], Case((), Ruling(decisions.REJECT, reasons.NO_SERIAL))),
        ([ARTICLE, FOREIGN], Case((), Ruling(decisions.REJECT, reasons.ARTICLE_NUMBER))),
        ([UNIT, ARTICLE], Case((b"a",), None)),
        ([FOREIGN, PARTIAL, UNIT], Case((b"a",), None)),
        ([UNIT, GARBLED], Case((b"a",), Ruling(decisions.REJECT, reasons.NOT_DIGITS))),
        ([ARTICLE, NO_READ, UNIT], Case((b"a",), Ruling(decisions.REJECT, reasons.NO_READ))),
    ],
)
def test_what_a_record_says_by_itself(labels: list[Fact], case: Case) -> None:
    assert verdict.case(labels) == case


def test_every_kind_is_a_unit_or_has_a_rule() -> None:
    kinds = {kind for kind in facts.KIND_NAMES if not names_a_unit(Fact(kind, b"", 0))}

    # What stands for split packs, and an operator's card, have a way of their own.
    assert kinds - {codes.SENTINEL, codes.COMMAND} == set(verdict.NO_UNIT)


@given(st.lists(st.sampled_from([1, 2, 3, 4]), min_size=1))
def test_the_worst_wins_and_the_first_of_equals(drawn: list[int]) -> None:
    rulings = [Ruling(decision, reason) for reason, decision in enumerate(drawn)]
    order = [decisions.PASS, decisions.AGAIN, decisions.HOLD, decisions.REJECT]

    worst = verdict.worst(rulings)

    assert order.index(worst.decision) == max(order.index(one) for one in drawn)
    assert worst.reason == drawn.index(worst.decision)


def test_every_number_that_travels_has_words_in_both_languages() -> None:
    for module, words in ((reasons, wording.REASONS), (decisions, wording.DECISIONS)):
        numbers = {value for name, value in vars(module).items() if name.isupper()}
        assert numbers == set(words)
        for chinese, english in words.values():
            assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese)
            assert english.isascii()
            assert english
    assert len({chinese for chinese, _ in wording.REASONS.values()}) == len(wording.REASONS)


def test_a_reason_of_a_newer_cradle_has_a_name_too() -> None:
    assert wording.reason_name(reasons.NO_READ) == "NO_READ"
    assert wording.reason_name(250) == "REASON_250"
