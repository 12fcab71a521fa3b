"""What platforms said of units: a newer word counts, and silence takes nothing back."""

from __future__ import annotations

from edge_agent.domain.model import Platform
from edge_agent.store import platform
from edge_agent.store.sqlite import Store


def said(key: bytes, at_ms: int, **words: object) -> Platform:
    none: dict[str, object] = dict.fromkeys(("active", "cancelled", "reflux", "owner"))
    return Platform(key, checked_ms=at_ms, source="test", **none | words)  # type: ignore[arg-type]


def test_a_newer_word_counts_and_silence_takes_nothing_back(store: Store) -> None:
    with store.write() as tx:
        platform.learn(tx, [said(b"b", 1, reflux=1), said(b"a", 1, active=True, owner="us")])
        platform.learn(tx, [said(b"a", 2, active=False, cancelled=False)])
        found = platform.facts(tx, [b"a", b"b", b"nobody asked"])

    assert found == {
        b"a": said(b"a", 2, active=False, cancelled=False, owner="us"),
        b"b": said(b"b", 1, reflux=1),
    }
    assert found[b"a"].active is False
    assert found[b"b"].active is None
