"""The inner loops of this room, in the quickest form that the interpreter has.

``protocol.octets_plain`` says what each of them means; the other forms give the same answers.
"""

try:
    import micropython  # noqa: F401  # only to know the interpreter
except ImportError:
    from protocol.octets_builtin import (
        find,
        past_date,
        past_digits,
        past_key,
        past_set82,
        same,
    )
else:
    try:
        from protocol.octets_viper import (
            find,
            past_date,
            past_digits,
            past_key,
            past_set82,
            same,
        )
    except (ImportError, SyntaxError, ValueError):  # no machine code here, or for another machine
        from protocol.octets_plain import (
            find,
            past_date,
            past_digits,
            past_key,
            past_set82,
            same,
        )

__all__ = ["find", "past_date", "past_digits", "past_key", "past_set82", "same"]
