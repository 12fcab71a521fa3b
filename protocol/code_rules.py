"""The rules of classification: what differs from site to site (see protocol.code_settings).

Cradle and agent must have the same, or they call one label by two names.
"""


class Rules:
    """One attribute for each rule. Nobody changes it once it is made.

    Attributes:
        msfx_length, msfx_heads: a trace code of MSFX has so many digits and begins with one of
            these. By default 20 and "8": the platform itself filters out all others.
        bare_msfx: such digits are a trace code even where no symbology identifier is sent and they
            read as GS1 as well. Without this they are in doubt.
        sentinels: codes that stand for split packs.
        has_stand_ins: one of them would pass for a trace code.
        makers: makers' own numbers: name of the scheme, which is part of the unit's key and never
            changes, lengths, and the digits they begin with.
        required: identifiers that a GS1 string with a GTIN must have to name a unit; by the name of
            an element set.
        serials: heads of GTINs and how long their serial numbers are, the longest heads first.
        serial_least: where nothing else tells, a serial number is at least so long.
        fnc1_sent: the engines are known to send FNC1, so that no string lacks one.
        fnc1_leads: the engines send the FNC1 that opens a GS1 symbol also behind its identifier,
            where by the standard none is due. Without an identifier it may always lead.
        command_prefix: what an operator's command begins with; empty if there are none.
    """

    def __init__(self) -> None:
        """The usual rules."""
        self.msfx_length = 20
        self.msfx_heads: "tuple[bytes, ...]" = (b"8",)
        self.bare_msfx = True
        self.sentinels: "tuple[bytes, ...]" = (b"9" * 20, b"0" * 20)
        self.has_stand_ins = False
        self.makers: "tuple[tuple[bytes, tuple[int, ...], bytes], ...]" = ()
        self.required: "tuple[int, ...]" = ()
        self.serials: "tuple[tuple[bytes, int], ...]" = ()
        self.serial_least = 6
        self.fnc1_sent = False
        self.fnc1_leads = False
        self.command_prefix = b"scandock:"

    def is_headed(self, data: bytes, at: int) -> bool:
        """Say whether ``data[at:]`` begins as a trace code does; the caller knows of the room."""
        for head in self.msfx_heads:
            if stands_at(head, data, at):
                return True
        return False

    def is_sentinel(self, data: bytes, start: int, end: int) -> bool:
        for code in self.sentinels:
            if len(code) == end - start and stands_at(code, data, start):
                return True
        return False

    def maker(self, data: bytes, start: int, end: int) -> int:
        """Whose the digits ``data[start:end]`` are: an index of ``makers``, or -1."""
        index = 0
        for _, lengths, head in self.makers:
            if end - start in lengths and stands_at(head, data, start):
                return index
            index += 1
        return -1

    def serial_length(self, data: bytes, gtin: int) -> int:
        """How long serial numbers of the GTIN at ``data[gtin:]`` are; 0 if nothing is known."""
        for head, length in self.serials:
            if stands_at(head, data, gtin):
                return length
        return 0


def stands_at(head: bytes, data: bytes, at: int) -> bool:
    """Say whether ``head`` stands in ``data`` at ``at``; the caller knows that there is room."""
    for octet in head:
        if data[at] != octet:
            return False
        at += 1
    return True


DEFAULT = Rules()
