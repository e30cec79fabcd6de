"""The incident of an application: read at its start, checked against the settings, and handed to whoever asks."""

from typing import Any, cast
from urllib.parse import urlsplit

from flask import Flask, current_app
from flask_babel import get_locale

from portal.config import HalfConfigured, Settings
from portal.extensions import ground
from portal.incident.brands import fault_of_origin
from portal.incident.file import Incident, read
from portal.incident.words import Words


def init_app(app: Flask) -> None:
    """Read the incident file; raises IncidentFaults, which is a HalfConfigured, and holds every fault."""
    app.extensions["incident"] = load(app.extensions["portal"].settings)
    app.context_processor(_offer_to_templates)


def load(settings: Settings) -> Incident:
    """The incident that the settings name, at the origins that they allow; raises HalfConfigured."""
    incident = read(settings.within(settings.incident))
    if settings.origin:
        if fault := fault_of_origin(settings.origin):
            raise HalfConfigured(f"PORTAL_ORIGIN: {'. '.join(fault)}.")
        incident = incident.with_origin(settings.origin)
    _place_console(settings, incident)
    plain = [brand.origin for brand in incident.brands if not brand.is_secure]
    if plain and settings.environment == "production":
        raise HalfConfigured(f"{plain[0]} is not encrypted: in production every origin must begin with https.")
    return incident


def _place_console(settings: Settings, incident: Incident) -> None:
    origin = settings.console_origin
    if origin is None:
        return
    if fault := fault_of_origin(origin):
        raise HalfConfigured(f"PORTAL_CONSOLE_ORIGIN: {'. '.join(fault)}.")
    if settings.environment == "production" and not origin.startswith("https://"):
        raise HalfConfigured(
            f"PORTAL_CONSOLE_ORIGIN: {origin} is not encrypted; in production it must begin with https."
        )
    # Cookies know hosts, not ports: a name that customers use too would share theirs.
    if urlsplit(origin).hostname in {urlsplit(brand.origin).hostname for brand in incident.brands}:
        raise HalfConfigured("PORTAL_CONSOLE_ORIGIN: the console needs a host name that no brand uses.")


def current_incident() -> Incident:
    """The incident of the application at hand; raises HalfConfigured where it could not be read."""
    held = current_app.extensions.get("incident")
    return cast(Incident, held) if held else load(ground().settings)


def current_words() -> Words:
    """The incident's words in the language of this request."""
    return current_incident().words(str(get_locale()))


def _offer_to_templates() -> dict[str, Any]:
    return {"incident": current_incident(), "words": current_words()}
