"""The talk of a cradle with a link that loses what it likes: every batch sent, every answer."""

from dice import Dice
from labels import any_label
from protocol import batch, cbor, wire
from protocol.codes import Classifier
from protocol.shapes import Taken
from protocol.window import Window

BOOT_ID = b"bootboot"
SEGMENT = 1400

dice = Dice(20_261_125)
window = Window(64, 4096, 300, 5000)
classifier = Classifier()
again = Classifier()  # of the agent
out = bytearray(SEGMENT)
now_ms = 0
booked = 0  # the agent's high-water mark
full = 0


def scan() -> int:
    """Read one label into the window; return 1 if it is full."""
    at = window.room()
    if at < 0:
        return 1
    symbology, data = any_label(dice)
    number = symbology[0] << 8 | symbology[1] if symbology else 0
    classifier.check(number, data, 0, len(data))
    dt_ms = now_ms - window.last_ms()
    if dice.below(16):
        end = wire.put_scan(window.buf, at, dt_ms, number, data, 0, len(data), classifier.reason)
    else:
        end = wire.put_fault(window.buf, at, dt_ms, dice.below(5), dice.below(1000))
    window.add(end, now_ms)
    return 0


def book(octets: bytes) -> int:
    """Book what is next, as the agent does; return its new high-water mark."""
    found = wire.read_batch(cbor.loads(octets))
    for record in found.records:
        for label in getattr(record, "labels", ()):
            # The agent judges for itself, and the cradle's own word must not differ.
            assert again.code(label.symbology, label.data).reason == label.reason
    if not found.first_seq <= booked <= found.first_seq + len(found.records):
        return booked
    return found.first_seq + len(found.records)


for _ in range(10_000):
    now_ms += dice.below(200)
    full += scan()
    if window.overdue(now_ms):
        print(now_ms, "overdue")
    until = batch.cut(window, SEGMENT)
    if until > window.sent and dice.below(3) == 0:
        end = batch.put(out, 0, window, until, BOOT_ID, now_ms)
        octets = bytes(out[:end])
        print(now_ms, window.sent, until, octets.hex())
        window.mark_sent(until, now_ms)
        if dice.below(5):
            booked = book(octets)
        if dice.below(5):
            answer = wire.read_down(cbor.loads(cbor.dumps(wire.down_item(Taken(BOOT_ID, booked)))))
            assert isinstance(answer, Taken)
            print(now_ms, "taken", answer.next_seq, window.taken(answer.next_seq, now_ms))
    elif dice.below(200) == 0:
        window.go_back()
        print(now_ms, "a new link")
print(window.next_seq, booked, full)
assert window.base <= booked <= window.next_seq
