"""What the enrolment room proposes, in words for whoever must agree."""

from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.approvals.kinds import Description, Kind, Payload
from portal.enrolment import replacing
from portal.enrolment.opening import KIND


def describe(payload: Payload) -> Description:
    """A pool of codes as counts and digests; never a code."""
    return Description(
        _("Give the codes of a new pool"),
        (
            (_("Offer"), str(payload["offer"])),
            (_("Codes"), f"{payload['codes']:,}"),
            (_("Good until the end of"), str(payload["expires"])),
            (_("Digest of the provider’s file"), str(payload["file"])),
        ),
    )


def describe_replacement(payload: Payload) -> Description:
    """A person's code by its last four signs; never a code, nor an address."""
    return Description(
        _("Give somebody another code"),
        (
            (_("Account"), f"account:{payload['account']}"),
            (_("Offer"), str(payload["offer"])),
            (_("The code ends in"), str(payload["ends"])),
        ),
    )


REPLACEMENT = Kind(
    replacing.KIND,
    proposes=frozenset({"agent"}),
    approves=frozenset({"approver"}),
    reasons={
        "code-refused": _l("The provider does not take the code"),
        "code-used": _l("Somebody else has used the code"),
        "code-told": _l("The code came into other hands"),
        "code-over": _l("The code ended before it was used: they get one that lasts longer"),
    },
    expires=timedelta(days=3),
    describe=describe_replacement,
)
POOL = Kind(
    KIND,
    proposes=frozenset({"operator", "code-manager"}),
    approves=frozenset({"approver"}),
    reasons={
        "first-codes": _l("The first codes of this offer"),
        "more-codes": _l("The codes are running out"),
        "replacement": _l("These take the place of codes that went wrong"),
    },
    expires=timedelta(days=3),
    describe=describe,
    keyed=True,
)
