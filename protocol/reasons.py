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
AI_REQUIRED = const(21)  # an application identifier lacks one that must stand beside it
AI_EXCLUDED = const(22)  # two application identifiers that never stand together
VALUE = const(23)  # a value breaks the rule of its own application identifier or field
SEPARATOR = const(24)  # FNC1 is missing, doubled or where none may stand
LINK = const(25)  # meant to be a GS1 Digital Link, and none
LINK_COMPRESSED = const(26)  # a compressed GS1 Digital Link: recognised, not read
TWO_READINGS = const(27)  # the octets can be two things, and nothing tells which
NO_TRACE_CODE = const(28)  # a link without exactly one trace code in it
ENVELOPE = const(29)  # ISO/IEC 15434: header, format or trailer broken
PATTERN = const(30)  # against the pattern that the settings give for this kind of code

# Verdicts: what the agent knows about the unit.
REREAD = const(40)  # the same unit, seen by the same cradle a moment ago
SEEN_BEFORE = const(41)  # the unit is booked already
ARTICLE_NUMBER = const(42)  # names the product, not the unit
NO_SERIAL = const(43)  # GS1 without 01 and 21
UNKNOWN_RECORD = const(44)  # a record kind of a newer firmware: kept, not judged
CRADLE_FAULT = const(45)  # a report about the cradle itself
NOT_IN_DOCUMENT = const(46)  # the document at this station does not expect the unit
UPSTREAM_MISSING = const(47)  # no document of the supplier speaks of the unit
SURPLUS = const(48)  # more of this product or lot than the document says
LOT_DIFFERS = const(49)
EXPIRY_DIFFERS = const(50)
PRODUCT_DIFFERS = const(51)
NOT_ACTIVATED = const(52)  # the platform does not know the code as active
RECALLED = const(53)
REFLUX_SUSPECT = const(54)  # a pack that was paid for once is back in the trade
WRONG_OWNER = const(55)  # the platform or the document names another owner
OTHER_DOCUMENT = const(56)  # booked by another document, in a state that forbids this one
PARENT_AND_CHILD = const(57)  # a pack and one that holds it, both in one document
PACK_CONFLICT = const(58)  # sources contradict each other about what is packed in what
CANCELLED = const(59)  # the code was taken back or replaced by another

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

# Verdicts, continued.
EXPIRED = const(100)  # the use-by date has passed
WRONG_LEVEL = const(101)  # a pack of a level that does not belong here
SAME_DOCUMENT = const(102)  # counted in this document already
NO_DOCUMENT = const(103)  # the station works by document, and none is open
PLACEHOLDER = const(104)  # a code that stands for split packs: counted, never unique
COMMAND_DONE = const(105)  # an operator's command barcode, carried out
COMMAND_REFUSED = const(106)  # an operator's command barcode that cannot be carried out now
REFLUX_UNKNOWN = const(107)  # nobody could say whether the pack was paid for before
SEALED = const(108)  # set aside by order: may not move
