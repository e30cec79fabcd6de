"""Why a letter did not leave: the three cases that call for different patience."""


class Unavailable(Exception):
    """The postbox itself is away; no letter was taken and none is to blame."""


class Refused(Exception):
    """The other side said no to this letter; `permanent` after a 5xx, `bounced` if the mailbox does not exist."""

    def __init__(self, answer: str, *, permanent: bool, bounced: bool = False) -> None:
        super().__init__(answer)
        self.answer = answer
        self.permanent = permanent
        self.bounced = bounced


class Uncertain(Exception):
    """The line broke after the letter was on its way: it may have arrived."""
