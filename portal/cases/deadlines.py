"""Deadlines: so many working hours from a moment, on the clock of the incident's zone."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

OPENS, CLOSES = time(9), time(17)
SATURDAY = 5


def due(since: datetime, hours: int, zone: tzinfo) -> datetime:
    """When so many working hours are over, Monday to Friday from nine to five there; public holidays are not known."""
    left, day = timedelta(hours=hours), since.astimezone(zone).date()
    while True:
        opens, closes = (_moment(day, hour, zone) for hour in (OPENS, CLOSES))
        begins = max(since, opens)
        if day.weekday() < SATURDAY and begins < closes:
            if left <= closes - begins:
                return begins + left
            left -= closes - begins
        day += timedelta(days=1)


def _moment(day: date, hour: time, zone: tzinfo) -> datetime:
    # In UTC, where a day on which the clocks are changed still counts right.
    return datetime.combine(day, hour, zone).astimezone(UTC)
