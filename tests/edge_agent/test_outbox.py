"""Everybody can see what a receiver was told and refused; each retry is an act and asks first."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edge_agent import cli, config
from edge_agent.cli import outbox as outbox_cli
from edge_agent.store import acts, alerts, outbox
from edge_agent.store.outbox import REFUSED, UNKNOWN, Dead, Letter, Parcel
from edge_agent.store.sqlite import Store
from tests.edge_agent.conftest import STORE_ID
from tests.edge_agent.words import accept, arrival, code, octets, scan

NOW = 1_700_000_000_000
NAMES = [f"{STORE_ID.hex()}-erp-{first}-{last}" for first, last in ((1, 4), (5, 8), (9, 12))]

AGENT = """site = "demo"
[[connectors]]
type = "host"
name = "erp"
url = "http://127.0.0.1:9/"
"""


def scandock(settings: Path, *words: str) -> Result:
    return CliRunner().invoke(cli.main, ["outbox", words[0], "-c", str(settings), *words[1:]])


def take(store: Store) -> Parcel:
    """The next parcel for erp, of at most four records."""
    with store.write() as tx:
        parcel = outbox.reserve(tx, "erp", 4, NOW)
    assert isinstance(parcel, Parcel)
    return parcel


def settle(store: Store, parcel: Parcel, state: int, answer: str = "", *letters: Letter) -> None:
    with store.write() as tx:
        outbox.settle(tx, parcel, state, NOW, answer, letters)


@pytest.fixture
def told(store: Store) -> Store:
    """14 records: 1-4 refused, 5-8 taken but for 6 and 7, 9-12 taken, 13-14 on their way."""
    accept(store, arrival(octets(*[scan(seq, code(seq)) for seq in range(14)])))
    with store.write() as tx:
        outbox.enrol(tx, "erp")
        outbox.enrol(tx, "wms")
    settle(store, take(store), REFUSED, "HTTP 400: no such lot")
    letters = Letter(6, REFUSED, "E6", "no six"), Letter(7, REFUSED, "", "no seven")
    settle(store, take(store), outbox.DELIVERED, "7", *letters)
    settle(store, take(store), outbox.DELIVERED)
    settle(store, take(store), UNKNOWN, "answer lost")
    return store


@pytest.fixture
def settings(told: Store) -> Path:
    """The agent's settings; it does not run."""
    path = told.path.with_name("agent.toml")
    path.write_text(AGENT)
    told.close()
    return path


def test_dead_letters_are_told_apart_and_counted(told: Store) -> None:
    with told.write() as tx:
        assert outbox.dead(tx, "erp") == [
            Dead(1, 4, 0, "", "HTTP 400: no such lot", False),
            Dead(5, 8, 6, "E6", "no six", False),
            Dead(5, 8, 7, "", "no seven", False),
        ]
        assert outbox.dead(tx, "erp", 5) == outbox.dead(tx, "erp")[1:]
        assert outbox.dead(tx, "wms") == []
        assert outbox.backlog(tx, "erp") == outbox.Backlog(2, "unknown", 3, "answer lost")
        assert [outbox.told(tx, number)[0][1:3] for number in (4, 5, 6, 8, 9, 14)] == [
            ("refused", "HTTP 400: no such lot"),
            ("delivered", "7"),
            ("refused", "E6 no six"),
            ("delivered", "7"),
            ("delivered", ""),
            ("unknown", "answer lost"),
        ]


def test_what_is_tried_again_waits_for_its_turn_keeps_its_name_and_is_in_doubt(
    told: Store,
) -> None:
    with told.write() as tx:
        assert len(outbox.redrive(tx, "erp")) == 3
        assert outbox.redrive(tx, "erp") == []
    on_its_way = take(told)
    assert (on_its_way.first, on_its_way.in_doubt) == (13, True)
    settle(told, on_its_way, outbox.DELIVERED)

    whole = take(told)
    assert whole == Parcel("erp", 1, 4, NAMES[0], 1, True, ())
    settle(told, whole, REFUSED, "HTTP 400: still not")
    single = take(told)
    assert single == Parcel("erp", 5, 8, NAMES[1], 1, True, (6, 7))
    settle(told, single, UNKNOWN, "", Letter(6, REFUSED, "E6", "never"), Letter(7, UNKNOWN))
    again = take(told)
    assert (again.only, again.attempts) == ((7,), 2)
    settle(told, again, outbox.DELIVERED)

    with told.write() as tx:
        assert outbox.reserve(tx, "erp", 4, NOW) is None
        assert outbox.dead(tx, "erp") == [
            Dead(1, 4, 0, "", "HTTP 400: still not", False),
            Dead(5, 8, 6, "E6", "never", False),
        ]


def test_single_records_refused_as_a_whole_stay_single_dead_letters(told: Store) -> None:
    settle(told, take(told), outbox.DELIVERED)
    with told.write() as tx:
        outbox.redrive(tx, "erp", 5)
    settle(told, take(told), REFUSED, "HTTP 422")

    with told.write() as tx:
        assert outbox.dead(tx, "erp", 5) == [
            Dead(5, 8, 6, "", "HTTP 422", False),
            Dead(5, 8, 7, "", "HTTP 422", False),
        ]


def test_list_shows_everything_and_exits_with_a_finding(settings: Path) -> None:
    done = scandock(settings, "list")
    assert done.exit_code == 1
    assert done.output.splitlines() == [
        "erp: 2 records behind, unknown, 3 dead letters",
        "  open 13-14, 2 records: unknown, tried 1x, due 2023-11-14T22:13:20.000Z: answer lost",
        "  dead 1-4: HTTP 400: no such lot",
        "  dead 5-8 record 6: E6 no six",
        "  dead 5-8 record 7: no seven",
        "wms: 14 records behind, waiting, 0 dead letters",
    ]
    assert scandock(settings, "list", "--receiver", "wms").exit_code == 0

    (shown,) = map(
        json.loads, scandock(settings, "list", "--receiver", "erp", "--json").output.splitlines()
    )
    assert (shown["receiver"], shown["behind"], shown["open"]["last"]) == ("erp", 2, 14)
    assert shown["dead"][1] == {
        "first": 5,
        "last": 8,
        "number": 6,
        "code": "E6",
        "message": "no six",
        "redriven": False,
    }


def test_retry_says_first_then_does_and_is_an_act(settings: Path) -> None:
    done = scandock(settings, "retry", "--receiver", "erp", "5-8")
    assert done.exit_code == 0
    assert done.output.splitlines() == [
        "erp: 5-8 record 6: E6 no six",
        "erp: 5-8 record 7: no seven",
        "erp: 2 dead letters would be tried again (add --yes)",
    ]
    assert "(to be tried again)" not in scandock(settings, "list").output

    done = scandock(settings, "retry", "--receiver", "erp", "5-8", "--yes", "--who", "li")
    assert (done.exit_code, done.output) == (0, "erp: 2 dead letters are tried again\n")
    assert scandock(settings, "list").output.count("(to be tried again)") == 2
    done = scandock(settings, "retry", "--receiver", "erp", "--yes", "--who", "li")
    assert done.output == "erp: 1 dead letters are tried again\n"

    store = Store(config.load(settings).store.path, lambda: STORE_ID)
    with store.write() as tx:
        assert [(act.who, act.what, act.body) for act in acts.acts(tx)] == [
            (
                "li",
                "outbox.retry",
                {"receiver": "erp", "letters": ["5-8 record 6", "5-8 record 7"]},
            ),
            ("li", "outbox.retry", {"receiver": "erp", "letters": ["1-4"]}),
        ]
    store.close()


@pytest.mark.parametrize("yes", [[], ["--yes"]])
@pytest.mark.parametrize(
    ("words", "what", "hint"),
    [
        (["--receiver", "arp"], 'no receiver "arp" was ever told', "known are erp, wms"),
        (["--receiver", "wms"], "wms: no dead letter\n", "outbox list"),
        (
            ["--receiver", "erp", "9-12"],
            "erp: no dead letter in the parcel that begins with record 9",
            "outbox list",
        ),
        (["--receiver", "erp", "nine"], '"nine" names no parcel', "such as 11-20"),
    ],
)
def test_a_retry_of_nothing_is_refused(
    settings: Path, words: list[str], what: str, hint: str, yes: list[str]
) -> None:
    done = scandock(settings, "retry", *words, *yes)

    assert done.exit_code == 2
    assert what in done.output
    assert hint in done.output


def test_what_is_to_be_tried_again_already_is_not_asked_for_twice(settings: Path) -> None:
    assert scandock(settings, "retry", "--receiver", "erp", "--yes").exit_code == 0
    for yes in ([], ["--yes"]):
        done = scandock(settings, "retry", "--receiver", "erp", *yes)
        assert done.exit_code == 2
        assert "erp: all of that is to be tried again already" in done.output


def test_a_host_cannot_say_what_it_has(settings: Path) -> None:
    done = scandock(settings, "reconcile", "--receiver", "erp")

    assert done.exit_code == 2
    assert 'erp: a receiver of type "host" has no list of what it has' in done.output
    done = scandock(settings, "reconcile", "--receiver", "wms")
    assert 'agent.toml names no receiver "wms"\n  hint: it names erp' in done.output


class Books:
    """Says of each parcel what a test wants it to say."""

    def __init__(self, says: Mapping[str, bool]) -> None:
        self.says = says
        self.closed = False

    async def has(self, keys: Sequence[str]) -> Mapping[str, bool]:
        return {key: self.says[key] for key in keys if key in self.says}

    async def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize(
    ("says", "lines", "code"),
    [
        (
            {NAMES[0]: True, NAMES[1]: True, NAMES[2]: False},
            [
                "erp/1-4: the parcel was set aside here, and it has it",
                "erp/9-12: we were told that it took the parcel, and it has not got it",
                "erp: 3 parcels compared, 2 differ",
            ],
            1,
        ),
        (
            {NAMES[0]: False, NAMES[2]: True},
            ["erp: 2 parcels compared, 0 differ; it cannot say of 1"],
            0,
        ),
    ],
)
def test_reconcile_raises_an_alert_for_each_difference(
    settings: Path,
    monkeypatch: pytest.MonkeyPatch,
    says: dict[str, bool],
    lines: list[str],
    code: int,
) -> None:
    books = Books(says)
    monkeypatch.setitem(outbox_cli.LISTERS, "host", lambda receiver: books)
    done = scandock(settings, "reconcile", "--receiver", "erp", "--days", "100000")

    assert done.output.splitlines() == lines
    assert (done.exit_code, books.closed) == (code, True)
    store = Store(config.load(settings).store.path, lambda: STORE_ID)
    with store.write() as tx:
        assert [f"{one.about}: {one.detail}" for one in alerts.listed(tx)] == lines[:-1]
        (act,) = acts.acts_of(tx, "outbox.reconcile")
        assert (act.body["asked"], act.body["differ"]) == (len(says), lines[:-1])
    store.close()


def test_reconcile_asks_of_no_more_days_than_it_is_told(
    settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(outbox_cli.LISTERS, "host", lambda receiver: Books({NAMES[2]: False}))
    done = scandock(settings, "reconcile", "--receiver", "erp", "--days", "1")

    assert (done.exit_code, done.output) == (0, "erp: 0 parcels compared, 0 differ\n")
