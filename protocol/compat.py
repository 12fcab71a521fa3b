"""The one difference between the interpreters that this room needs to know."""

try:
    from micropython import const
except ImportError:

    def const(value: int) -> int:
        """Mark a number that MicroPython's compiler may fold into the code."""
        return value


__all__ = ["const"]
