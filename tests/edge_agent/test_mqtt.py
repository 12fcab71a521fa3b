"""The link acknowledges by hand, on the connection a message came on, and knows old brokers."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from edge_agent import config
from edge_agent.errors import ConfigError
from edge_agent.ingest import mqtt
from edge_agent.ingest.inbox import Post
from edge_agent.ingest.mqtt import Link
from edge_agent.ingest.probe import probe
from simulator.broker import Broker
from simulator.loopback import free_port
from tests.edge_agent.conftest import SetClock
from tests.edge_agent.words import up


def until(done: Callable[[], bool], at_most_s: float = 20.0) -> None:
    end = time.monotonic() + at_most_s
    while not done():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


@pytest.fixture
def link(site: str) -> Iterator[Callable[..., Link]]:
    """Start a link to a port, which puts what arrives into ``posts``."""
    running: list[Link] = []

    def begin(port: int, posts: list[Post], client_id: str = "") -> Link:
        broker = config.Broker(port=port, client_id=client_id or f"agent-{site}")
        running.append(Link(broker, site, posts.append, SetClock()))
        running[-1].start()
        return running[-1]

    yield begin
    for one in running:
        one.stop()


@pytest.fixture
def cradle(broker: Broker) -> Iterator[paho.Client]:
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    yield client
    client.disconnect()
    client.loop_stop()


def test_what_was_not_acknowledged_comes_again(
    broker: Broker, link: Callable[..., Link], cradle: paho.Client, site: str
) -> None:
    posts: list[Post] = []
    first = link(broker.port, posts)
    until(lambda: first.ready)
    for text in (b"one", b"two", b"three"):
        cradle.publish(up(site=site), text, 1).wait_for_publish(20)
    until(lambda: len(posts) == 3)
    first.acknowledge([posts[1].receipt])
    first.stop()

    link(broker.port, posts)
    until(lambda: len(posts) == 5)

    assert [post.payload for post in posts[3:]] == [b"one", b"three"]
    assert posts[0].topic == up(site=site)


def test_a_receipt_of_an_earlier_connection_is_worth_nothing(
    broker: Broker, link: Callable[..., Link], cradle: paho.Client, site: str
) -> None:
    posts: list[Post] = []
    running = link(broker.port, posts)
    until(lambda: running.ready)
    cradle.publish(up(site=site), b"one", 1).wait_for_publish(20)
    until(lambda: len(posts) == 1)
    # The network breaks; the same link connects again, and the same packet id comes again.
    network: Any = running._client.socket()
    network.shutdown(socket.SHUT_RDWR)
    until(lambda: len(posts) == 2)
    assert posts[0].receipt[1] == posts[1].receipt[1]

    running.acknowledge([posts[0].receipt])
    running.stop()
    link(broker.port, posts)
    until(lambda: len(posts) == 3)

    assert [post.payload for post in posts] == [b"one"] * 3


def test_the_broker_holds_back_what_is_not_acknowledged(
    broker: Broker,
    link: Callable[..., Link],
    cradle: paho.Client,
    site: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mqtt, "_RECEIVE_MAX", 10)
    posts: list[Post] = []
    running = link(broker.port, posts)
    until(lambda: running.ready)
    for number in range(15):
        cradle.publish(up(site=site), b"%d" % number, 1).wait_for_publish(20)
    until(lambda: len(posts) >= 10)
    time.sleep(0.2)
    assert len(posts) == 10

    running.acknowledge([post.receipt for post in posts])
    until(lambda: len(posts) == 15)
    assert [int(post.payload) for post in posts] == list(range(15))


def test_only_the_own_site_is_heard(
    broker: Broker, link: Callable[..., Link], cradle: paho.Client, site: str
) -> None:
    posts: list[Post] = []
    running = link(broker.port, posts)
    until(lambda: running.ready)
    for topic in ("scandock/1/other/c/up", f"scandock/1/{site}/c/down", f"scandock/1/{site}/c/up"):
        cradle.publish(topic, b"", 1).wait_for_publish(20)
    until(lambda: len(posts) > 0)

    assert [post.topic for post in posts] == [f"scandock/1/{site}/c/up"]


def test_without_a_connection_nothing_is_kept_for_later(
    broker: Broker, link: Callable[..., Link], site: str
) -> None:
    heard: list[bytes] = []
    listener = paho.Client(CallbackAPIVersion.VERSION2)
    listener.on_message = lambda _client, _data, message: heard.append(message.payload)
    listener.connect("127.0.0.1", broker.port)
    listener.subscribe(f"scandock/1/{site}/c/down", 1)
    listener.loop_start()
    running = Link(config.Broker(port=broker.port, client_id="late"), site, print, SetClock())

    running.publish(f"scandock/1/{site}/c/down", b"too early")
    running.start()
    until(lambda: running.ready)
    running.publish(f"scandock/1/{site}/c/down", b"in time")
    until(lambda: len(heard) > 0)
    running.stop()
    listener.disconnect()
    listener.loop_stop()

    assert heard == [b"in time"]


def test_it_connects_by_itself_when_the_broker_comes_later(
    tmp_path: Path, link: Callable[..., Link], mosquitto_program: str
) -> None:
    port = free_port()
    running = link(port, [])
    until(lambda: "no broker at" in running.trouble)

    with Broker(tmp_path, port=port) as late:
        until(lambda: running.ready)
        late.kill()
        until(lambda: not running.ready)
        late.start()
        until(lambda: running.ready)
        assert running.trouble == ""


class OldBroker:
    """Speaks MQTT 3.1.1 only: refuses CONNECT with level 5, and then answers like any broker."""

    def __init__(self) -> None:
        self.levels: list[int] = []
        self.acknowledged: list[bytes] = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=[connection], daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as stream:
            while head := stream.read(2):
                body = stream.read(head[1])
                kind = head[0] >> 4
                if kind == 1:
                    self.levels.append(body[6])
                    if body[6] != 4:
                        connection.sendall(b"\x20\x02\x00\x01")
                        return
                    connection.sendall(b"\x20\x02\x00\x00")
                elif kind == 8:
                    connection.sendall(b"\x90\x04" + body[:2] + b"\x01\x01")
                    connection.sendall(b"\x32\x08\x00\x01t\x00\x07one"[:10])
                elif kind == 4:
                    self.acknowledged.append(body)

    def close(self) -> None:
        self._server.close()


def test_a_broker_without_mqtt_5_is_spoken_to_in_3_1_1(link: Callable[..., Link]) -> None:
    old = OldBroker()
    posts: list[Post] = []
    running = link(old.port, posts)
    until(lambda: running.ready and len(posts) == 1)
    running.acknowledge([posts[0].receipt])
    until(lambda: len(old.acknowledged) == 1)
    old.close()

    assert old.levels == [5, 4]
    assert old.acknowledged == [b"\x00\x07"]
    assert (posts[0].topic, posts[0].payload) == ("t", b"one")


def test_a_mistake_in_a_callback_does_not_end_the_link(
    broker: Broker, cradle: paho.Client, site: str
) -> None:
    posts: list[Post] = []

    def put(post: Post) -> None:
        posts.append(post)
        if post.payload == b"one":
            raise ZeroDivisionError

    running = Link(config.Broker(port=broker.port, client_id="clumsy"), site, put, SetClock())
    running.start()
    until(lambda: running.ready)
    for text in (b"one", b"two"):
        cradle.publish(up(site=site), text, 1)
    until(lambda: len(posts) == 2)
    running.stop()


def test_a_password_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    broker = config.Broker(username="agent", password_file=tmp_path / "password")

    with pytest.raises(ConfigError, match=r"cannot read the broker's password \(No such file"):
        Link(broker, "demo", print, SetClock())


def test_the_probe_finds_a_broker_well_or_says_why_not(broker: Broker) -> None:
    assert probe(config.Broker(port=broker.port)) == []
    port = free_port()
    assert probe(config.Broker(port=port)) == [
        f"no broker at 127.0.0.1:{port} (Connection refused)"
    ]


def test_the_probe_finds_a_small_window(tmp_path: Path, mosquitto_program: str) -> None:
    port = free_port()
    settings = tmp_path / "small.conf"
    settings.write_text(f"user root\nlistener {port} 127.0.0.1\nallow_anonymous true\n")
    with Broker(tmp_path, config=settings, port=port):
        assert probe(config.Broker(port=port)) == [
            "it allows 20 messages in flight (max_inflight_messages)"
        ]


def test_the_probe_notices_what_is_no_broker() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        assert probe(config.Broker(port=port), wait_s=0.2) == [
            f"127.0.0.1:{port} does not speak MQTT"
        ]
