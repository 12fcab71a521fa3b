"""Reads the rules of classification from settings. A wrong one is named.

They come as a JSON object: from a cradle's settings, or from the table [codes] of agent.toml.
"""

from protocol.code_rules import DEFAULT, Rules

_MAKERS = 16
_SENTINELS = 16
_SERIALS = 64

# What the rules of a market demand to stand in one GS1 string, by application identifier. Source:
# Commission Delegated Regulation (EU) 2016/161, article 4; FD&C Act, section 582(a)(9) (DSCSA).
ELEMENT_SETS = (
    ("none", ()),
    ("cn", (1, 21)),
    ("eu_fmd", (1, 21, 17, 10)),
    ("dscsa", (1, 21, 17, 10)),
)


class RulesError(ValueError):
    """A rule is unknown or out of range. The text names it, the value seen and what is allowed."""


def read(given: object) -> Rules:
    """Make the rules.

    Args:
        given: names and values, as JSON has them; what is not given has its usual value.

    Raises:
        RulesError: with the name, the value seen and what is allowed.
    """
    if not isinstance(given, dict):
        raise RulesError("the rules are " + repr(given) + "; allowed: names and values")
    rest = dict(given)
    rules = Rules()
    rules.msfx_length = _number("msfx_length", rest.pop("msfx_length", DEFAULT.msfx_length), 12, 32)
    if "msfx_heads" in rest:
        rules.msfx_heads = _heads("msfx_heads", rest.pop("msfx_heads"))
    rules.bare_msfx = _flag("bare_msfx", rest.pop("bare_msfx", DEFAULT.bare_msfx))
    if "sentinels" in rest:
        rules.sentinels = _sentinels(rest.pop("sentinels"))
    rules.has_stand_ins = _any_like_msfx(rules)
    rules.makers = _makers(rest.pop("makers", []), rules)
    rules.required = _element_set(rest.pop("element_set", "none"))
    rules.serials = _serials(rest.pop("serial_lengths", {}))
    rules.serial_least = _number(
        "serial_least", rest.pop("serial_least", DEFAULT.serial_least), 1, 20
    )
    rules.fnc1_sent = _flag("fnc1_sent", rest.pop("fnc1_sent", DEFAULT.fnc1_sent))
    rules.fnc1_leads = _flag("fnc1_leads", rest.pop("fnc1_leads", DEFAULT.fnc1_leads))
    if "command_prefix" in rest:
        rules.command_prefix = _prefix(rest.pop("command_prefix"))
    for name in rest:
        raise RulesError(str(name) + " is not a rule; leave it out")
    return rules


def _prefix(seen: object) -> bytes:
    if not isinstance(seen, str) or len(seen) > 16 or not _is_name(seen, _PREFIX):
        raise _error("command_prefix", seen, "up to 16 of a-z A-Z - :")
    return seen.encode()


_PREFIX = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-:"
_SCHEME = "abcdefghijklmnopqrstuvwxyz0123456789"
_DIGITS = "0123456789"


def _error(name: str, seen: object, allowed: str) -> RulesError:
    return RulesError(name + " is " + repr(seen) + "; allowed: " + allowed)


def _number(name: str, seen: object, least: int, most: int) -> int:
    if not isinstance(seen, int) or isinstance(seen, bool) or not least <= seen <= most:
        raise _error(name, seen, str(least) + " to " + str(most))
    return seen


def _flag(name: str, seen: object) -> bool:
    if not isinstance(seen, bool):
        raise _error(name, seen, "true, false")
    return seen


def _list(name: str, seen: object, most: int) -> "list[object]":
    if not isinstance(seen, list) or len(seen) > most:
        raise _error(name, seen, "a list of up to " + str(most))
    return seen


def _is_name(seen: str, alphabet: str) -> bool:
    for letter in seen:
        if letter not in alphabet:
            return False
    return True


def _heads(name: str, seen: object) -> "tuple[bytes, ...]":
    heads = _list(name, seen, 16)
    if not heads:
        raise _error(name, seen, "at least one head of digits")
    for i, head in enumerate(heads):
        if not isinstance(head, str) or not 1 <= len(head) <= 7 or not _is_name(head, _DIGITS):
            raise _error(name + "[" + str(i) + "]", head, "1 to 7 digits in quotes")
    return tuple([str(head).encode() for head in heads])


def _sentinels(seen: object) -> "tuple[bytes, ...]":
    codes = _list("sentinels", seen, _SENTINELS)
    for i, code in enumerate(codes):
        if not isinstance(code, str) or not 1 <= len(code.encode()) <= 64:
            raise _error("sentinels[" + str(i) + "]", code, "1 to 64 characters in quotes")
    return tuple([str(code).encode() for code in codes])


def _any_like_msfx(rules: Rules) -> bool:
    for code in rules.sentinels:
        if len(code) == rules.msfx_length and code.isdigit() and rules.is_headed(code, 0):
            return True
    return False


def _makers(seen: object, rules: Rules) -> "tuple[tuple[bytes, tuple[int, ...], bytes], ...]":
    makers: "list[tuple[bytes, tuple[int, ...], bytes]]" = []
    for i, one in enumerate(_list("makers", seen, _MAKERS)):
        name = "makers[" + str(i) + "]"
        maker = _maker(name, one)
        _, lengths, head = maker
        for length in lengths:
            if length == rules.msfx_length and _overlap(head, rules.msfx_heads):
                raise _error(name, one, "nothing that is a trace code of MSFX as well")
            for _, others, other_head in makers:
                if length in others and _overlap(head, (other_head,)):
                    raise _error(name, one, "nothing that is of another maker as well")
        makers.append(maker)
    return tuple(makers)


def _maker(name: str, seen: object) -> "tuple[bytes, tuple[int, ...], bytes]":
    if not isinstance(seen, dict):
        raise _error(name, seen, "scheme, lengths and head")
    rest = dict(seen)
    scheme = rest.pop("scheme", None)
    if not isinstance(scheme, str) or not 1 <= len(scheme) <= 8 or not _is_name(scheme, _SCHEME):
        raise _error(name + ".scheme", scheme, "1 to 8 of a-z 0-9")
    lengths = _list(name + ".lengths", rest.pop("lengths", None), 4)
    if not lengths:
        raise _error(name + ".lengths", lengths, "at least one number of digits")
    head = rest.pop("head", "")
    if not isinstance(head, str) or len(head) > 12 or not _is_name(head, _DIGITS):
        raise _error(name + ".head", head, "up to 12 digits in quotes")
    for other in rest:
        raise RulesError(name + "." + str(other) + " is not a rule; leave it out")
    least = max(6, len(head))
    digits = [_number(name + ".lengths", length, least, 64) for length in lengths]
    return scheme.encode(), tuple(digits), head.encode()


def _overlap(head: bytes, others: "tuple[bytes, ...]") -> bool:
    for other in others:
        if head.startswith(other) or other.startswith(head):
            return True
    return False


def _element_set(seen: object) -> "tuple[int, ...]":
    for name, required in ELEMENT_SETS:
        if name == seen:
            return required
    raise _error("element_set", seen, ", ".join([name for name, _ in ELEMENT_SETS]))


def _serials(seen: object) -> "tuple[tuple[bytes, int], ...]":
    if not isinstance(seen, dict) or len(seen) > _SERIALS:
        raise _error("serial_lengths", seen, "up to " + str(_SERIALS) + " heads of GTINs")
    serials: "list[tuple[bytes, int]]" = []
    for head in sorted(seen, key=lambda head: -len(head)):
        name = "serial_lengths." + head
        if not 1 <= len(head) <= 14 or not _is_name(head, _DIGITS):
            raise RulesError(name + " is no head of a GTIN; allowed: 1 to 14 digits in quotes")
        serials.append((head.encode(), _number(name, seen[head], 1, 20)))
    return tuple(serials)
