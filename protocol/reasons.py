"""Why a label, a message or a scan is not simply good. These numbers travel: never renumber one.

A cradle puts one on a label, the agent on a verdict and on a quarantined message. The words for
people stand in edge_agent.domain.wording.
"""

from protocol.compat import const

OK = const(0)

# Framing: what the engine's octets looked like.
UNTERMINATED = const(1)  # the line went silent inside a frame
TOO_LONG = const(2)  # more octets than a frame may have; the first ones are kept as evidence
NO_READ = const(3)  # the engine's own word for "nothing was read"

# Codes: what is wrong with the octets of one label.
EMPTY = const(10)
LENGTH = const(11)
NOT_DIGITS = const(12)
HEAD = const(13)  # twenty digits that do not begin with 8
CHECK_DIGIT = const(14)
DATE = const(15)
CHARACTER = const(16)  # outside GS1's character set 82
AI_UNKNOWN = const(17)
AI_REPEATED = const(18)  # the same application identifier with two values
FOREIGN = const(20)  # no code of the trade

# Verdicts: what the agent knows about the unit.
REREAD = const(40)  # the same unit, seen by the same cradle a moment ago
SEEN_BEFORE = const(41)  # the unit is booked already
ARTICLE_NUMBER = const(42)  # names the product, not the unit
NO_SERIAL = const(43)  # GS1 without 01 and 21
UNKNOWN_RECORD = const(44)  # a record kind of a newer firmware: kept, not judged
CRADLE_FAULT = const(45)  # a report about the cradle itself

# CBOR: outside the slice of RFC 8949 that we speak.
TRUNCATED = const(60)
TRAILING = const(61)
NOT_SHORTEST = const(62)
INDEFINITE = const(63)
TAG = const(64)
FLOAT_OR_SIMPLE = const(65)
KEY_TYPE = const(66)
KEY_ORDER = const(67)  # not ascending; a duplicate is not ascending either
DEPTH = const(68)
SIZE = const(69)
UTF8 = const(70)

# Messages: right CBOR of the wrong shape.
VERSION = const(80)
KIND = const(81)
FIELD = const(82)
TOPIC = const(83)
INTERNAL = const(84)  # our own fault; the message is kept for a person to look at
