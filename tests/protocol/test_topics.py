"""Topics: three names and a leaf, or a refusal that says where."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from protocol import reasons, topics
from protocol.errors import TopicError

NAMES = st.text("abcxyz019-", min_size=1, max_size=32)
LEAVES = st.sampled_from([topics.UP, topics.DOWN, topics.STATE])
OURS = re.compile(r"scandock/1/[a-z0-9-]{1,32}/[a-z0-9-]{1,32}/(up|down|state)")


@given(NAMES, NAMES, LEAVES)
def test_a_topic_comes_apart_as_it_was_made(site: str, device: str, leaf: str) -> None:
    assert topics.split(topics.topic(site, device, leaf)) == (site, device, leaf)


@given(
    st.text(max_size=30)
    | st.tuples(st.just("scandock/1"), st.text("ab9-A+#/é", max_size=40), LEAVES).map("/".join)
    | st.tuples(st.just("scandock/1"), NAMES, NAMES, st.text("updown", max_size=5)).map("/".join)
)
@example("scandock/1/a/b/up\n")
@example("scandock/1/a/b/up/")
@example("scandock/1/" + "a" * 33 + "/b/up")
def test_every_other_topic_is_refused(made: str) -> None:
    if OURS.fullmatch(made):
        topics.split(made)
        return
    with pytest.raises(TopicError) as refusal:
        topics.split(made)
    assert refusal.value.reason == reasons.TOPIC
    assert 0 <= refusal.value.at <= len(made)


@pytest.mark.parametrize(
    ("made", "at"),
    [
        ("scandock/2/a/b/up", 0),
        ("scandock/1/a/up", 11),
        ("scandock/1//b/up", 11),
        ("scandock/1/a/B/up", 13),
        ("scandock/1/lager-ä/b/up", 17),
        ("scandock/1/a/b/down/up", 11),
        ("scandock/1/a/b/left", 15),
    ],
)
def test_the_refusal_says_where(made: str, at: int) -> None:
    with pytest.raises(TopicError) as refusal:
        topics.split(made)

    assert refusal.value.at == at


@pytest.mark.parametrize("name", ["", "+", "a/b", "A", "a" * 33])
def test_no_topic_is_made_of_a_wrong_name(name: str) -> None:
    with pytest.raises(TopicError):
        topics.topic(name, "cradle-1", topics.UP)
    with pytest.raises(TopicError):
        topics.topic("site", name, topics.DOWN)
