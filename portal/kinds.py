"""Kinds: who knows what about which letter, and who carries out which kind of proposal."""

from portal.approvals.carrying import Act
from portal.approvals.exports import Exporting
from portal.cases import alerts, cooling, helping, mailbox_letters
from portal.cases import correspondence as case_letters
from portal.cases import exports as case_exports
from portal.cases.alerts import Watch
from portal.cohort import drafts
from portal.cohort.proposals import Committing
from portal.enrolment import correspondence as enrolment_letters
from portal.enrolment import opening, replacing
from portal.extensions import Ground
from portal.identity import answering
from portal.identity.correspondence import LinkLetter, UnknownLetter, sender_of
from portal.incident.file import Incident
from portal.lookups import exports
from portal.mail import officers
from portal.mail.writing import Kind
from portal.members import correspondence as member_letters
from portal.members import recovery
from portal.reset import correspondence as reset_letters


def letters(incident: Incident) -> dict[str, Kind]:
    """Who knows what about which letter."""
    return {
        answering.LINK: LinkLetter(incident),
        answering.UNKNOWN: UnknownLetter(incident),
        reset_letters.KIND: reset_letters.PasswordChanged(incident),
        enrolment_letters.KIND: enrolment_letters.CodeReadyLetter(incident),
        case_letters.KIND: case_letters.CaseAnswerLetter(incident),
        cooling.LETTER: mailbox_letters.ChangeLetter(incident),
        helping.LETTER: helping.HelperLetter(incident),
        alerts.KIND: alerts.AlertLetter(sender_of(incident, incident.brands[0].origin)),
        officers.KIND: officers.AnchorLetter(sender_of(incident, incident.brands[0].origin), incident.zone),
        member_letters.KIND: member_letters.InvitationLetter(sender_of(incident, ""), incident.zone),
    }


def watch(held: Ground, incident: Incident) -> Watch:
    """Who is told of alarms."""
    return Watch(held.keys, held.settings.officer_addresses, incident.brands[0].origin, incident.locales[0])


def acts(held: Ground, incident: Incident) -> dict[str, Act]:
    """Who carries out which kind of proposal, once two people agree."""
    return {
        drafts.KIND: Committing(held.database),
        opening.KIND: opening.Opening(held.database),
        recovery.KIND: recovery.Recovering(held.database, held.keys, held.settings.console_origin),
        replacing.KIND: replacing.Replacing(held.database, held.keys, incident),
        exports.KIND: Exporting(held.database, exports.count),
        case_exports.KIND: Exporting(held.database, case_exports.count),
        cooling.KIND: cooling.Agreed(held.database, held.keys),
        helping.KIND: helping.Appointing(held.database, held.keys, incident),
        helping.PASSING: helping.Passing(held.database, held.keys),
        cooling.SOONER: cooling.Hurrying(held.database, watch(held, incident)),
    }
