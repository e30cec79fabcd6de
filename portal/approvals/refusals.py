"""Refusals: why a step with a proposal is not taken; nothing was changed then."""


class NotTaken(Exception):
    """The family: whoever asked hears which one it is, and the proposal stays as it was."""


class WrongRole(NotTaken):
    """Their role may not do this, or may have proposed it and so must not agree to it."""


class SamePerson(NotTaken):
    """Nobody decides about their own proposal, or agrees twice; who proposed may withdraw."""


class NotAsked(NotTaken):
    """Just this person may not decide: it is about them, or somebody else was drawn by lot."""


class NotYours(NotTaken):
    """Only who proposed may withdraw."""


class NotFresh(NotTaken):
    """They must show their passkey once more: the last time was too long ago."""


class ReasonUnknown(NotTaken):
    """No reason was given, or none of the list."""


class NoteUnfit(NotTaken):
    """The note is too long, or holds signs that cannot be printed."""


class Changed(NotTaken):
    """What they looked at is not what was proposed."""


class Gone(NotTaken):
    """It is decided, withdrawn or expired, or there never was one."""


class AlreadyProposed(NotTaken):
    """The very same is proposed and not settled yet; `number` says where."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number
