"""The writer never stops on a bad message, and never acknowledges what is not on disk."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future

import pytest

from edge_agent.domain.holds import UNIT, Holds
from edge_agent.domain.model import Answer
from edge_agent.errors import StoreTrouble
from edge_agent.ingest import writer as module
from edge_agent.ingest.accept import Accept, Arrival
from edge_agent.ingest.decode import Decoder
from edge_agent.ingest.inbox import Inbox, Job, Post
from edge_agent.ingest.writer import Writer
from edge_agent.store import holds, ledger, quarantine
from edge_agent.store.driver import Tx
from edge_agent.store.sqlite import Store, View
from protocol import cbor, decisions, reasons
from protocol.errors import ProtocolError
from protocol.shapes import State
from tests.edge_agent.conftest import SetClock
from tests.edge_agent.words import BOOT, PASS, SITE, announcement, code, octets, scan, told, up

POISON = code(666)


class World:
    """What the writer told, in order, with what was on disk at that moment."""

    def __init__(self, view: View) -> None:
        self.answers: list[Answer] = []
        self.acknowledged: list[int] = []
        self.states: list[tuple[str, State, int]] = []
        self.order: list[str] = []
        self.holds: list[Holds] = []
        self._view = view
        self._done = threading.Condition()

    def answer(self, answers: Sequence[Answer]) -> None:
        self.order.append("answer")
        self.answers += answers
        for answer in answers:
            with self._view.read() as tx:
                mark = ledger.mark(tx, answer.device, answer.boot_id)
            # Whatever a cradle is told is on disk already, for any other reader to see.
            assert (mark.next_seq if mark else 0) >= answer.next_seq

    def acknowledge(self, receipts: Sequence[tuple[int, int]]) -> None:
        with self._done:
            self.order.append("acknowledge")
            self.acknowledged += [packet for _, packet in receipts]
            self._done.notify_all()

    def heard(self, device: str, state: State, at_ms: int) -> None:
        self.states.append((device, state, at_ms))

    def booked(self) -> None:
        self.order.append("booked")

    def held(self, what: Holds) -> None:
        self.holds.append(what)

    def wait_for(self, count: int, at_most_s: float = 20.0) -> None:
        with self._done:
            assert self._done.wait_for(lambda: len(self.acknowledged) >= count, at_most_s), (
                f"{len(self.acknowledged)} of {count} acknowledged"
            )


class PoisonedAccept(Accept):
    """Fails on one label, as a mistake of ours would."""

    def __call__(self, tx: Tx, arrivals: Sequence[Arrival]) -> list[Answer]:
        answers = super().__call__(tx, arrivals)
        if any(bytes.fromhex(POISON.decode()) in arrival.payload for arrival in arrivals):
            raise ZeroDivisionError("a mistake of ours")
        return answers


@pytest.fixture
def world(view: View) -> World:
    return World(view)


@pytest.fixture
def start(store: Store, world: World, clock: SetClock) -> Iterator[Callable[..., Writer]]:
    running: list[Writer] = []

    def begin(accept: Accept | None = None) -> Writer:
        writer = Writer(store, Decoder(SITE), accept or Accept(5000), world, clock)
        running.append(writer)
        writer.start()
        return writer

    yield begin
    for writer in running:
        writer.stop()


def post(packet: int, payload: bytes, topic: str = "") -> Post:
    return Post(topic or up(), payload, 1_700_000_000_000, (1, packet))


def in_quarantine(view: View) -> list[quarantine.Outcast]:
    with view.read() as tx:
        return [outcast for _, outcast in quarantine.kept(tx, 0, 100_000)]


def booked(view: View) -> int:
    with view.read() as tx:
        return ledger.next_number(tx) - 1


def test_batches_are_answered_before_they_are_acknowledged(
    start: Callable[..., Writer], world: World
) -> None:
    writer = start()
    writer.inbox.put(post(7, octets(scan(0, code(0)), scan(1, code(1)))))
    world.wait_for(1)

    assert told(world.answers) == {0: PASS, 1: PASS}
    assert world.acknowledged == [7]
    assert world.order == ["answer", "acknowledge", "booked"][: len(world.order)]


def test_what_has_arrived_shares_a_commit(start: Callable[..., Writer], world: World) -> None:
    writer = start()
    gate = threading.Event()
    entered = threading.Event()

    def hold(_: Tx) -> None:
        entered.set()
        gate.wait(20)

    writer.submit(hold)
    entered.wait(20)
    for seq in range(100):
        writer.inbox.put(post(seq + 1, octets(scan(seq, code(seq)))))
    gate.set()
    world.wait_for(100)

    assert writer.counters.commits == 2


def test_a_message_that_cannot_be_read_is_kept_whole_and_acknowledged(
    start: Callable[..., Writer], world: World, view: View
) -> None:
    writer = start()
    bad = [b"", b"\xff", octets(scan(0, code(0)))[:-1], bytes(20_000)]
    for packet, payload in enumerate(bad):
        writer.inbox.put(post(packet + 1, payload))
    writer.inbox.put(post(5, octets(scan(0, code(0))), "scandock/1/demo/CRADLE/up"))
    writer.inbox.put(post(6, octets(scan(0, code(0)))))
    world.wait_for(6)

    kept = in_quarantine(view)
    assert [(one.payload, one.reason, one.place) for one in kept] == [
        (b"", reasons.TRUNCATED, 0),
        (b"\xff", reasons.FLOAT_OR_SIMPLE, 0),
        (bad[2], reasons.TRUNCATED, len(bad[2])),
        (bad[3], reasons.SIZE, cbor.MESSAGE_MAX),
        (octets(scan(0, code(0))), reasons.TOPIC, 16),
    ]
    assert kept[0].topic == up()
    assert booked(view) == 1
    assert writer.counters.quarantined == 5


def test_a_poison_message_is_put_aside_and_its_neighbours_are_booked(
    start: Callable[..., Writer], world: World, view: View
) -> None:
    writer = start(PoisonedAccept(5000))
    for packet in range(1, 21):
        data = POISON if packet == 10 else code(packet)
        writer.inbox.put(post(packet, octets(scan(0, data)), up(f"cradle-{packet}")))
    world.wait_for(20)

    assert booked(view) == 19
    assert [(one.reason, one.topic) for one in in_quarantine(view)] == [
        (reasons.INTERNAL, up("cradle-10"))
    ]
    assert sorted(world.acknowledged) == list(range(1, 21))
    assert {answer.device for answer in world.answers} == {
        f"cradle-{n}" for n in range(1, 21) if n != 10
    }


def test_an_error_in_a_job_is_its_own(
    start: Callable[..., Writer], world: World, view: View
) -> None:
    writer = start()

    def fail(tx: Tx) -> None:
        tx.execute("INSERT INTO receiver VALUES ('half done', 1)")
        raise ZeroDivisionError

    failing = writer.submit(fail)
    writer.inbox.put(post(1, octets(scan(0, code(0)))))
    count = writer.submit(lambda tx: tx.execute("SELECT count(*) FROM receiver").fetchone()[0])

    with pytest.raises(ZeroDivisionError):
        failing.result(20)
    assert count.result(20) == 0
    world.wait_for(1)
    assert booked(view) == 1


def test_a_hold_is_told_after_its_commit_and_rules_from_then_on(
    start: Callable[..., Writer], world: World, view: View
) -> None:
    writer = start()
    key = int(code(1)).to_bytes(9, "big")

    def hold(tx: Tx) -> int:
        return holds.place(tx, 0, "tester", UNIT, key, reasons.SEALED, words="")

    def fail(tx: Tx) -> None:
        hold(tx)
        raise ZeroDivisionError("a mistake of ours")

    with pytest.raises(ZeroDivisionError):
        writer.submit(fail).result(20)
    writer.submit(lambda _: None).result(20)
    assert world.holds == []  # nothing that was not written is told

    writer.submit(hold).result(20)
    assert [dict(one.units) for one in world.holds] == [{key: reasons.SEALED}]
    with view.read() as tx:
        assert holds.version(tx) == world.holds[0].version
    writer.submit(lambda _: None).result(20)
    assert len(world.holds) == 1

    writer.inbox.put(post(7, octets(scan(0, code(1)), scan(1, code(2)))))
    world.wait_for(1)
    assert told(world.answers) == {0: (decisions.HOLD, reasons.SEALED), 1: PASS}


def test_a_cancelled_job_is_not_done(start: Callable[..., Writer], store: Store) -> None:
    writer = Writer(store, Decoder(SITE), Accept(5000), World.__new__(World), SetClock())
    done: list[int] = []
    cancelled = writer.submit(lambda _: done.append(1))
    kept = writer.submit(lambda _: done.append(2))
    cancelled.cancel()
    writer.start()

    kept.result(20)
    writer.stop()

    assert done == [2]
    assert writer.submit(lambda _: None).cancelled()


def test_a_full_disk_acknowledges_nothing_and_goes_on_by_itself(
    start: Callable[..., Writer],
    store: Store,
    world: World,
    view: View,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_BACK_OFF_S", (0.01,))
    with store.write() as tx:
        tx.execute("PRAGMA max_page_count = 1").fetchall()
    freed = threading.Event()
    write = store.write

    def write_when_there_is_room():  # type: ignore[no-untyped-def]
        if freed.is_set():
            freed.clear()
            with write() as tx:
                tx.execute("PRAGMA max_page_count = 1000000").fetchall()
        return write()

    monkeypatch.setattr(store, "write", write_when_there_is_room)
    writer = start()
    for packet in range(1, 11):
        records = [scan((packet - 1) * 64 + i, code(packet * 64 + i)) for i in range(64)]
        writer.inbox.put(post(packet, octets(*records)))
    until = time.monotonic() + 20
    while writer.counters.troubles < 3:
        assert time.monotonic() < until
        time.sleep(0.005)
    acknowledged = list(world.acknowledged)
    assert booked(view) == 64 * len(acknowledged) < 640
    assert "disk full" in writer.trouble

    freed.set()
    world.wait_for(10)

    assert world.acknowledged == list(range(1, 11))
    assert booked(view) == 640
    assert writer.trouble == ""


def test_told_to_stop_with_a_full_disk_it_gives_up_and_has_told_nobody(
    start: Callable[..., Writer],
    store: Store,
    world: World,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_BACK_OFF_S", (60.0,))

    def full():  # type: ignore[no-untyped-def]
        raise StoreTrouble("disk full")

    monkeypatch.setattr(store, "write", full)
    writer = start()
    writer.inbox.put(post(1, octets(scan(0, code(0)))))
    job = writer.submit(lambda _: None)
    writer.stop()

    assert world.acknowledged == []
    with pytest.raises(StoreTrouble):
        job.result(0)


def test_an_error_while_telling_does_not_book_twice(
    start: Callable[..., Writer], world: World, view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise OSError("the link is gone")

    with monkeypatch.context() as link:
        link.setattr(world, "answer", fail)
        writer = start()
        writer.inbox.put(post(1, octets(scan(0, code(0)))))
        assert writer.submit(lambda _: 5).result(20) == 5
    # Nothing was acknowledged, so the broker brings it again.
    writer.inbox.put(post(1, octets(scan(0, code(0)))))
    world.wait_for(1)

    assert booked(view) == 1
    assert told(world.answers) == {0: PASS}
    assert in_quarantine(view) == []


def test_a_device_that_announces_itself_is_heard_and_answered(
    start: Callable[..., Writer], world: World
) -> None:
    writer = start()
    writer.inbox.put(post(1, octets(scan(0, code(0)))))
    world.wait_for(1)
    writer.inbox.put(post(2, announcement(), f"scandock/1/{SITE}/cradle-1/state"))
    world.wait_for(2)
    writer.stop()

    assert [(device, state.boot_id) for device, state, _ in world.states] == [("cradle-1", BOOT)]
    assert world.answers[-1] == world.answers[0]


def hostile(rng: random.Random) -> tuple[str, bytes]:
    """A topic and a payload that no honest cradle sends."""
    honest = octets(*[scan(seq, code(seq)) for seq in range(rng.randint(1, 4))])
    payload = bytearray(honest)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(payload) + 1)
        payload[at : at + rng.randrange(3)] = rng.randbytes(rng.randrange(4))
    if rng.random() < 0.2:
        payload = bytearray(rng.randbytes(rng.randrange(60)))
    leaf = rng.choice(["up", "up", "up", "state"])
    return f"scandock/1/{SITE}/{rng.choice(['stranger', 'STRANGER'])}/{leaf}", bytes(payload)


def test_ten_thousand_hostile_messages_are_each_booked_or_kept_with_a_reason(
    start: Callable[..., Writer], world: World, view: View
) -> None:
    rng = random.Random(2)
    decode = Decoder(SITE)
    writer = start()
    due: list[tuple[str, bytes, int, int]] = []
    for packet in range(1, 10_001):
        topic, payload = hostile(rng)
        try:
            decode(topic, payload)
        except ProtocolError as error:
            due.append((topic, payload, error.reason, error.at))
        assert writer.inbox.put(post(packet, payload, topic))
    writer.inbox.put(post(10_001, octets(scan(0, code(0)), boot=b"an-other")))
    world.wait_for(10_001)

    kept = in_quarantine(view)
    assert [(one.topic, one.payload, one.reason, one.place) for one in kept] == due
    assert len(due) > 8_000
    assert writer.counters.quarantined == len(due)
    assert writer.counters.messages == 10_001
    # And an honest cradle is served as before.
    assert (world.answers[-1].boot_id, world.answers[-1].next_seq) == (b"an-other", 1)


def test_a_full_inbox_makes_the_sender_wait() -> None:
    inbox = Inbox(2, 1)
    for packet in (1, 2):
        assert inbox.put(post(packet, b""))
    sender = threading.Thread(target=inbox.put, args=[post(3, b"")])
    sender.start()
    sender.join(0.05)
    assert sender.is_alive()

    taken = inbox.take(0)
    sender.join(20)

    assert [item.receipt[1] for item in taken if isinstance(item, Post)] == [1]
    assert len(inbox) == 2


def test_a_job_does_not_stand_in_line_behind_messages() -> None:
    inbox = Inbox(10, 2)
    for packet in range(1, 6):
        inbox.put(post(packet, b""))
    job = Job(lambda _: None, Future())
    inbox.put(job)

    assert inbox.take(0) == [job, post(1, b""), post(2, b"")]
    assert len(inbox.take(60)) == 2  # enough is there: nothing to linger for


def test_a_closed_inbox_lets_everybody_go() -> None:
    inbox = Inbox(1, 10)
    inbox.put(post(1, b""))
    answers: list[bool] = []
    sender = threading.Thread(target=lambda: answers.append(inbox.put(post(2, b""))))
    sender.start()
    inbox.close()
    sender.join(20)

    assert answers == [False]
    assert len(inbox.take(0)) == 1
    assert inbox.take(0) == []


@pytest.mark.parametrize(("records", "batches"), [(64, 8), (1, 512), (256, 2)])
def test_a_group_is_about_512_records(records: int, batches: int) -> None:
    inbox = Inbox(10_000, 512)
    payload = octets(*[scan(seq, code(seq)) for seq in range(records)])
    for packet in range(1000):
        inbox.put(post(packet, payload))

    # The length of a message is a fair guess at its records, and nobody has read it yet.
    assert abs(len(inbox.take(0)) - batches) <= 0.1 * batches
