"""The company: who speaks, and whom a customer may turn to."""

from portal.incident.section import AtLeastOne, Line, MailAddress, Section, WebAddress


class Officer(Section):
    """The data protection officer (GDPR, articles 37 to 39)."""

    name: Line
    email: MailAddress


class Regulator(Section):
    """The authority that a customer may complain to (GDPR, article 77)."""

    name: Line
    url: WebAddress


class Company(Section):
    """The company behind all brands; its postal address is given line by line, as on an envelope."""

    name: Line
    address: AtLeastOne[Line]
    email: MailAddress
    phone: Line
    data_protection_officer: Officer
    regulator: Regulator
