"""Prints the octets that a publish allocates on its way through the core, and an answer to it."""

import gc

from firmware.mqtt.core import Core

PUBACK = bytearray(b"\x40\x02\xff\xff")


def mem_alloc():
    return gc.mem_alloc() if hasattr(gc, "mem_alloc") else 0


def up():
    core = Core("c9", "s/down", "s/up", "s/state", b"on", b"off")
    core.opened(0)
    while core.next_out(0):
        core.written(0)
    core.feed(b"\x20\x02\x00\x00", 0, 4, 0)
    while core.next_out(0):
        core.written(0)
    return core


def publishes(core, times):
    """Eight publishes wait for their PUBACK, as many times as asked."""
    for now_ms in range(times):
        while True:
            slot = core.reserve()
            if slot < 0:
                break
            buf = core.buffer(slot)
            buf[core.payload_at] = 1
            core.publish(slot, core.payload_at + 1200, now_ms)
        first = core.out.last_id - 7
        while core.next_out(now_ms):
            core.written(now_ms)
        for packet_id in range(first, first + 8):
            core.out.acknowledge(packet_id, now_ms)


def answers(core, times):
    """As many inbound PUBACKs, a tick each."""
    for now_ms in range(times):
        core.feed(PUBACK, 0, len(PUBACK), now_ms)
        core.tick(now_ms)


for work in (publishes, answers):
    core = up()
    core.out.last_id = 100
    work(core, 2)
    gc.collect()
    gc.disable()
    before = mem_alloc()
    work(core, 500)
    print(work.__name__, (mem_alloc() - before) // 500)
    gc.enable()
