"""The rules: what a label is, what it means to see it again, what happens to the goods."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.domain import again, facts, verdict, wording
from edge_agent.domain.facts import UNREAD, Sorter, names_a_unit
from edge_agent.domain.model import Case, Fact, Ruling, Sighting
from protocol import codes, decisions, reasons
from protocol.shapes import Label
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

    assert fact == (code.kind, code.key, code.reason)
    assert names_a_unit(fact) == codes.names_a_unit(code.kind)


@given(label=LABELS, reason=st.integers(1, 2**48))
def test_what_the_cradle_could_not_read_is_no_code(label: Label, reason: int) -> None:
    fact = Sorter().fact(label._replace(reason=reason))

    assert (fact.kind, fact.key) == (facts.UNREAD, b"")
    # A ruling has one octet for the reason.
    assert fact.reason == (reason if reason < 256 else reasons.UNKNOWN_RECORD)


@pytest.mark.parametrize(
    ("last", "meaning"),
    [
        (None, "new"),
        (Sighting(b"a", 1, 7, 10_000), "reread"),
        (Sighting(b"a", 1, 7, 5_000), "reread"),
        (Sighting(b"a", 1, 7, 4_999), "seen before"),
        (Sighting(b"a", 1, 7, 15_000), "reread"),  # a journal may come late: the order is no matter
        (Sighting(b"a", 1, 7, 15_001), "seen before"),
        (Sighting(b"a", 1, 8, 10_000), "seen before"),  # another cradle, or another power-up
    ],
)
def test_what_again_means(last: Sighting | None, meaning: str) -> None:
    assert again.meaning(last, 7, 10_000, 5_000).name == meaning


def test_each_meaning_has_its_ruling() -> None:
    assert {row.name: row.ruling for row in again.TABLE} == {
        "new": Ruling(decisions.PASS, reasons.OK),
        "reread": Ruling(decisions.AGAIN, reasons.REREAD),
        "seen before": Ruling(decisions.HOLD, reasons.SEEN_BEFORE),
    }


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

    assert kinds == set(verdict.NO_UNIT)


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
