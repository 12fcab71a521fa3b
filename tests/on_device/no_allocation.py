"""Prints how many octets 1,000 scans of each sort allocate, from the engine's octets to `taken`.

For MicroPython only: CPython cannot tell. A pause for collecting garbage is what loses octets on a
UART, so the scan path makes no garbage.
"""

import gc

from protocol.window import Window
from scan_path import ScanPath

GAP_MS = 50
SCANS = 1000
SORTS = (
    ("MSFX20", b"]C089999999000000000018\r\n"),
    ("GS1", b"]d2\x1d0108999999000011219A0001\x1d1728123110LOT9\x1d30100\r\n"),
    ("SSCC", b"]C100089999999000000014\r\n"),
    ("EAN13", b"]E08999999000011\r\n"),
    ("garbled", b"]C08999999900000O000018\r\n"),
    ("GS1 garbled", b"]d20108999999000011219A~\r\n"),
    ("GS1 in doubt", b"]d20108999999000011219A000117281231\r\n"),
    ("foreign", b"]C0SHELF-1234\r\n"),
    ("leaflet", b"]Q1https://example.com/8999999\r\n"),
    ("trace code in a link", b"]Q1https://example.com/?c=89999999000000000018\r\n"),
    ("Digital Link", b"]Q1https://id.gs1.org/01/08999999000011/10/L%2F9/21/9A0001\r\n"),
    ("envelope", b"]d1[)>\x1e06\x1d9N110375286414\x1dS9A0001\x1e\x04\r\n"),
    ("envelope garbled", b"]d1[)>\x1e06\x1d9N110375286415\x1dS9A0001\x1e\x04\r\n"),
    ("MA", b"]Q1MA.156.M0.100761.21234561.S9x1.C3\r\n"),
    ("MA garbled", b"]Q1MA.156.M0.100761.21234561.S9x1.X3\r\n"),
    ("PZN", b"]A0-03752864\r\n"),
    ("sentinel", b"]C099999999999999999999\r\n"),
    ("command", b"]C0scandock:open:PO-9\r\n"),
    ("composite", b"]E08999999000011|]e010LOT\r\n"),
    ("no symbology", b"89999999000000000018\r\n"),
    ("too long", b"8" * 700 + b"\r\n"),
    ("unterminated", b"]C089999999000"),
)


def allocated(octets: bytes) -> "tuple[int, int]":
    """Return what the scans allocated, and the reason they were given."""
    window = Window(4, 2048, 300, 5000)
    path = ScanPath(GAP_MS, window)
    chunk = bytearray(octets)
    now_ms = 0
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    while path.frames < SCANS:
        at = 0
        while at < len(chunk):
            at = path.take(chunk, at, len(chunk), now_ms)
        now_ms += GAP_MS
        path.silent(now_ms)
        window.mark_sent(window.next_seq, now_ms)
        window.taken(window.next_seq, now_ms)
    after = gc.mem_alloc()
    gc.enable()
    return after - before, path.reason


for sort, octets in SORTS:
    print(sort, "allocated %d reason %d" % allocated(octets))
