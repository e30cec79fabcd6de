"""What the members propose, in words for whoever must agree."""

from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.approvals.kinds import Description, Kind, Payload
from portal.members.recovery import KIND, admits
from portal.members.roles import Role


def describe(payload: Payload) -> Description:
    """Who begins anew; the console puts the name beside the number."""
    facts = ((_("Member"), str(payload["member"])), (_("Digest of their passkeys"), str(payload["passkeys"])))
    return Description(_("Let a member begin anew, with a new passkey"), facts)


RECOVERY = Kind(
    KIND,
    proposes=frozenset({Role.ADMIN.value, Role.APPROVER.value}),
    approves=frozenset({Role.ADMIN.value, Role.APPROVER.value}),
    reasons={
        "device-lost": _l("Every device of theirs is lost or broken"),
        "device-stolen": _l("A device of theirs may be in other hands"),
    },
    expires=timedelta(days=1),
    describe=describe,
    apart=False,
    admits=admits,
)
