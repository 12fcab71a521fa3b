"""Whom drugs were handed to is found by those who have the keys, and stands nowhere in clear."""

from __future__ import annotations

import base64
import json
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import paho.mqtt.client as paho
import pytest
from click.testing import CliRunner, Result
from paho.mqtt.enums import CallbackAPIVersion

from edge_agent import cli, config
from edge_agent.cli import writing
from edge_agent.domain import persons as rules
from edge_agent.domain.documents import BY_NOTHING, OPEN, Document
from edge_agent.domain.persons import Person
from edge_agent.domain.products import Entry, Product, Scheme
from edge_agent.errors import AgentError, StoreError
from edge_agent.store import (
    acts,
    anchor,
    classes,
    closing,
    documents,
    erasures,
    findings,
    keys,
    persons,
    products,
    verify,
)
from edge_agent.store.documents import Counted
from edge_agent.store.sqlite import SETTINGS, Store, View
from simulator.agent import Agent
from simulator.broker import Broker
from simulator.loopback import free_port
from tests.edge_agent.words import code

KEYS = rules.derived(bytes(range(32)))
UNIT = int(code(1)).to_bytes(9, "big")
NOW = 1_700_000_000_000


def identity(number: int) -> str:
    """A number of no real person: no region begins with 99; the check digit fits."""
    places = f"99{number:015d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(place) * weight for place, weight in zip(places, weights, strict=True))
    return places + "10X98765432"[total % 11]


def somebody(number: int) -> Person:
    return Person(1, identity(number), f"测试{number:06d}", f"199{number:08d}", f"代领{number:06d}")


@pytest.fixture
def draw() -> Callable[[int], bytes]:
    return random.Random(5).randbytes


def hand(store: Store, person: Person, draw: Callable[[int], bytes], *units: bytes) -> int:
    with store.write() as tx:
        return persons.hand(tx, NOW, "Li", KEYS, person, units or [UNIT], "CK-1", draw)


def find(store: Store, person: Person) -> list[persons.Handing]:
    with store.write() as tx:
        return persons.find(tx, NOW, "Li", KEYS, person)


@pytest.mark.requirement("O18", "O19", "O20")
def test_what_was_handed_to_a_person_is_found_by_the_document(
    store: Store, draw: Callable[[int], bytes]
) -> None:
    first = hand(store, somebody(1), draw, UNIT, b"b")
    second = hand(store, somebody(1), draw, b"c")
    hand(store, somebody(2), draw, b"d")

    found = find(store, Person(1, f" {identity(1)[:9]} {identity(1)[9:].lower()}"))

    assert found == [
        persons.Handing(first, NOW, "CK-1", [UNIT, b"b"], somebody(1)),
        persons.Handing(second, NOW, "CK-1", [b"c"], somebody(1)),
    ]
    assert find(store, Person(2, identity(1))) == []
    with store.write() as tx:
        got = persons.recipients(tx, NOW, "Li", KEYS, [UNIT, b"d", b"e"])
        assert [one.person for one in got] == [somebody(1), somebody(2)]
        assert persons.handed(tx, [UNIT, b"e"]) == {UNIT}
        assert [act.what for act in acts.acts(tx)] == ["person.hand"] * 3 + ["person.look"] * 3


@pytest.mark.requirement("O18")
@pytest.mark.parametrize(
    ("person", "why"),
    [
        (Person(7, identity(1)), "7: no such type of document"),
        (Person(1, identity(1)[:-1]), "check digit"),
        (Person(1, identity(1)[:-2] + "77"), "check digit"),
        (Person(2, ""), "not letters and digits"),
        (Person(2, "E1234-5678"), "not letters and digits"),
        (Person(2, "E12345678", name="x" * 101), "more than 100 characters"),
    ],
)
def test_a_document_that_cannot_be_is_refused_and_not_repeated(person: Person, why: str) -> None:
    with pytest.raises(AgentError, match=why) as refused:
        rules.checked(person)

    assert person.number not in str(refused.value) or not person.number
    assert identity(1)[:17] not in f"{refused.value!r}"


def test_nothing_opens_without_the_right_key(store: Store, draw: Callable[[int], bytes]) -> None:
    hand(store, somebody(1), draw)
    others = [
        KEYS._replace(master=bytes(32)),
        rules.derived(bytes(32)),
    ]
    for other in others:
        with store.write() as tx, pytest.raises(AgentError, match="does not open"):
            persons.require(tx, other)
    with store.write() as tx:
        persons.require(tx, KEYS)
        (act,) = acts.acts(tx)
    sealed, person_id = (bytes.fromhex(act.body[name]) for name in ("sealed", "person"))
    for changed in (sealed[:-1], sealed + b"x", bytes(len(sealed)), b""):
        with pytest.raises(AgentError, match="does not open"):
            rules.unseal(bytes(32), person_id, changed)


def test_an_erased_person_is_gone_from_the_files_and_the_chain_holds(
    store: Store, view: View, draw: Callable[[int], bytes]
) -> None:
    first = hand(store, somebody(1), draw)
    hand(store, somebody(2), draw)
    with store.write() as tx:
        head = anchor.head(tx, NOW)
        rows = tx.execute("SELECT lookup, data_key FROM person").fetchall()
    assert all(piece in files(store) for row in rows for piece in row)

    with store.write() as tx:
        erased = persons.erase(tx, NOW, "Li", KEYS, somebody(1))
        assert persons.erase(tx, NOW, "Li", KEYS, somebody(3)) is None

    with store.write() as tx:
        left = tx.execute("SELECT lookup, data_key FROM person").fetchall()
    (gone,) = set(rows) - set(left)
    assert not any(piece in files(store) for piece in gone)
    assert all(piece in files(store) for piece in left[0])
    assert find(store, somebody(1)) == []
    with store.write() as tx:
        handings = persons.recipients(tx, NOW, "Li", KEYS, [UNIT])
        assert [one.person for one in handings] == [None, somebody(2)]
        assert erased is not None
        assert persons.erase_ids(tx, NOW, "Li", [erased]) == 0
    assert handings[0].act == first
    assert verify.verify(view, [head]).finding is None
    # Somebody who comes back is somebody new.
    hand(store, somebody(1), draw)
    assert len(find(store, somebody(1))) == 1


def files(store: Store) -> bytes:
    folder = store.path.parent
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())


def test_a_look_that_hinders_the_wiping_only_delays_it(
    store: Store, view: View, draw: Callable[[int], bytes]
) -> None:
    hand(store, somebody(1), draw)
    with store.write() as tx:
        (key,) = tx.execute("SELECT data_key FROM person").fetchone()
    with view.read() as looking:
        looking.execute("SELECT 1 FROM person").fetchall()
        with store.write() as tx:
            persons.erase(tx, NOW, "Li", KEYS, somebody(1))
        assert key in files(store)

    with store.write() as tx:
        acts.append(tx, NOW, "Li", "pack.bind", {})

    assert key not in files(store)
    assert store.settings() == SETTINGS


def test_a_torn_line_of_the_list_of_the_erased_harms_no_other(tmp_path: Path) -> None:
    assert erasures.ids(tmp_path) == []
    erasures.note(tmp_path, b"a" * 16)
    with (tmp_path / "erased.txt").open("a") as file:
        file.write("6162")
    erasures.note(tmp_path, b"b" * 16)
    assert erasures.ids(tmp_path) == [b"a" * 16, b"b" * 16]

    (tmp_path / "erased.txt").write_text("x" * 32)
    with pytest.raises(StoreError, match="cannot read whom to erase"):
        erasures.ids(tmp_path)


# The whole path, as people and logs see it.


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    assert scandock("agent", "init", tmp_path / "agent").exit_code == 0
    return tmp_path / "agent" / "agent.toml"


def scandock(*words: str | Path, person: Person | None = None, lines: int = 1) -> Result:
    given = (
        "\n".join((person.number, person.name, person.phone, person.agent)[:lines])
        if person
        else ""
    )
    return CliRunner().invoke(cli.main, [str(word) for word in words], input=given)


def test_person_commands(settings: Path) -> None:
    where = ("-c", settings)
    done = scandock(
        "person", "link", *where, "--document", "CK-9", code(1).decode(), code(2).decode(),
        person=somebody(1), lines=4,
    )  # fmt: skip
    assert (done.exit_code, done.output) == (0, "act 1: 2 packs handed to the person\n")

    found = scandock("person", "find", *where, person=somebody(1))
    told = json.loads(found.stdout)
    assert (told["document"], told["person"]["name"], len(told["units"])) == (
        "CK-9",
        "测试000001",
        2,
    )
    assert json.loads(scandock("person", "who-got", *where, code(2).decode()).stdout) == told
    assert scandock("person", "who-got", *where, code(3).decode()).exit_code == 1

    assert scandock("person", "erase", *where, person=somebody(1)).exit_code == 2
    assert scandock("person", "erase", *where, "--yes", person=somebody(1)).exit_code == 0
    assert scandock("person", "erase", *where, "--yes", person=somebody(1)).exit_code == 1
    assert scandock("person", "find", *where, person=somebody(1)).exit_code == 1
    assert len(erasures.ids(settings.parent / "keys")) == 1

    wrong = scandock("person", "link", *where, "123", person=somebody(1))
    assert (wrong.exit_code, "123: not the code of one pack" in wrong.output) == (2, True)
    surplus = scandock("person", "find", *where, person=somebody(1), lines=2)
    assert "standard input has 2 lines" in surplus.output


def test_persons_are_not_looked_for_with_a_new_key(settings: Path) -> None:
    where = ("-c", settings)
    scandock("person", "link", *where, code(1).decode(), person=somebody(1))
    key = settings.parent / "keys" / keys.PERSONS
    assert key.stat().st_mode & 0o777 == 0o600

    key.chmod(0o640)
    assert (
        "others may read the key" in scandock("person", "find", *where, person=somebody(1)).output
    )
    key.unlink()
    assert "cannot read the key" in scandock("person", "find", *where, person=somebody(1)).output
    key.write_text("00" * 32)
    key.chmod(0o600)
    assert "does not open" in scandock("person", "find", *where, person=somebody(1)).output


CANARIES = 1_000
# How every canary's number, name, phone and agent begin, in the forms in which they might be
# written. Base64 is cut where the next octet would change it.
CANARY_TEXTS = [
    form
    for text in ("99000000000000", "测试000", "199000", "代领000")
    for form in (
        text.encode(),
        json.dumps(text)[1:-1].encode(),
        text.encode().hex().encode(),
        base64.b64encode(text.encode()[: len(text.encode()) // 3 * 3]),
    )
]


@pytest.mark.requirement("O19")
def test_no_canary_is_seen_outside(
    tmp_path: Path, mosquitto_program: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """A thousand persons through a running agent, one in three with a mistake in the question; then
    everything that the agent wrote anywhere is searched for them."""
    folder = tmp_path / "agent"
    agent = Agent(folder, "demo", free_port(), free_port(), "")
    heard: list[bytes] = []
    with Broker(tmp_path / "broker", port=config.load(agent.config).broker.port) as broker:
        listener = paho.Client(CallbackAPIVersion.VERSION2)
        listener.on_message = lambda _client, _data, message: heard.append(message.payload)
        listener.connect("127.0.0.1", broker.port)
        listener.subscribe("#")
        listener.loop_start()
        agent.start()
        until(lambda: bool(agent.health().get("ok")), "the agent")
        for number in range(CANARIES):
            ask_about(agent.config, somebody(number), number)
        until(lambda: heard, "a head")
        state = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
        assert agent.stop() == 0
        until(lambda: len(heard) > 1, "the last head")
        listener.disconnect()
        listener.loop_stop()
    exports = "".join(
        scandock("export", kind, "-c", agent.config).stdout for kind in ("scans", "quarantine")
    )
    written = {
        "files while it runs": state,
        "files": b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file()),
        "logs": b"".join(path.read_bytes() for path in tmp_path.rglob("*.log")),
        "MQTT": b"".join(heard),
        "exports": exports.encode(),
        "errors": "".join(capfd.readouterr()).encode(),
    }
    view = View(config.load(agent.config).store.path)
    with view.read() as tx:
        told = b"".join(repr(act).encode() for act in acts.acts(tx))
        assert persons.count(tx) > CANARIES // 2
    view.close()

    hits = [
        f"{name}: {text!r}"
        for name, octets in {**written, "acts": told}.items()
        for text in CANARY_TEXTS
        if text in octets
    ]
    assert hits == []
    assert b"a command failed" in written["logs"]  # the mistakes were made


def ask_about(settings: Path, person: Person, number: int) -> None:
    """Link a person to a pack. Every third time something is wrong with the question."""
    told = msgspec.to_builtins(person)
    wrong: list[dict[str, Any]] = [
        {"person": {**told, "number": person.number + "7"}},
        {"person": {**told, "surplus": person.number}},
        {"person": {**told, "type": person.number}},
        {"person": told, "codes": [12]},
        {"person": told, "surplus": person.number},
        {"person": [person.number]},
    ]
    arguments = {"person": told, "codes": [code(number).decode()], "document": "CK-1"}
    if number % 3:
        assert writing.carry_out(settings, "person.link", who="Li", **arguments)
        return
    arguments |= wrong[number // 3 % len(wrong)]
    with pytest.raises(AgentError):
        writing.carry_out(settings, "person.link", who="Li", **arguments)


def until(done: Callable[[], object], what: str) -> None:
    end = time.monotonic() + 30
    while not done():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.02)


@pytest.mark.requirement("O18")
@pytest.mark.parametrize("product", ["in the line", "in the table of products"])
def test_a_narcotic_leaves_the_books_only_with_the_person_on_record(
    store: Store, draw: Callable[[int], bytes], product: str
) -> None:
    """An ordinary product in the same document asks for nobody."""
    of_line = "N1" if product == "in the line" else ""
    given = Document(0, "CK-1", "dispensing", "", "", "", OPEN, BY_NOTHING, NOW, "", "R-9001")
    narcotic, ordinary = UNIT, int(code(2)).to_bytes(9, "big")
    with store.write() as tx:
        if not of_line:
            head = Entry(Scheme.MSFX20, code(1).decode()[:7], Product("N1", "测试"), 1)
            products.learn(tx, [head])
        classes.classify(tx, NOW, "Li", "N1", ["narcotic"])
        id = documents.add(tx, given)
        documents.add_lines(tx, id, [(1, of_line, 0, 1)])
        documents.count(tx, [Counted(id, narcotic, 1, 1, 1)])
        if of_line:
            documents.count(tx, [Counted(id, ordinary, 2, 0, 1)])
        made = documents.document(tx, id)

        (finding,) = closing.close(tx, NOW, "Li", made)
        assert (finding.kind, finding.key) == ("no_person", narcotic)
        persons.hand(tx, NOW, "Li", KEYS, somebody(1), [narcotic], "CK-1", draw)
        assert closing.close(tx, NOW, "Li", made) == []
        assert findings.of_document(tx, id)[0].outcome == findings.GONE
