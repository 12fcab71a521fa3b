"""Greets a broker once, and says what is wrong with it."""

from __future__ import annotations

import threading
from typing import Any

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode

from edge_agent.config import Broker
from edge_agent.ingest.mqtt import read_password

_IN_FLIGHT_LEAST = 100


def probe(broker: Broker, wait_s: float = 5.0) -> list[str]:
    """Connect under a name beside the agent's, and return findings; none if all is well.

    Raises:
        ConfigError: the password cannot be read.
    """
    findings: list[str] = []
    answered = threading.Event()

    def on_connect(_: Any, __: Any, ___: Any, reason: ReasonCode, allowed: Any) -> None:
        if reason.is_failure:
            findings.append(f"the broker refuses us: {reason}")
        else:
            findings.extend(_judge(allowed))
        answered.set()

    client = paho.Client(
        CallbackAPIVersion.VERSION2,
        client_id=f"{broker.client_id}-check",
        protocol=MQTTProtocolVersion.MQTTv5,
    )
    if broker.username:
        client.username_pw_set(broker.username, read_password(broker))
    client.on_connect = on_connect
    try:
        client.connect(broker.host, broker.port)
    except OSError as error:
        return [f"no broker at {broker.host}:{broker.port} ({error.strerror or error})"]
    client.loop_start()
    if not answered.wait(wait_s):
        findings.append(f"{broker.host}:{broker.port} does not speak MQTT")
    client.disconnect()
    return findings


def _judge(allowed: Any) -> list[str]:
    """What the CONNACK of MQTT 5 shows of the broker's settings."""
    findings = []
    if getattr(allowed, "MaximumQoS", 2) < 1:
        findings.append("it allows QoS 0 only: nothing would be delivered reliably")
    if not getattr(allowed, "RetainAvailable", 1):
        findings.append("it keeps no retained messages: a cradle's state would be forgotten")
    in_flight = getattr(allowed, "ReceiveMaximum", 65535)
    if in_flight < _IN_FLIGHT_LEAST:
        findings.append(f"it allows {in_flight} messages in flight (max_inflight_messages)")
    return findings
