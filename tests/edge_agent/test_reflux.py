"""A pack that was paid for before: unknown is not clean, suspect is held, each step is an act."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.connectors.bureau_list import BureauList
from edge_agent.connectors.inquiry import Inquiry
from edge_agent.domain import reflux, states
from edge_agent.domain.documents import Document
from edge_agent.domain.reflux import CLEAN, SUSPECT, UNKNOWN, Sold
from edge_agent.errors import StoreError
from edge_agent.store import acts, codes, documents, holds, platform
from edge_agent.store import reflux as cases
from edge_agent.store.driver import Tx
from edge_agent.store.sqlite import Store, View
from protocol import keys, reasons
from protocol.codes import Classifier
from tests.edge_agent.conftest import SetClock
from tests.edge_agent.words import code

KEYS = [keys.msfx(code(number)) for number in range(4)]


def sold(*times: int | None) -> list[Sold]:
    return [Sold(KEYS[0], one, "", "bureau") for one in times]


@pytest.mark.requirement("I09", "X08")
@pytest.mark.parametrize(
    ("times", "ours", "opinion"),
    [
        ((), 0, UNKNOWN),
        ((None, None), 0, UNKNOWN),
        ((0,), 0, CLEAN),
        ((None, 0), 0, CLEAN),
        ((1,), 0, SUSPECT),
        ((0, 1), 0, SUSPECT),
        ((1,), 1, CLEAN),
        ((2,), 1, SUSPECT),
        ((2,), 2, SUSPECT),
    ],
)
def test_what_answers_mean(times: tuple[int | None, ...], ours: int, opinion: int) -> None:
    assert reflux.opinion(sold(*times), sold_by_us=ours) == opinion


@given(times=st.lists(st.none() | st.integers(0, 3)), more=st.integers(0, 3))
def test_one_more_answer_never_clears_a_suspicion(times: list[int | None], more: int) -> None:
    before = reflux.opinion(sold(*times), sold_by_us=0)
    after = reflux.opinion(sold(*times, more), sold_by_us=0)

    assert (before, after) != (SUSPECT, CLEAN)


@pytest.mark.requirement("I10", "I11", "C13")
def test_a_suspect_pack_is_held_until_it_is_cleared_step_by_step(store: Store) -> None:
    with store.write() as tx:
        fallen = cases.learn(tx, 1, "li", [*sold(1), Sold(KEYS[1], 0, "", "bureau")])
        assert fallen == {SUSPECT: 1, CLEAN: 1}
        assert holds.held(tx).units == {KEYS[0]: reasons.REFLUX_SUSPECT}
        # Told once more, it is the same case.
        cases.learn(tx, 2, "li", sold(1))
        assert len(cases.cases(tx)) == 1

        with pytest.raises(StoreError, match="it cannot be released next"):
            cases.step(tx, 3, "li", KEYS[0], reflux.RELEASED, words="")
        with pytest.raises(StoreError, match="no suspicion"):
            cases.step(tx, 3, "li", KEYS[1], reflux.SEALED, words="")
        for step in (reflux.SEALED, reflux.REPORTED):
            cases.step(tx, 4, "li", KEYS[0], step, words="as ordered")
        cases.step(tx, 5, "li", KEYS[0], reflux.CLUE, clue="C-9001", words="")
        assert holds.held(tx).units == {KEYS[0]: reasons.REFLUX_SUSPECT}
        cases.step(tx, 6, "li", KEYS[0], reflux.RELEASED, words="our own return")

        assert cases.case(tx, KEYS[0]) == (KEYS[0], reflux.RELEASED, 1, 6, "C-9001")
        assert holds.held(tx).units == {}
        assert platform.facts(tx, KEYS)[KEYS[0]].reflux == CLEAN
        assert [act.what for act in acts.acts(tx)][-2:] == ["reflux.step", "hold.release"]


def test_a_pack_that_we_sold_ourselves_once_is_clean(store: Store) -> None:
    with store.write() as tx:
        codes.write(tx, [(KEYS[0], 1, 1, 0, states.DISPENSED, 0, 1)])

        assert cases.learn(tx, 1, "li", sold(1)) == {CLEAN: 1}
        assert cases.learn(tx, 1, "li", sold(2)) == {SUSPECT: 1}


@pytest.mark.parametrize(
    "octets",
    [b"code,payer\n1,x\n", b"\xe3\x00\xff", b"code,times\n\xff,1\n", b'code,times\n"1,1\n'],
)
def test_a_list_that_is_none_leaves_everything_unknown(tmp_path: Path, octets: bytes) -> None:
    listed = tmp_path / "list.csv"
    listed.write_bytes(octets)
    provider = BureauList(listed, Classifier())

    assert asyncio.run(provider.query(KEYS)) == []
    with pytest.raises(reflux.SalesError), listed.open(encoding="utf-8-sig") as file:
        list(reflux.sales(file))
    listed.write_text(f"code,times\n{code(1).decode()},2\n")
    assert asyncio.run(provider.query(KEYS)) == [Sold(KEYS[1], 2, "", "list.csv")]


@pytest.mark.parametrize("times", ["", "-1", "99999", "９", "often"])
def test_a_row_that_is_not_understood_leaves_its_unit_unknown(tmp_path: Path, times: str) -> None:
    listed = tmp_path / "list.csv"
    listed.write_text(f"code,times\n{code(0).decode()},{times}\n{code(1).decode()},0\n")

    answers = asyncio.run(BureauList(listed, Classifier()).query(KEYS))

    assert answers == [Sold(KEYS[1], 0, "", "list.csv")]


class Forgetful:
    """A provider that fails at its first question, and then knows one pack."""

    name = "forgetful"

    def __init__(self) -> None:
        self.asked: list[list[bytes]] = []

    async def query(self, keys: list[bytes]) -> list[Sold]:
        self.asked.append(keys)
        if len(self.asked) == 1:
            raise ValueError("out of order")
        return [Sold(KEYS[2], 0, "", self.name)]


@pytest.mark.requirement("I09", "X08")
def test_what_is_to_come_in_is_asked_about_beforehand_and_again_later(
    store: Store, view: View, clock: SetClock, tmp_path: Path
) -> None:
    listed = tmp_path / "list.csv"
    rows = [f"{code(0).decode()},1,fund", f"{code(1).decode()},0,", "8999,1,", "no row at all"]
    listed.write_text("\n".join(["code,times,payer", *rows]))
    provider = Forgetful()
    providers = [BureauList(listed, Classifier()), provider]

    def submit(work: Any) -> Future[Any]:
        done: Future[Any] = Future()
        with store.write() as tx:
            done.set_result(work(tx))
        return done

    def facts() -> dict[bytes, int | None]:
        with store.write() as tx:
            return {key: fact.reflux for key, fact in platform.facts(tx, KEYS).items()}

    with store.write() as tx:
        expect(tx, "A-1", "purchase_in", KEYS[:3])
        expect(tx, "A-2", "sale_out", KEYS[3:])
    inquiry = Inquiry(providers, view, submit, clock)

    assert asyncio.run(inquiry.round()) == 3
    assert facts() == {KEYS[0]: SUSPECT, KEYS[1]: CLEAN, KEYS[2]: None}
    assert asyncio.run(inquiry.round()) == 0
    clock.ms += 3_600_001
    # What is known is not asked about again, what is not known is.
    assert asyncio.run(inquiry.round()) == 1
    assert provider.asked[1] == [KEYS[2]]
    assert facts()[KEYS[2]] == CLEAN
    with store.write() as tx:
        assert set(holds.held(tx).units) == {KEYS[0]}


def expect(tx: Tx, number: str, kind: str, expected: list[bytes]) -> None:
    id = documents.add(tx, Document(0, number, kind, "S", "", "", 1, 1, 0, "", "", ""))
    documents.add_lines(tx, id, [(1, "P1", 0, len(expected))])
    documents.expect(tx, id, [(key, 1, 1, 1) for key in expected])
