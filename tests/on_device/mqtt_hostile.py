"""Feeds 10,000 damaged broker streams to the MQTT core, and prints what it made of them.

The damage comes from a fixed sequence, so that both interpreters print the same.
"""

from firmware.mqtt import counts
from firmware.mqtt.core import MESSAGE, Core

DOWN = b"s/down"
STREAMS = 10000


class Dice:
    """Numbers that look like chance and are the same everywhere (Lehmer, MINSTD)."""

    def __init__(self, seed):
        self.state = seed

    def below(self, n):
        self.state = self.state * 48271 % 0x7FFFFFFF
        return self.state % n


def publish(qos, packet_id, payload, topic=DOWN):
    body = len(topic).to_bytes(2, "big") + topic
    if qos:
        body += packet_id.to_bytes(2, "big")
    body += payload
    head = bytes([0x30 | qos << 1])
    length = len(body)
    if length < 128:
        return head + bytes([length]) + body
    return head + bytes([length & 0x7F | 0x80, length >> 7]) + body


PACKETS = (
    b"\x20\x02\x00\x00",
    b"\x20\x02\x01\x00",
    b"\x20\x02\x00\x05",
    b"\x90\x03\x00\x01\x01",
    b"\x90\x03\x00\x02\x80",
    b"\x40\x02\x00\x01",
    b"\x40\x02\x00\x02",
    b"\x40\x02\x00\x03",
    b"\x62\x02\x00\x07",
    b"\xd0\x00",
    publish(0, 0, b"zero"),
    publish(1, 5, b"one" * 30),
    publish(2, 7, b"two"),
    publish(1, 6, b"large" * 60),
    publish(1, 8, b"foreign", b"s/other"),
)


def stream(dice):
    octets = bytearray(PACKETS[dice.below(2 if dice.below(16) else len(PACKETS))])
    for _ in range(dice.below(8)):
        octets.extend(PACKETS[dice.below(len(PACKETS))])
    for _ in range(dice.below(4)):
        at = dice.below(len(octets))
        blow = dice.below(4)
        if blow == 0:
            octets[at] ^= 1 << dice.below(8)
        elif blow == 1:
            octets[at] = dice.below(256)
        elif blow == 2:
            octets = octets[:at] + octets[at + 1 :]
        else:
            octets = octets[:at] + bytes([dice.below(256)]) + octets[at:]
        if not octets:
            break
    return octets


def write_all(core, now_ms):
    while core.next_out(now_ms):
        assert 0 <= core.out.start < core.out.end <= len(core.out.buf)
        core.written(now_ms)


def play(core, octets, dice, now_ms):
    """One connection. Returns how many messages were delivered."""
    delivered = 0
    core.opened(now_ms)
    write_all(core, now_ms)
    at = 0
    while at < len(octets):
        end = min(len(octets), at + 1 + dice.below(40))
        while at < end:
            at = core.feed(octets, at, end, now_ms)
            if core.event == MESSAGE:
                assert 0 <= core.start <= core.end <= len(core.inbound)
                delivered += 1
                core.done()
            slot = core.reserve()
            if slot >= 0:
                core.publish(slot, core.payload_at + 3, now_ms)
            write_all(core, now_ms)
    core.lost(now_ms)
    return delivered


def main():
    dice = Dice(2024)
    core = Core("c9", "s/down", "s/up", "s/state", b"on", b"off", slots=4, inbound_max=256)
    delivered = 0
    for number in range(STREAMS):
        core.out.last_id = 0  # so that acknowledgements meet what they name
        delivered += play(core, stream(dice), dice, number * 60000)
        assert not core.open
        assert core.why >= counts.FIRST_REASON
        assert sum(core.counts[counts.FIRST_REASON :]) == number + 1
        assert core.in_flight() <= 4
    print("delivered", delivered)
    for name, count in zip(counts.NAMES, core.counts):
        print(name, count)
    # The core is as good as new: a well-behaved broker gets everything that is still on its way.
    now_ms = STREAMS * 60000
    core.opened(now_ms)
    write_all(core, now_ms)
    core.feed(b"\x20\x02\x00\x00", 0, 4, now_ms)
    waiting = core.in_flight()
    written = core.counts[counts.PUBLISHED]
    write_all(core, now_ms)
    print("at last", waiting, core.counts[counts.PUBLISHED] - written)


main()
