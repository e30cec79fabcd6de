"""What the cohort room proposes, in words for whoever must agree."""

from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.approvals.kinds import Description, Kind, Payload
from portal.cohort.drafts import KIND


def describe(payload: Payload) -> Description:
    """A revision as counts and digests."""
    counts = (
        (_("Accounts in the list"), "accounts"),
        (_("New accounts"), "new"),
        (_("Answers that become “affected”"), "affected"),
        (_("Answers that become “not affected”"), "not_affected"),
        (_("Answers that become “cannot tell yet”"), "unknown"),
        (_("Answers that become “under review”"), "under_review"),
    )
    digests = ((_("Digest of the list"), "list"), (_("Digest of the incident file"), "incident_file"))
    return Description(
        _("Make revision %(number)s the answer", number=payload["revision"]),
        (
            *((label, f"{payload[name]:,}") for label, name in counts),
            *((label, str(payload[name])) for label, name in digests),
        ),
    )


REVISION = Kind(
    KIND,
    proposes=frozenset({"operator"}),
    approves=frozenset({"approver"}),
    reasons={
        "first-answers": _l("The first answers"),
        "new-findings": _l("We know more than before"),
        "correction": _l("An earlier revision was wrong"),
    },
    expires=timedelta(days=3),
    describe=describe,
    keyed=True,
)
