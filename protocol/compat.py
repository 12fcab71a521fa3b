"""The one difference between the interpreters that this room needs to know."""


def const(value: int) -> int:
    """Mark a number that MicroPython's compiler folds into the code."""
    return value


try:
    from micropython import const  # type: ignore[no-redef]
except ImportError:
    pass

__all__ = ["const"]
