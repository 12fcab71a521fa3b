"""Kinds of documents and their states, each as one table; and what a document must name.

A document is what one consignment, sale, return or count is booked under. Its type says what the
units must have been before and what they are afterwards; its state says what may be done with it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from edge_agent.domain import states
from edge_agent.errors import AgentError
from protocol import reasons

IN = "in"
OUT = "out"
COUNT = "count"  # goods stay where they are

# Among the states that a type needs: nothing is known of the unit, and nothing of what it is in.
NEW = -1

_FRESH = frozenset((NEW, states.SEEN))
_RECALLED = frozenset((reasons.RECALLED,))
# Goods that leave the trade: nothing about their age or a recall stands against that. What was
# sealed stays where it is until the seal is lifted.
_WORTHLESS = frozenset((reasons.RECALLED, reasons.EXPIRED))


class Type(NamedTuple):
    """One kind of document.

    Attributes:
        bill_type: number at MSFX; 0 if there is no such bill.
        event: name of the event in the scanner's XML file; "" if it has none.
        direction: IN, OUT or COUNT.
        needs: states of domain.states, or NEW, in which a unit may be booked.
        gives: the state a booked unit gets; None leaves it as it is.
        partner, person, waybill: must be named.
        despite: of protocol.reasons, what does not stand against booking here.
    """

    chinese: str
    english: str
    bill_type: int
    event: str
    direction: str
    needs: frozenset[int]
    gives: int | None
    partner: bool = False
    person: bool = False
    waybill: bool = False
    despite: frozenset[int] = frozenset()


def _of(*state: int) -> frozenset[int]:
    return frozenset(state)


# Source: bill types and names of events: the platform's interface texts (kyt.uploadinoutbill) and
# two generators of scanner files. Which states a type needs is our reading of the notices.
TYPES = {
    "purchase_in": Type(
        "采购入库",
        "purchase received",
        102,
        "PurchaseWareHouseIn",
        IN,
        _FRESH | _of(states.RETURNED_OUT),
        states.ACCEPTED,
        partner=True,
    ),
    "production_in": Type(
        "生产入库",
        "received from production",
        101,
        "ProduceWareHouseIn",
        IN,
        _FRESH,
        states.ACCEPTED,
    ),
    "sales_return_in": Type(
        "退货入库",
        "taken back from a customer",
        103,
        "ReturnWareHouseIn",
        IN,
        _of(states.SHIPPED),
        states.ACCEPTED,
        partner=True,
    ),
    "transfer_in": Type(
        "调拨入库",
        "received from another shop, store or hospital of the group",
        104,
        "AllocateWareHouseIn",
        IN,
        _FRESH | _of(states.TRANSFERRED),
        states.ACCEPTED,
        partner=True,
    ),
    "ward_return_in": Type(
        "病区退库",
        "returned by a ward",
        107,
        "",
        IN,
        _of(states.TRANSFERRED),
        states.ACCEPTED,
        partner=True,
    ),
    "consumer_return_in": Type(
        "消费者退货",
        "taken back from a person",
        116,
        "",
        IN,
        _of(states.DISPENSED),
        states.ACCEPTED,
        person=True,
    ),
    "recall_in": Type(
        "召回入库",
        "recalled goods taken in",
        108,
        "",
        IN,
        _FRESH | _of(states.SHIPPED, states.TRANSFERRED, states.DISPENSED),
        states.ACCEPTED,
        partner=True,
        despite=_WORTHLESS,
    ),
    "sale_out": Type(
        "销售出库",
        "sold to a customer",
        201,
        "SalesWareHouseOut",
        OUT,
        states.HERE,
        states.SHIPPED,
        partner=True,
    ),
    "purchase_return_out": Type(
        "退货出库",
        "returned to the supplier",
        202,
        "ReturnWareHouseOut",
        OUT,
        states.HERE,
        states.RETURNED_OUT,
        partner=True,
        despite=_of(reasons.EXPIRED),
    ),
    "transfer_out": Type(
        "调拨出库",
        "sent to another shop, store or hospital of the group",
        203,
        "AllocateWareHouseOut",
        OUT,
        states.HERE,
        states.TRANSFERRED,
        partner=True,
    ),
    "ward_supply": Type(
        "供应出库",
        "supplied to a ward",
        209,
        "",
        OUT,
        states.HERE,
        states.TRANSFERRED,
        partner=True,
    ),
    "sampling_out": Type(
        "抽检出库",
        "taken as a sample",
        206,
        "CheckWareHouseOut",
        OUT,
        states.HERE,
        states.SHIPPED,
        partner=True,
        despite=_WORTHLESS,
    ),
    "recall_out": Type(
        "召回出库",
        "recalled goods sent back",
        211,
        "",
        OUT,
        states.HERE,
        states.RETURNED_OUT,
        partner=True,
        despite=_WORTHLESS,
    ),
    "scrapping": Type(
        "报废出库",
        "written off",
        216,
        "",
        OUT,
        states.HERE,
        states.SCRAPPED,
        despite=_WORTHLESS,
    ),
    "destruction": Type(
        "销毁出库",
        "destroyed",
        205,
        "DestoryWareHouseOut",  # so spelt in the files
        OUT,
        states.HERE | _of(states.SCRAPPED),
        states.SCRAPPED,
        despite=_WORTHLESS,
    ),
    "retail_sale": Type(
        "零售",
        "sold to a person",
        321,
        "",
        OUT,
        states.HERE,
        states.DISPENSED,
    ),
    "internet_order": Type(
        "网络订单",
        "sold to a person and sent",
        321,
        "",
        OUT,
        states.HERE,
        states.DISPENSED,
        person=True,
        waybill=True,
    ),
    "vaccination": Type(
        "接种",
        "given to a person as a vaccine",
        322,
        "",
        OUT,
        states.HERE,
        states.DISPENSED,
        person=True,
    ),
    "dispensing": Type(
        "医疗机构发药",
        "dispensed to a patient",
        323,
        "",
        OUT,
        states.HERE,
        states.DISPENSED,
        person=True,
    ),
    "stock_take": Type(
        "盘点",
        "stock counted",
        0,
        "",
        COUNT,
        states.HERE | _FRESH,
        None,
        despite=_WORTHLESS | _of(reasons.SEALED, reasons.REFLUX_SUSPECT),
    ),
    "stock_gain": Type(
        "盘盈入库",
        "found when stock was counted",
        111,
        "",
        IN,
        _FRESH,
        states.ACCEPTED,
    ),
    "stock_loss": Type(
        "盘亏出库",
        "missed when stock was counted",
        214,
        "",
        OUT,
        states.HERE,
        states.SCRAPPED,
        despite=_WORTHLESS,
    ),
}

# States of a document. Never renumber one: stores out there hold them.
EXPECTED = 1
OPEN = 2
CLOSED = 3
CANCELLED = 4

# Name, 中文, and what may follow.
STATES: dict[int, tuple[str, str, tuple[int, ...]]] = {
    EXPECTED: ("expected", "待执行", (OPEN, CLOSED, CANCELLED)),
    OPEN: ("open", "执行中", (CLOSED, CANCELLED)),
    CLOSED: ("closed", "已完成", ()),
    CANCELLED: ("cancelled", "已作废", ()),
}

# What a document can be compared by; 0 is nothing: units are only counted.
BY_NOTHING = 0
BY_LINES = 1  # product, lot and quantity
BY_CODES = 2  # the codes themselves
MODE_NAMES = {BY_NOTHING: "nothing", BY_LINES: "lines", BY_CODES: "codes"}

# An identity number, or what looks like one: 15 digits, or 17 and a digit or X.
_IDENTITY = re.compile(r"\d{15}|\d{17}[\dXx]")


class DocumentError(AgentError):
    """A document that cannot be, or cannot do, what was asked of it."""


class Document(NamedTuple):
    """One document.

    Attributes:
        id: the store's number for it.
        number: by which people know it.
        type: of ``TYPES``.
        partner: who sends or gets the goods.
        owner: whose goods they are, if not those of this company: then we keep them for him.
        operator: who handles them here.
        state: of ``STATES``.
        mode: BY_NOTHING, BY_LINES or BY_CODES.
        at_ms: date of the document; UTC, milliseconds since 1970.
        order: number of the order it answers.
        person: by which the host system knows the person (a prescription, a visit); never a name.
    """

    id: int
    number: str
    type: str
    partner: str
    owner: str
    operator: str
    state: int
    mode: int
    at_ms: int
    order: str = ""
    person: str = ""
    waybill: str = ""


def lacking(type_name: str, partner: str, person: str, waybill: str) -> list[str]:
    """Return which of partner, person and waybill a document of this type must name and does not.

    Raises:
        DocumentError: there is no such type, or a person is named by an identity number.
    """
    if type_name not in TYPES:
        raise DocumentError(
            f'no type of document "{type_name}"', hint=f"known are {', '.join(TYPES)}"
        )
    if _IDENTITY.fullmatch(person):
        raise DocumentError(
            "the person of a document is named by what looks like an identity number",
            hint="name the prescription or the visit; persons are kept by `scandock person`",
        )
    of = TYPES[type_name]
    named = {"partner": partner, "person": person, "waybill": waybill}
    return [name for name, value in named.items() if getattr(of, name) and not value]


def may_follow(state: int, following: int) -> bool:
    """Say whether a document in ``state`` may go over to ``following``."""
    return following in STATES[state][2]


def type_of_event(event: str) -> str:
    """Return the type that the scanner's XML file calls ``event``; "" if there is none."""
    return next((name for name, of in TYPES.items() if event and of.event == event), "")
