"""Brands: the names that customers know the company by, each with its own address on the web and in the mail."""

import re
from typing import Annotated

from pydantic import AfterValidator

from portal.incident.section import Id, Line, MailAddress, Section, wrong

ORIGIN = re.compile(r"(https?)://([a-z0-9-]+(?:\.[a-z0-9-]+)*)(?::\d{1,5})?")
THIS_MACHINE = ("localhost", "127.0.0.1")


def fault_of_origin(origin: str) -> tuple[str, str] | None:
    """What is wrong with an origin, and what to do; None if it can be used."""
    found = ORIGIN.fullmatch(origin)
    if not found:
        return f"“{origin}” is not an origin", 'Give scheme and host only, such as "https://incident.company.example"'
    if found[1] == "http" and found[2] not in THIS_MACHINE:
        return f"“{origin}” is not encrypted", "Begin it with https; plain http is for this machine alone"
    return None


def _checked(origin: str) -> str:
    if fault := fault_of_origin(origin):
        raise wrong(*fault)
    return origin


class Brand(Section):
    """A brand: where its pages live, who its letters come from, and how its customers reach a person."""

    id: Id
    name: Line
    origin: Annotated[str, AfterValidator(_checked)]
    sender: MailAddress
    sender_name: Line
    email: MailAddress
    phone: Line

    @property
    def is_secure(self) -> bool:
        """Whether its pages are spoken to over TLS."""
        return self.origin.startswith("https://")
