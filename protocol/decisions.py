"""What shall happen with the goods. These numbers travel: never renumber one."""

from protocol.compat import const

PASS = const(1)
HOLD = const(2)  # set aside: a person must look
REJECT = const(3)  # no usable trace code on it
AGAIN = const(4)  # nothing wrong, nothing new: the same label a moment ago, or scan once more
