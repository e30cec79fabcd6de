"""What the enrolment room proposes, in words for whoever must agree."""

from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.approvals.kinds import Description, Kind, Payload
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
)
