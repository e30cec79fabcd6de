"""Dates: when it happened, when it was found, when we spoke, and when we speak next."""

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import AfterValidator, ValidationInfo, model_validator

from portal.incident.known import Known
from portal.incident.section import Section, wrong


def _in_zone(moment: datetime, info: ValidationInfo) -> datetime:
    if moment.tzinfo is None and isinstance(info.context, Known):
        return moment.replace(tzinfo=info.context.zone)
    return moment


Moment = Annotated[datetime, AfterValidator(_in_zone)]


class Dates(Section):
    """Days in the incident's zone; `published` is a moment, and before it the pages are closed."""

    occurred_from: date
    occurred_until: date
    discovered: date
    published: Moment
    next_update: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.occurred_until < self.occurred_from:
            raise wrong("occurred_until is before occurred_from", "Exchange the two days")
        if self.discovered < self.occurred_from:
            raise wrong("discovered is before occurred_from", "Correct one of the two days")
        if self.published.date() < self.discovered:
            raise wrong("published is before discovered", "Correct one of the two")
        return self
