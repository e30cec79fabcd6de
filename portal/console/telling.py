"""Telling: what customers may read of the looks at their accounts and cases, in words; no names."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy.orm import Session

from portal.cases.looks import Look
from portal.lookups import looks
from portal.lookups.door import DEEDS, LOOKERS, REASONS
from portal.web.origins import site


def looks_at(session: Session, about: Collection[UUID]) -> list[Look]:
    """Every look at these accounts or cases, the newest first; of several accounts, each with its brand."""
    brands = {brand.id: brand.name for brand in site().brands}
    told = looks.told(session, about)
    places = {
        one.brand: f" ({brands.get(one.brand, one.brand)})" if len(about) > 1 and one.brand else "" for one in told
    }
    return [Look(one.at, LOOKERS[one.role], REASONS[one.reason], DEEDS[one.what] + places[one.brand]) for one in told]
