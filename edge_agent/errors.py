"""What the agent raises on purpose. Every sentence names the thing and the next step."""


class AgentError(Exception):
    """Base of them all.

    Attributes:
        what: the sentence an operator reads; names the thing, gives the value seen.
        hint: the next step, or empty when there is none.
    """

    def __init__(self, what: str, *, hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.what}\n  hint: {self.hint}" if self.hint else self.what


class ConfigError(AgentError):
    """A setting, or a command's argument, that cannot be used."""


class StoreError(AgentError):
    """The store cannot be opened, or is not what it should be."""


class StoreInUse(StoreError):
    """Another process has the store to itself."""


class StoreTrouble(AgentError):
    """The store cannot be written just now: disk full, file locked. What was to be written is
    not on disk, nothing may be acknowledged, and the same may succeed later."""
