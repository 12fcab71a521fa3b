from typing import NamedTuple

class Label(NamedTuple):
    symbology: bytes
    data: bytes
    reason: int

class ScanRecord(NamedTuple):
    seq: int
    at_ms: int
    labels: tuple[Label, ...]

class FaultRecord(NamedTuple):
    seq: int
    at_ms: int
    fault: int
    times: int

class OtherRecord(NamedTuple):
    seq: int
    at_ms: int
    kind: int

class Batch(NamedTuple):
    boot_id: bytes
    first_seq: int
    sent_ms: int
    records: list[ScanRecord | FaultRecord | OtherRecord]

class Taken(NamedTuple):
    boot_id: bytes
    next_seq: int

class Verdicts(NamedTuple):
    boot_id: bytes
    first_seq: int
    rulings: bytes

class Holds(NamedTuple):
    version: int
    full: bool
    names: list[bytes]

class State(NamedTuple):
    online: bool
    boot_id: bytes
    firmware: str
    settings: bytes
