"""Cuts batches of what waits in the window, anew at every try: a record's name is its seq."""

from protocol import wire_cradle
from protocol.compat import const
from protocol.window import Window

RECORDS_MAX = const(64)
HEAD_MAX = const(48)  # octets of a batch before its records


def cut(window: Window, octets_max: int) -> int:
    """Return the seq after the last record of the next batch; ``window.sent`` when nothing waits.

    Args:
        octets_max: what the batch may measure, head included; at least HEAD_MAX and one record.
    """
    seq = window.sent
    left = octets_max - HEAD_MAX
    while seq < window.next_seq and seq - window.sent < RECORDS_MAX:
        left -= window.stop(seq) - window.start(seq)
        if left < 0:
            break
        seq += 1
    return seq


def put(out: bytearray, at: int, window: Window, until: int, boot_id: bytes, now_ms: int) -> int:
    """Write the batch ``window.sent`` … ``until`` at ``out[at]``; return the offset after it."""
    first = window.sent
    base_ms = window.ms_before(first)
    at = wire_cradle.put_batch_head(out, at, boot_id, first, base_ms, now_ms, until - first)
    buf = memoryview(window.buf)
    for seq in range(first, until):
        record = buf[window.start(seq) : window.stop(seq)]
        out[at : at + len(record)] = record
        at += len(record)
    return at
