"""Ten thousand hostile frames: each gets a kind and a reason, and its batch is still read."""

from dice import Dice
from labels import any_label
from protocol import batch, cbor, wire
from protocol.window import Window
from scan_path import ScanPath

GAP_MS = 50
FRAMES = 10_000


def hostile(dice: Dice) -> bytes:
    """Return octets that no good engine sends; at least one is no terminator."""
    kind = dice.below(8)
    if kind == 0:
        return b"]" * (1 + dice.below(300))
    if kind == 1:
        return b"]d2" + b"\x1d" * dice.below(300) + b"21"
    if kind == 2:
        return b"]d201" + dice.digits(dice.below(300))
    if kind == 3:
        return b"8" + dice.digits(15 + dice.below(10))
    if kind == 4:
        return b"8" * (200 + dice.below(500))
    if kind == 5:
        return b"\xff" + dice.octets(dice.below(400))
    symbology, data = any_label(dice)
    return b"]" + symbology + dice.damaged(data) + b"\x00"


def account(path: ScanPath, now_ms: int) -> None:
    """Count the frame that was just taken, and send its record off as the agent would read it."""
    told = (path.kind, path.reason)
    counts[told] = counts.get(told, 0) + 1
    window = path.window
    until = batch.cut(window, len(out))
    end = batch.put(out, 0, window, until, b"bootboot", now_ms)
    (record,) = wire.read_batch(cbor.loads(bytes(out[:end]))).records
    assert (record.seq, record.at_ms) == (path.frames - 1, now_ms)
    assert record.labels[0].reason == path.reason
    window.mark_sent(until, now_ms)
    window.taken(until, now_ms)


dice = Dice(20_261_126)
path = ScanPath(GAP_MS, Window(4, 1024, 300, 5000))
out = bytearray(1400)
counts: "dict[tuple[int, int], int]" = {}
now_ms = 0
while path.frames < FRAMES:
    octets = hostile(dice)
    chunk = bytearray(octets + b"\r\n" if dice.below(4) else octets)
    at = 0
    while at < len(chunk):
        frames = path.frames
        at = path.take(chunk, at, len(chunk), now_ms)
        if path.frames > frames:
            account(path, now_ms)
    now_ms += GAP_MS
    if path.silent(now_ms):
        account(path, now_ms)

for kind, reason in sorted(counts):
    print("kind", kind, "reason", reason, "frames", counts[kind, reason])
print("frames", path.frames, "batches", path.window.base)
