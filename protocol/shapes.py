"""The messages and records as tuples. Names and order are the wire's; protocol.cddl is the norm."""

from collections import namedtuple

# One code of a read, as the engine gave it.
#   symbology  ISO/IEC 15424 identifier without "]": b"C1", b"d2"; b"" if not sent
#   data       octets after the symbology identifier, terminator removed; 0..256
#   reason     protocol.reasons, what the cradle itself thinks; 0 is OK
Label = namedtuple("Label", ("symbology", "data", "reason"))

# One read: the labels of one frame, in order.
#   seq        count of records since boot, from 0, no gaps
#   at_ms      milliseconds since boot when the last octet arrived
ScanRecord = namedtuple("ScanRecord", ("seq", "at_ms", "labels"))

# The cradle's own trouble, counted since the last report.
#   fault      a number of firmware.core.vitals
FaultRecord = namedtuple("FaultRecord", ("seq", "at_ms", "fault", "times"))

# A record kind this side does not know yet. Its octets stay in the batch.
OtherRecord = namedtuple("OtherRecord", ("seq", "at_ms", "kind"))

# What one PUBLISH on the topic "up" carries.
#   boot_id    8 random octets drawn at power-up: (device, boot_id, seq) never repeats
#   sent_ms    milliseconds since boot when this batch was built, so that the agent can
#              compute wall time = arrival - (sent_ms - record.at_ms)
#   records    at least 1, seq ascending without gaps from first_seq
Batch = namedtuple("Batch", ("boot_id", "first_seq", "sent_ms", "records"))

# "Everything below next_seq is on my disk."
Taken = namedtuple("Taken", ("boot_id", "next_seq"))

# What shall happen with the goods of consecutive records.
#   rulings    two octets for each record: protocol.decisions, protocol.reasons
Verdicts = namedtuple("Verdicts", ("boot_id", "first_seq", "rulings"))

# Units that may not move, as a cradle looks them up; protocol.cddl says how a name is written.
#   version    rises with every change; a cradle passes over what is older than what it has
#   full       begins the list; otherwise these names follow those before, of the same version
#   names      ascending octets, each once
Holds = namedtuple("Holds", ("version", "full", "names"))

# A cradle's retained state. The will is online=False with the same boot_id.
#   firmware   version text
#   settings   first 8 octets of the settings' SHA-256
State = namedtuple("State", ("online", "boot_id", "firmware", "settings"))
