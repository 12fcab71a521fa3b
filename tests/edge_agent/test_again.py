"""The six meanings of the same code once more are kept apart, cell by cell and law by law."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.domain import again, states
from edge_agent.domain.again import Meeting
from edge_agent.domain.documents import NEW
from edge_agent.domain.model import Unit
from protocol import decisions, reasons

REREAD_MS = 5_000
HERE = states.HERE
LAST = Unit(b"a", 1, 7, 10_000)
LATER = LAST.at_ms + REREAD_MS + 1


def read(last: Unit | None = LAST, boot: int = 7, at_ms: int = LATER, **known: object) -> Meeting:
    state = last.state if last else NEW
    return Meeting(last, boot, at_ms, REREAD_MS, **{"state": state, **known})  # type: ignore[arg-type]


# What is known, and what it means: at a plain station, and where a document is open.
CELLS: dict[str, tuple[Meeting, str]] = {
    "plain: never seen": (read(None), "new"),
    "plain: a moment ago": (read(at_ms=10_001), "reread"),
    "plain: at the end of the window": (read(at_ms=15_000), "reread"),
    "plain: a record that comes late": (read(at_ms=5_000), "reread"),
    "plain: after the window": (read(), "seen before"),
    "plain: another cradle or power-up": (read(boot=8, at_ms=10_001), "seen before"),
    "plain: placeholder": (read(None, placeholder=True), "placeholder"),
    "plain: placeholder again": (read(at_ms=10_001, placeholder=True), "placeholder"),
    "document: never seen, and may be": (read(None, document=3, takes={NEW}), "in turn"),
    "document: never seen, and may not be": (read(None, document=3, takes=HERE), "other document"),
    "document: a moment ago, counted": (read(at_ms=10_001, document=3, counted=True), "reread"),
    "document: a moment ago, held": (read(at_ms=10_001, document=3, takes=HERE), "in turn"),
    "document: later, counted": (read(document=3, counted=True), "same document"),
    "document: counted elsewhere": (
        read(boot=8, at_ms=10_001, document=3, counted=True),
        "same document",
    ),
    "document: its pack, or what is in it": (
        read(None, document=3, covered=True, takes={NEW}),
        "parent and child",
    ),
    "document: in stock, and sold now": (read(document=3, takes=HERE), "in turn"),
    "document: sold, and comes back": (
        read(state=states.SHIPPED, document=3, takes={states.SHIPPED}),
        "in turn",
    ),
    "document: sold, and sold again": (
        read(state=states.SHIPPED, document=3, takes=HERE),
        "other document",
    ),
    "document: its case was sold": (
        read(None, state=states.SHIPPED, document=3, takes={NEW}),
        "other document",
    ),
    "document: placeholder, counted or not": (
        read(document=3, counted=True, placeholder=True),
        "placeholder",
    ),
}


@pytest.mark.requirement("T01")
@pytest.mark.parametrize(("meeting", "name"), CELLS.values(), ids=CELLS)
def test_what_again_means(meeting: Meeting, name: str) -> None:
    assert again.meaning(meeting).name == name


def test_each_meaning_has_its_ruling_and_a_cell() -> None:
    assert {row.name: tuple(row.ruling) for row in again.TABLE} == {
        "placeholder": (decisions.PASS, reasons.PLACEHOLDER),
        "reread": (decisions.AGAIN, reasons.REREAD),
        "same document": (decisions.AGAIN, reasons.SAME_DOCUMENT),
        "parent and child": (decisions.HOLD, reasons.PARENT_AND_CHILD),
        "new": (decisions.PASS, reasons.OK),
        "in turn": (decisions.PASS, reasons.OK),
        "other document": (decisions.HOLD, reasons.OTHER_DOCUMENT),
        "seen before": (decisions.HOLD, reasons.SEEN_BEFORE),
    }
    assert {name for _, name in CELLS.values()} == {row.name for row in again.TABLE}


STATES = st.sampled_from([NEW, *states.NAMES])
UNITS = st.none() | st.builds(
    Unit, st.just(b"a"), st.just(1), st.integers(7, 8), st.integers(0, 20_000)
)
MEETINGS = st.builds(
    Meeting,
    UNITS,
    st.just(7),
    st.integers(0, 20_000),
    st.just(REREAD_MS),
    st.booleans(),
    st.sampled_from([0, 3]),
    st.booleans(),
    st.booleans(),
    STATES,
    st.frozensets(STATES),
)


@given(MEETINGS)
def test_a_reread_never_lets_pass_what_was_held(meeting: Meeting) -> None:
    """(a) Where a document is open, only what it has counted is read again without a look."""
    found = again.meaning(meeting)
    if found.name == "reread" and meeting.document:
        assert meeting.counted


@given(MEETINGS)
def test_what_a_document_has_is_never_counted_in_it_again(meeting: Meeting) -> None:
    """(b) Counted once, whatever its state says."""
    if meeting.counted and meeting.document and not meeting.placeholder:
        assert again.meaning(meeting).ruling.decision == decisions.AGAIN


@pytest.mark.requirement("T01")
@given(MEETINGS)
def test_a_state_that_forbids_the_document_never_passes(meeting: Meeting) -> None:
    """(c) Another document took it."""
    if meeting.document and meeting.state not in meeting.takes and not meeting.placeholder:
        assert not again.meaning(meeting).passes


@pytest.mark.requirement("O08")
@given(MEETINGS)
def test_what_came_back_may_pass_however_often_it_was_seen(meeting: Meeting) -> None:
    """(d) A return and a second receipt are legal."""
    fresh = meeting._replace(counted=False, covered=False, document=3)
    if fresh.state in fresh.takes:
        assert again.meaning(fresh).passes


@given(MEETINGS)
def test_a_pack_and_what_it_holds_never_pass_in_one_document(meeting: Meeting) -> None:
    """(e) The platforms refuse such a bill."""
    if meeting.covered and not meeting.placeholder:
        assert not again.meaning(meeting).passes


@given(MEETINGS, MEETINGS)
def test_a_placeholder_passes_always_and_nothing_is_known_of_it(
    meeting: Meeting, other: Meeting
) -> None:
    """(f) Counted n times: what was read before makes no difference."""
    rulings = {again.meaning(one._replace(placeholder=True)).ruling for one in (meeting, other)}
    assert rulings == {(decisions.PASS, reasons.PLACEHOLDER)}
