"""Whatever happens to link and broker, each publish arrives at least once, in order, and soon.

The real client, on both interpreters, against a real Mosquitto, through a link that misbehaves. An
independent subscriber is the witness.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from mqtt_station import (
    INTERPRETERS,
    Cradle,
    Flight,
    Subscriber,
    first_arrivals,
    until,
)

from simulator.broker import Broker, BrokerFailed
from simulator.link import Direction, Link, Packets
from simulator.loopback import HOST

both = pytest.mark.parametrize("interpreter", INTERPRETERS)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with Broker(tmp_path_factory.mktemp("broker")) as one:
        yield one


@pytest.fixture
def link(broker: Broker) -> Iterator[Link]:
    with Link(HOST, broker.port, record=True) as one:
        yield one


class Scene:
    """One cradle behind one link, and its witness."""

    def __init__(self, broker: Broker, link: Link, client: str) -> None:
        self.link = link
        self.witness = Subscriber(broker.port, client)
        self._client = client
        self._cradle: Cradle | None = None
        self._endless = True

    def begin(self, interpreter: str, **settings: int) -> None:
        self._cradle = Cradle(interpreter, self._client, self.link.port, **settings)
        self._endless = "count" not in settings
        self.wait_for_more()

    def wait_for_more(self) -> None:
        """Wait until something new has arrived, and the cradle is known to be on line."""
        seen = len(self.witness.numbers)
        until(lambda: len(self.witness.numbers) > seen, what="something new to arrive")
        until(lambda: self.witness.states[-1:] == [b"on"], what="the cradle's birth")

    def wait_for_connections(self, count: int) -> None:
        """Wait until the cradle has connected ``count`` times in all."""
        until(lambda: len(self.link.tapes) >= count, what=f"{count} connections")

    def end(self, may_lack: frozenset[int] = frozenset()) -> dict[str, int]:
        """Let the cradle finish, and check what always has to hold. Return its report."""
        assert self._cradle is not None
        if self._endless:
            self.witness.stop_cradle()
        report = self._cradle.report()
        numbers = self.witness.numbers
        until(lambda: max(numbers) == report["numbers"] - 1, what="the last number")
        arrived = first_arrivals(numbers)
        assert arrived == sorted(arrived)
        assert set(range(report["numbers"])) - set(arrived) <= may_lack
        Flight.seen_on(self.link.tapes)
        return report

    def close(self) -> None:
        self.witness.close()
        if self._cradle:
            self._cradle.kill()


@pytest.fixture
def scene(broker: Broker, link: Link) -> Iterator[Scene]:
    # The link's port is new for each test, and so is the session.
    one = Scene(broker, link, f"c{link.port}")
    yield one
    one.close()


@both
def test_a_reset_at_each_octet_of_an_exchange_loses_nothing(scene: Scene, interpreter: str) -> None:
    scene.begin(interpreter, pace_ms=1, slots=2, backoff_max_ms=8)
    up, down = lengths_of_first_exchange(scene.link)
    for octets in range(up + 1):
        scene.link.reset_after(octets, "up")
    for octets in range(down + 1):
        scene.link.reset_after(octets, "down")
    scene.link.cut()
    assert scene.link.planned() == up + down + 2
    scene.link.heal()
    until(lambda: scene.link.planned() == 0, what="the last reset")
    scene.wait_for_more()

    report = scene.end()
    assert report["peer_closed"] + report["unreachable"] >= up + down
    assert report["resent"] > 0
    assert report["ack_overdue"] == 0


def lengths_of_first_exchange(link: Link) -> tuple[int, int]:
    """Octets up to the first PUBLISH of a number, and down to its PUBACK."""
    tape = link.tapes[0]
    until(lambda: len(Packets().feed(tape.octets("down"))) >= 4, what="the first PUBACK")
    up = Packets().feed(tape.octets("up"))
    down = Packets().feed(tape.octets("down"))
    assert [one[0] for one in up[:4]] == [0x10, 0x82, 0x33, 0x32]
    assert {one[0] for one in down[:4]} == {0x20, 0x90, 0x40}
    return sum(map(len, up[:4])), sum(map(len, down[:4]))


@both
@pytest.mark.parametrize("directions", [(), ("up",), ("down",)], ids=["both", "up", "down"])
def test_a_black_hole_is_noticed_and_left(
    scene: Scene, interpreter: str, directions: tuple[Direction, ...]
) -> None:
    scene.begin(interpreter, pace_ms=2, ack_timeout_ms=200, connect_timeout_ms=200)
    scene.link.black_hole(*directions)
    scene.wait_for_connections(3)
    scene.link.heal()
    scene.wait_for_more()

    report = scene.end()
    assert report["ack_overdue"] == 1
    assert report["connect_timeout"] >= 1


@both
def test_lost_pubacks_are_cured_by_a_new_connection(scene: Scene, interpreter: str) -> None:
    scene.begin(interpreter, pace_ms=2, ack_timeout_ms=150)
    for connections, nth in ((2, 1), (3, 5)):
        scene.link.drop_puback(nth)
        scene.wait_for_connections(connections)
        scene.wait_for_more()

    report = scene.end()
    assert report["ack_overdue"] == 2
    assert report["resent"] >= 2
    assert report["sessions"] == 2
    assert report["session_lost"] == 0


@both
def test_an_idle_half_open_connection_is_noticed_by_its_ping(
    scene: Scene, interpreter: str
) -> None:
    scene.begin(interpreter, count=1, keep_alive_s=1, idle_s=3)
    scene.link.half_open()
    scene.wait_for_connections(2)

    report = scene.end()
    assert report["ping_overdue"] == 1
    assert report["connected"] == 2


@both
def test_a_broker_that_stops_reading_does_not_stop_the_scanner(
    scene: Scene, interpreter: str
) -> None:
    scene.begin(interpreter, pace_ms=1, size=1300, ack_timeout_ms=2000)
    scene.link.stop_reading()
    scene.wait_for_connections(2)
    scene.link.heal()
    scene.wait_for_more()

    report = scene.end()
    assert report["ack_overdue"] + report["stalled"] == 1
    assert report["longest_gap_ms"] < 1000


@both
def test_octets_one_by_one_and_late_are_the_same_octets(scene: Scene, interpreter: str) -> None:
    scene.link.one_octet = True
    scene.link.delay_s = 0.002
    scene.begin(interpreter, pace_ms=5, count=30)

    report = scene.end()
    assert report["connected"] == 1
    assert report["resent"] == 0


@both
def test_packet_ids_wrap(scene: Scene, interpreter: str) -> None:
    scene.begin(interpreter, first_id=65500, count=100)
    scene.end()

    ids = Flight.seen_on(scene.link.tapes).ids
    # 65500 is the birth's, 65501 the subscription's.
    assert ids == [65500, *range(65502, 65536), *range(1, 67)]


@both
def test_a_broker_that_is_killed_and_comes_back_empty_costs_nothing(
    tmp_path: Path, interpreter: str
) -> None:
    with Broker(tmp_path) as broker, Link(HOST, broker.port, record=True) as link:
        scene = Scene(broker, link, f"killed-{interpreter}")
        try:
            scene.begin(interpreter, pace_ms=1, ack_timeout_ms=1000)
            for _ in range(2):
                broker.kill()
                link.cut()
                until(lambda: not scene.witness.subscribed.is_set(), what="the witness to notice")
                broker.start()
                # The new broker does not keep what comes while nobody is subscribed.
                assert scene.witness.subscribed.wait(10)
                # What the old one has acknowledged may have died with it: its PUBACK proves
                # nothing, and that is why the agent says `taken`.
                acknowledged = frozenset(Flight.seen_on(link.tapes).acknowledged)
                link.heal()
                scene.wait_for_more()
            report = scene.end(may_lack=acknowledged)
        finally:
            scene.close()

    assert report["session_lost"] == 2
    assert report["connected"] == 3


def test_two_cradles_of_one_name_are_told_so(broker: Broker, link: Link) -> None:
    witness = Subscriber(broker.port, "twins")
    cradles = [Cradle(one, "twins", link.port, pace_ms=2) for one in INTERPRETERS]
    try:
        until(lambda: len(link.tapes) > 60, what="the two to throw each other out")
        witness.stop_cradle()
        until(lambda: any(one.ended() for one in cradles), what="one to stop")
        witness.stop_cradle()
        reports = [one.report() for one in cradles]
    finally:
        witness.close()
        for one in cradles:
            one.kill()

    assert all(report["same_id_twice"] >= 1 for report in reports)


def test_thousands_of_publishes_do_not_make_the_heap_grow(broker: Broker) -> None:
    count = 70_000 if os.environ.get("SCANDOCK_SOAK") else 10_000
    witness = Subscriber(broker.port, "many")
    cradle = Cradle("micropython", "many", broker.port, count=count, size=1200, idle_s=2)
    try:
        report = cradle.report(within_s=120)
        until(lambda: len(witness.numbers) == count, what="the last number")
    finally:
        cradle.kill()
        witness.close()

    assert witness.numbers == list(range(count))
    assert abs(report["heap_growth"]) <= 1024
    print(*(f"{name} {report[name]}" for name in ("per_s", "idle_octets_per_s", "slowest_ms")))


def test_a_broker_that_does_not_start_says_why(tmp_path: Path) -> None:
    config = tmp_path / "wrong.conf"
    config.write_text("listner 1883\n")

    with pytest.raises(BrokerFailed, match=r"wrong.conf: ended with exit code 3.*\n.*listner"):
        Broker(tmp_path, config).start()
