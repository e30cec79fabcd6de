"""A flight: letters handed over on several lines at once, a step each in turn; nobody waits for one line alone."""

from collections.abc import Sequence
from time import monotonic

from portal.mail import outbox
from portal.mail.postboxes import Postbox, Refused, Talk, Unavailable, Uncertain
from portal.mail.writing import Outcome, Ready


def fly(lines: Sequence[Postbox], written: Sequence[Ready | Outcome]) -> list[Outcome]:
    """Hand over what is ready, a letter a line; what became of each, and of those that never left."""
    ready = [one for one in written if isinstance(one, Ready)]
    outcomes = [one for one in written if isinstance(one, Outcome)]
    talks = [(one, line.talk(one.body, sender=one.sender, to=one.to)) for one, line in zip(ready, lines, strict=False)]
    for _, talk in talks:
        next(talk)
    while talks:
        began, left = monotonic(), list[tuple[Ready, Talk]]()
        for one, talk in talks:
            if outcome := _outcome(one, talk, monotonic() - began):
                outcomes.append(outcome)
            else:
                left.append((one, talk))
        talks = left
    return outcomes


def _outcome(one: Ready, talk: Talk, waited: float) -> Outcome | None:
    """What became of a letter, or None where there is more to say."""
    try:
        talk.send(waited)
    except StopIteration as end:
        return Outcome(one.letter, outbox.SENT, end.value)
    except (Refused, Unavailable, Uncertain) as trouble:
        return Outcome(one.letter, trouble=trouble)
    except Exception as fault:  # nobody knows how far it came
        return Outcome(one.letter, trouble=Uncertain(type(fault).__name__))
    return None
