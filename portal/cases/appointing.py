"""What the staff proposes about helpers and the dead, in words for whoever must agree."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.approvals.kinds import Description, Kind, Payload
from portal.cases import helping
from portal.identity.helpers import Relation, Scope
from portal.members.roles import Role

LASTS = timedelta(days=3)
RELATIONS: Mapping[str, str] = {
    Relation.GUARDIAN.value: _l("A parent or guardian"),
    Relation.CARER.value: _l("A carer"),
    Relation.ATTORNEY.value: _l("Somebody with a power of attorney"),
    Relation.EXECUTOR.value: _l("An executor of the will"),
}
SCOPES: Mapping[str, str] = {
    Scope.ANSWER.value: _l("Read the answer"),
    Scope.PASSWORD.value: _l("Set a new password"),
    Scope.CODE.value: _l("Take the monitoring code"),
}


def _helper(payload: Payload) -> Description:
    until = datetime.fromisoformat(str(payload["until"]))
    facts = (
        (_("Account"), str(payload["customer"])),
        (_("Who"), str(RELATIONS[str(payload["relation"])])),
        (_("What they may do"), "; ".join(str(SCOPES[name]) for name in str(payload["may"]).split(","))),
        (_("Until"), f"{until:%Y-%m-%d %H:%M %z}"),
        (_("Digest of their address"), str(payload["address"])),
    )
    return Description(_("Let somebody act for a customer"), facts)


def _passing(payload: Payload) -> Description:
    said = _("Yes: no letter goes there any more") if payload["deceased"] else _("No, that was a mistake")
    return Description(_("A customer has died"), ((_("Account"), str(payload["customer"])), (_("Has died"), said)))


HELPER = Kind(
    helping.KIND,
    proposes=frozenset({Role.AGENT.value}),
    approves=frozenset({Role.APPROVER.value}),
    reasons={
        "birth-certificate": _l("We saw a certificate of birth"),
        "court-order": _l("We saw an order of a court"),
        "power-of-attorney": _l("We saw a power of attorney"),
        "will": _l("We saw a will, or a certificate of inheritance"),
        "customer-wish": _l("The customer wishes it, and we called the number that we know"),
    },
    expires=LASTS,
    describe=_helper,
    keyed=True,
)
PASSING = Kind(
    helping.PASSING,
    proposes=frozenset({Role.AGENT.value}),
    approves=frozenset({Role.APPROVER.value}),
    reasons={
        "certificate-seen": _l("We saw a certificate of death"),
        "executor-wrote": _l("An executor whom we know wrote to us"),
        "our-mistake": _l("A mistake of ours is put right"),
    },
    expires=LASTS,
    describe=_passing,
)
