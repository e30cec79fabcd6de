"""Purchases: which column of a purchases export holds what, and what its spellings mean."""

from typing import Literal
from zoneinfo import ZoneInfo

from portal.incident.section import BrandId, Line, Section

Deed = Literal["bought", "tried", "neither"]


class PurchaseValues(Section):
    """What the spellings of a purchases export mean: `"declined" = "tried"`."""

    brand: dict[str, BrandId] = {}
    platform: dict[str, Line] = {}
    state: dict[str, Deed] = {}


class Purchases(Section):
    """The columns of a purchases export; without `state` every row is bought, without `brand` it fits every brand.

    Moments without a zone of their own are in `zone`.
    """

    customer: Line
    moment: Line
    brand: Line | None = None
    platform: Line | None = None
    state: Line | None = None
    values: PurchaseValues = PurchaseValues()
    zone: ZoneInfo = ZoneInfo("UTC")

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that an export must have."""
        named = (self.customer, self.moment, self.brand, self.platform, self.state)
        return tuple(dict.fromkeys(name for name in named if name))
