"""A history read from its file is the history that was written."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.history import Booked, Event, Forwarded, History, Presented, Signalled, Struck, load

TIMES = st.floats(0, 2e12)
NAMES = st.text("abc-0123456789", max_size=8)
NUMBERS = st.integers(0, 2**40)
FRAMES = st.binary(max_size=40).map(lambda octets: octets.decode("latin-1"))
EVENTS = st.one_of(
    st.builds(Presented, TIMES, NAMES, NAMES, NUMBERS, FRAMES, NUMBERS, NUMBERS),
    st.builds(Signalled, TIMES, NAMES, NAMES, NUMBERS, NAMES),
    st.builds(Booked, TIMES, NAMES, NAMES, NUMBERS, FRAMES, NUMBERS, NUMBERS),
    st.builds(Forwarded, TIMES, NAMES, NAMES, NUMBERS, NAMES),
    st.builds(Struck, TIMES, NAMES, NAMES),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=st.lists(EVENTS, max_size=10))
def test_what_was_added_is_what_is_loaded(tmp_path: Path, events: list[Event]) -> None:
    path = tmp_path / "history.jsonl"
    path.unlink(missing_ok=True)
    history = History(path)
    for event in events:
        history.add(event)
    history.close()

    assert history.events() == events
    assert load(path) == events


def test_a_line_can_be_read_by_a_person(tmp_path: Path) -> None:
    history = History(tmp_path / "history.jsonl")
    history.add(Signalled(1.5, "cradle-1", "0a", 3, "GOOD"))
    history.close()

    assert (tmp_path / "history.jsonl").read_text() == (
        '{"event":"signalled","at_ms":1.5,"cradle":"cradle-1","boot":"0a","seq":3,"pattern":"GOOD"}\n'
    )


def test_many_may_write_at_once(tmp_path: Path) -> None:
    history = History(tmp_path / "history.jsonl")

    def write(name: str) -> None:
        for seq in range(200):
            history.add(Signalled(0.0, name, "", seq, "GOOD"))

    writers = [threading.Thread(target=write, args=(name,)) for name in "abc"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    history.close()

    events = load(tmp_path / "history.jsonl")
    assert events == history.events()
    for name in "abc":
        seqs = [e.seq for e in events if isinstance(e, Signalled) and e.cradle == name]
        assert seqs == list(range(200))


def test_a_line_that_is_no_event_is_named(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    path.write_text('{"event":"struck","at_ms":1,"action":"kill","target":"agent"}\n{"event":"str')

    with pytest.raises(ValueError, match=r"history\.jsonl:2: no event .*\n  hint: "):
        load(path)
