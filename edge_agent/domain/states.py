"""The states of a unit in our hands: numbers that the store keeps, names, and words for people.

Whether a unit is sealed or recalled is no state of it: that is an order somebody gave, and can be
lifted (domain.holds). Its state stays what it was.
"""

from __future__ import annotations

# Never renumber one: stores out there hold them.
SEEN = 0  # read and passed; no document speaks of it
ACCEPTED = 1
SHIPPED = 2
RETURNED_OUT = 3
TRANSFERRED = 4
DISPENSED = 5
SCRAPPED = 6
REPLACED = 7
CANCELLED = 8

# Number: name for machines, then 中文 and English.
NAMES = {
    SEEN: ("seen", "已扫描", "seen"),
    ACCEPTED: ("accepted", "已入库", "accepted into stock"),
    SHIPPED: ("shipped", "已出库", "shipped to a customer"),
    RETURNED_OUT: ("returned-out", "已退供应商", "returned to the supplier"),
    TRANSFERRED: ("transferred", "已调拨", "transferred to another place of ours"),
    DISPENSED: ("dispensed", "已售出或已使用", "dispensed or sold to a person"),
    SCRAPPED: ("scrapped", "已报损销毁", "scrapped"),
    REPLACED: ("replaced", "已换码", "replaced by another code"),
    CANCELLED: ("cancelled", "已注销", "cancelled"),
}

# In our hands: the unit can be counted, picked, shipped.
HERE = frozenset((SEEN, ACCEPTED))
# The code names nothing any more, and never will again.
VOID = frozenset((REPLACED, CANCELLED))
