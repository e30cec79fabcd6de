"""Busy: the one refusal that hashing and every store have in common."""


class StoreBusy(Exception):
    """The store asks to wait; nothing was done."""

    def __init__(self, seconds: float = 0) -> None:
        super().__init__()
        self.seconds = seconds
