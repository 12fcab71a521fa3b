"""The register of stock without codes; what was taken says from which sale line."""

from __future__ import annotations

from datetime import date

from edge_agent.domain.nocode import NoCodeError, Part, Stock, portion
from edge_agent.store import acts
from edge_agent.store.driver import Tx

_COLUMNS = "id, product, lot, expiry, bought, zone, quantity, remains, coalesce(checked, 0)"


def add(tx: Tx, now_ms: int, who: str, stock: Stock) -> int:
    """Register a delivery; return its number. Id, remains and check of ``stock`` are not looked at.

    Raises:
        NoCodeError: no zone, or no quantity.
    """
    if not stock.zone or stock.quantity < 1:
        raise NoCodeError(
            f'product {stock.product}, lot {stock.lot}: zone "{stock.zone}",'
            f" quantity {stock.quantity}",
            hint="name the zone where it is kept apart, and how many smallest packs there are",
        )
    values = (stock.product, stock.lot, f"{stock.expiry}", f"{stock.bought}", stock.zone)
    (number,) = tx.execute(
        "INSERT INTO nocode (product, lot, expiry, bought, zone, quantity, remains)"
        " VALUES (?, ?, ?, ?, ?, ?6, ?6) RETURNING id",
        (*values, stock.quantity),
    ).fetchone()
    names = ("product", "lot", "expiry", "bought", "zone")
    body = {"id": number, **dict(zip(names, values, strict=True)), "quantity": stock.quantity}
    acts.append(tx, now_ms, who, "nocode.add", body)
    return int(number)


def check(tx: Tx, now_ms: int, who: str, number: int, words: str) -> None:
    """File that a person has checked an entry against papers and goods.

    Raises:
        NoCodeError: there is none of this number.
    """
    if not tx.execute("SELECT 1 FROM nocode WHERE id = ?", (number,)).fetchone():
        raise NoCodeError(f"{number}: not in the register", hint="`scandock nocode list` shows all")
    act = acts.append(tx, now_ms, who, "nocode.check", {"id": number, "words": words})
    tx.execute("UPDATE nocode SET checked = ? WHERE id = ?", (act, number))


def take(
    tx: Tx, now_ms: int, who: str, product: str, quantity: int, document: str, line: int, on: date
) -> list[Part]:
    """Take stock for one line of a sale, the earliest expiry first.

    Args:
        document: the number of the sale, by which the line is flagged as free of codes.

    Returns:
        what to fetch from where, as it was before.

    Raises:
        NoCodeError: there is not so much.
    """
    if quantity < 1:
        raise NoCodeError(f"quantity = {quantity}: nothing to take", hint="take 1 or more")
    parts = portion(stocks(tx, product), quantity, on)
    tx.executemany(
        "UPDATE nocode SET remains = remains - ? WHERE id = ?",
        [(part.quantity, part.stock.id) for part in parts],
    )
    taken = [[part.stock.id, part.quantity] for part in parts]
    body = {"product": product, "document": document, "line": line, "taken": taken}
    act = acts.append(tx, now_ms, who, "nocode.take", body)
    tx.executemany(
        "INSERT INTO nocode_taken (document, line, nocode, quantity, act) VALUES (?, ?, ?, ?, ?)",
        [(document, line, part.stock.id, part.quantity, act) for part in parts],
    )
    return parts


def stocks(tx: Tx, product: str = "") -> list[Stock]:
    """The register, of one product or of all, the earliest expiry first."""
    return [
        Stock(id, of, lot, date.fromisoformat(expiry), date.fromisoformat(bought), *rest)
        for id, of, lot, expiry, bought, *rest in tx.execute(
            f"SELECT {_COLUMNS} FROM nocode WHERE ?1 = '' OR product = ?1 ORDER BY expiry, id",
            (product,),
        )
    ]


def flagged(tx: Tx, document: str) -> dict[int, int]:
    """How many smallest packs of each line of a sale came from the register: their payment passes
    without codes."""
    return dict(
        tx.execute(
            "SELECT line, sum(quantity) FROM nocode_taken WHERE document = ? GROUP BY line",
            (document,),
        ).fetchall()
    )


def bought(tx: Tx, document: str, line: int) -> date | None:
    """When the newest of the stock for a line was bought, for ``obligations.gate``; None if none of
    the line is from the register."""
    (day,) = tx.execute(
        "SELECT max(n.bought) FROM nocode_taken t JOIN nocode n ON n.id = t.nocode"
        " WHERE t.document = ? AND t.line = ?",
        (document, line),
    ).fetchone()
    return date.fromisoformat(day) if day else None
