"""The words of the console for what the ground only names: roles, and ways to sign in."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from portal.approvals import proposals
from portal.members import sessions
from portal.members.roles import Role


@dataclass(frozen=True)
class Words:
    """A role's name and what it lets a member do."""

    name: LazyString
    hint: LazyString


ROLES = {
    Role.AGENT: Words(_l("Agent"), _l("Helps customers. Cannot also be an approver.")),
    Role.APPROVER: Words(_l("Approver"), _l("Agrees to what others propose, and reads the trail.")),
    Role.CODE_MANAGER: Words(_l("Code manager"), _l("Looks after the monitoring codes.")),
    Role.OPERATOR: Words(_l("Operator"), _l("Loads lists and writes to customers.")),
    Role.AUDITOR: Words(_l("Auditor"), _l("Reads the trail and changes nothing.")),
    Role.ADMIN: Words(_l("Admin"), _l("Invites members, gives roles, shuts people out.")),
}
STATES = {
    proposals.OPEN: _l("Waiting"),
    proposals.APPROVED: _l("Approved, not carried out yet"),
    proposals.DONE: _l("Done"),
    proposals.REFUSED: _l("Refused"),
    proposals.WITHDRAWN: _l("Withdrawn"),
    proposals.EXPIRED: _l("Expired"),
    proposals.VOID: _l("Void: what it speaks of changed"),
}
WAYS = {
    sessions.PASSKEY: _l("with a passkey"),
    sessions.TOTP: _l("with codes of an app, for a while"),
    sessions.OIDC: _l("through your company"),
}
