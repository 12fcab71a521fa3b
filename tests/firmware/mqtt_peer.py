"""A scripted broker in memory: one core, and a test that plays its peer, octet by octet."""

from __future__ import annotations

from firmware.mqtt import counts
from firmware.mqtt.core import MESSAGE, UP, Core
from simulator.link import Packets

ACCEPTED = b"\x20\x02\x00\x00"
ACCEPTED_SESSION = b"\x20\x02\x01\x00"
PINGREQ = b"\xc0\x00"
PINGRESP = b"\xd0\x00"


def string(octets: bytes) -> bytes:
    return len(octets).to_bytes(2, "big") + octets


def packet(first: int, body: bytes) -> bytes:
    """One packet as the standard has it, written down a second time."""
    length, size = b"", len(body)
    while True:
        size, low = divmod(size, 128)
        length += bytes([low | 0x80 if size else low])
        if not size:
            return bytes([first]) + length + body


def puback(packet_id: int) -> bytes:
    return packet(0x40, packet_id.to_bytes(2, "big"))


def suback(packet_id: int, code: int = 1) -> bytes:
    return packet(0x90, packet_id.to_bytes(2, "big") + bytes([code]))


def message(
    payload: bytes, packet_id: int = 7, qos: int = 1, dup: bool = False, topic: bytes = b"s/down"
) -> bytes:
    """A PUBLISH from the broker."""
    body = string(topic) + (packet_id.to_bytes(2, "big") if qos else b"") + payload
    return packet(0x30 | dup << 3 | qos << 1, body)


def up_packet(payload: bytes, packet_id: int, dup: bool = False) -> bytes:
    """What a publish of ours has to be."""
    return message(payload, packet_id, dup=dup, topic=b"s/up")


def birth_packet(packet_id: int, dup: bool = False) -> bytes:
    """What the retained state of ours has to be."""
    body = string(b"s/state") + packet_id.to_bytes(2, "big") + b"on"
    return packet(0x33 | dup << 3, body)


def subscribe_packet(packet_id: int) -> bytes:
    return packet(0x82, packet_id.to_bytes(2, "big") + string(b"s/down") + b"\x01")


class Peer:
    """Both hands on one core.

    Attributes:
        now_ms: the time, moved only by ``wait``.
        messages: what was delivered.
        sessions: ``session_present`` of each CONNACK.
    """

    def __init__(self, slots: int = 8, packet_max: int = 1400, inbound_max: int = 2048) -> None:
        self.core = Core(
            "c9",
            "s/down",
            "s/up",
            "s/state",
            b"on",
            b"off",
            slots=slots,
            packet_max=packet_max,
            inbound_max=inbound_max,
        )
        self.now_ms = 1000
        self.messages: list[bytes] = []
        self.sessions: list[bool] = []

    def pull(self, write: bool = True) -> list[bytes]:
        """Take what the core writes; each write must be whole packets."""
        found = []
        while self.core.next_out(self.now_ms):
            out = self.core.out
            octets = bytes(out.buf[out.start : out.end])
            packets = Packets().feed(octets)
            assert b"".join(packets) == octets
            found += packets
            if not write:
                break
            self.core.written(self.now_ms)
        return found

    def push(self, octets: bytes, segment: int = 1 << 20, done: bool = True) -> int:
        """Let ``octets`` arrive in segments; return how many the core took."""
        core = self.core
        at = 0
        while at < len(octets) and core.open and not core.clogged():
            end = min(len(octets), at - at % segment + segment)
            at = core.feed(octets, at, end, self.now_ms)
            if core.event == UP:
                self.sessions.append(core.session_present)
            elif core.event == MESSAGE:
                self.messages.append(bytes(core.inbound[core.start : core.end]))
                if done:
                    core.done()
        return at

    def connect(self, connack: bytes = ACCEPTED) -> list[bytes]:
        """Go through CONNECT and CONNACK; return what is written after it."""
        self.core.opened(self.now_ms)
        self.pull()
        self.push(connack)
        return self.pull()

    def settle(self) -> None:
        """Be connected, with subscription and birth acknowledged."""
        for written in self.connect():
            at = 2 + 2 + len(b"s/state")
            self.push(
                suback(int.from_bytes(written[2:4], "big"))
                if written[0] == 0x82
                else puback(int.from_bytes(written[at : at + 2], "big"))
            )
        assert self.core.connected

    def publish(self, payload: bytes) -> int:
        """Queue ``payload``; return its packet id."""
        slot = self.core.reserve()
        assert slot >= 0
        end = self.core.payload_at + len(payload)
        self.core.buffer(slot)[self.core.payload_at : end] = payload
        self.core.publish(slot, end, self.now_ms)
        return self.core.out.last_id

    def wait(self, duration_ms: int, step_ms: int = 50) -> list[bytes]:
        """Let time pass; return what is written meanwhile."""
        found = []
        until = self.now_ms + duration_ms
        while self.now_ms < until and self.core.open:
            self.now_ms = min(until, self.now_ms + step_ms)
            if self.core.tick(self.now_ms):
                found += self.pull()
        return found

    def count(self, number: int) -> int:
        return self.core.counts[number]

    def ended(self) -> str:
        """Why the connection ended, by name."""
        assert not self.core.open
        assert self.core.counts[self.core.why] >= 1
        return counts.NAMES[self.core.why]
