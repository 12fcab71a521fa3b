"""What 15,000 messages say, most of them damaged: read and written again, or why not and where."""

from dice import Dice
from messages import any_item
from protocol import cbor, wire
from protocol.errors import ProtocolError

WAYS = (
    (wire.read_batch, wire.batch_item),
    (wire.read_down, wire.down_item),
    (wire.read_state, wire.state_item),
)


def line(octets: bytes) -> str:
    try:
        item = cbor.loads(octets)
    except ProtocolError as error:
        return "not CBOR: %d at %d" % (error.reason, error.at)
    said = "CBOR " + cbor.dumps(item).hex()
    for read, item_of in WAYS:
        try:
            said += " | " + cbor.dumps(item_of(read(item))).hex()
        except ProtocolError as error:
            said += " | %d at %d" % (error.reason, error.at)
    return said


dice = Dice(20_261_123)
for _ in range(15_000):
    octets = cbor.dumps(any_item(dice))
    if dice.below(4):
        octets = dice.damaged(octets)
    print((b"given " + octets).hex(), line(octets))
