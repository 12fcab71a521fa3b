"""The link to the broker: paho-mqtt in its own thread, acknowledging by hand after the commit."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable
from typing import Any

import structlog
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from edge_agent.clock import Clock
from edge_agent.config import Broker
from edge_agent.errors import ConfigError
from edge_agent.ingest.inbox import Post
from protocol import topics

# Messages the broker may send before the first of them is acknowledged, hence committed.
_RECEIVE_MAX = 2000
# How long the broker keeps what came while the agent was away. Cradles keep it too, so this only
# saves them the sending.
_SESSION_S = 3600
_KEEP_ALIVE_S = 30
# Publications that may wait for the broker; beyond it they are dropped, and cradles ask again.
_OUT_MAX = 10_000
_UNSUPPORTED_VERSION = 0x84

log = structlog.get_logger()


class Link:
    """Subscribes to what the cradles of a site say; connects, and connects again, by itself.

    MQTT 5 where the broker speaks it, because there a receive-maximum lets a slow disk slow down
    the broker; else 3.1.1.
    """

    def __init__(
        self, broker: Broker, site: str, put: Callable[[Post], object], clock: Clock
    ) -> None:
        """
        Args:
            put: takes a message; may wait, and with it the broker waits.

        Raises:
            ConfigError: the password cannot be read.
        """
        self.ready = False  # connected and subscribed
        self.trouble = "not connected yet"
        self._broker = broker
        self._password = read_password(broker)
        self._topics = [f"scandock/1/{site}/+/{leaf}" for leaf in (topics.UP, topics.STATE)]
        self._put = put
        self._clock = clock
        self._lock = threading.Lock()
        self._connections = 0
        self._connection = 0  # number of the one that is up, 0 when none is
        self._gone = threading.Event()
        self._client = self._make(MQTTProtocolVersion.MQTTv5)

    def start(self) -> None:
        """Begin to connect. The broker may come later."""
        broker = self._broker
        if self._client.protocol == MQTTProtocolVersion.MQTTv5:
            wishes = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            wishes.SessionExpiryInterval = _SESSION_S
            wishes.ReceiveMaximum = _RECEIVE_MAX
            self._client.connect_async(
                broker.host, broker.port, _KEEP_ALIVE_S, clean_start=False, properties=wishes
            )
        else:
            self._client.connect_async(broker.host, broker.port, _KEEP_ALIVE_S)
        self._client.loop_start()

    def stop(self, wait_s: float = 2.0) -> None:
        """Disconnect. What was not acknowledged the broker will bring again."""
        self._gone.clear()
        up = self._connection != 0
        self._client.disconnect()
        # Not loop_stop(): it waits for ever for a broker that does not answer.
        if up:
            self._gone.wait(wait_s)

    def publish(self, topic: str, payload: bytes, retain: bool = False) -> None:
        """Publish at QoS 1. Without a connection it is dropped: cradles ask again."""
        if self.ready:
            self._client.publish(topic, payload, qos=1, retain=retain)

    def acknowledge(self, receipts: Iterable[tuple[int, int]]) -> None:
        """Acknowledge messages, if the connection they came on is still up.

        A packet id names a message within one connection only. On a later one the broker may use
        it for another message, which would then be acknowledged before it is booked.
        """
        with self._lock:
            for connection, packet in receipts:
                if packet and connection == self._connection:
                    self._client.ack(packet, 1)

    def _make(self, version: MQTTProtocolVersion) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._broker.client_id,
            clean_session=None if version == MQTTProtocolVersion.MQTTv5 else False,
            protocol=version,
            manual_ack=True,
        )
        if self._broker.username:
            client.username_pw_set(self._broker.username, self._password)
        client.max_queued_messages_set(_OUT_MAX)
        client.reconnect_delay_set(1, 2)
        client.on_connect = _guarded(self._on_connect)
        client.on_connect_fail = _guarded(self._on_connect_fail)
        client.on_disconnect = _guarded(self._on_disconnect)
        client.on_subscribe = _guarded(self._on_subscribe)
        client.on_message = _guarded(self._on_message)
        client.on_socket_open = _guarded(_send_at_once)
        return client

    # What paho calls, in its own thread.

    def _on_connect(
        self, client: paho.Client, _data: Any, _flags: Any, reason: ReasonCode, _props: Any
    ) -> None:
        if reason.value == _UNSUPPORTED_VERSION:
            log.warning("the broker has no MQTT 5; going on with 3.1.1")
            client.disconnect()
            self._client = self._make(MQTTProtocolVersion.MQTTv311)
            self.start()
        elif reason.is_failure:
            self.trouble = f"the broker refuses {self._broker.client_id}: {reason}"
            log.error(self.trouble)
        else:
            with self._lock:
                self._connections += 1
                self._connection = self._connections
            client.subscribe([(topic, 1) for topic in self._topics])

    def _on_connect_fail(self, _client: paho.Client, _data: Any) -> None:
        self.trouble = f"no broker at {self._broker.host}:{self._broker.port}"
        log.warning(self.trouble)

    def _on_subscribe(
        self, _client: paho.Client, _data: Any, _mid: int, granted: list[ReasonCode], _props: Any
    ) -> None:
        refused = [str(reason) for reason in granted if reason.is_failure]
        if refused:
            self.trouble = f"the broker refuses to let us subscribe to {self._topics}: {refused}"
            log.error(self.trouble)
            return
        self.trouble = ""
        self.ready = True
        log.info("connected", broker=f"{self._broker.host}:{self._broker.port}")

    def _on_disconnect(
        self, client: paho.Client, _data: Any, _flags: Any, reason: ReasonCode, _props: Any
    ) -> None:
        if client is not self._client:
            return
        with self._lock:
            self._connection = 0
        self.ready = False
        self.trouble = f"disconnected: {reason}"
        self._gone.set()
        log.warning("disconnected", reason=str(reason))

    def _on_message(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError as error:
            topic = error.object.decode("utf-8", "backslashreplace")
        receipt = (self._connection, message.mid)
        self._put(Post(topic, message.payload, self._clock.now_ms(), receipt))


def _guarded(callback: Callable[..., None]) -> Callable[..., None]:
    """Log what ``callback`` raises: let out, it would end paho's thread, and nobody would know."""

    def call(*values: Any) -> None:
        try:
            callback(*values)
        except Exception as error:
            log.error("a callback failed", exc_info=error)

    return call


def _send_at_once(_client: paho.Client, _data: Any, sock: Any) -> None:
    """Small packets one after the other must not wait for each other (Nagle)."""
    if sock.family in (socket.AF_INET, socket.AF_INET6):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def read_password(broker: Broker) -> str | None:
    if broker.password_file is None:
        return None
    try:
        return broker.password_file.read_text("utf-8").strip()
    except OSError as error:
        raise ConfigError(
            f"{broker.password_file}: cannot read the broker's password ({error.strerror})",
            hint="broker.password_file must hold the password and nothing else",
        ) from error
