"""Deadlines in working hours: nights and weekends do not count, and a changed clock counts right."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from portal.cases.deadlines import due
from portal.cases.reasons import HOURS, Reason

LONDON, HONOLULU = ZoneInfo("Europe/London"), ZoneInfo("Pacific/Honolulu")


@pytest.mark.parametrize(
    ("since", "hours", "until"),
    [
        ("2018-07-02T09:00", 8, "2018-07-02T17:00"),  # a Monday
        ("2018-07-02T10:00", 8, "2018-07-03T10:00"),
        ("2018-07-02T07:30", 4, "2018-07-02T13:00"),
        ("2018-07-02T17:00", 1, "2018-07-03T10:00"),
        ("2018-07-06T16:30", 1, "2018-07-09T09:30"),  # over a weekend
        ("2018-07-07T12:00", 8, "2018-07-09T17:00"),
        ("2018-07-02T09:00", 40, "2018-07-06T17:00"),
        ("2018-10-26T16:00", 2, "2018-10-29T10:00"),  # the clocks go back on the Sunday between
    ],
)
def test_working_hours_are_counted_on_the_clock_of_the_zone(since: str, hours: int, until: str) -> None:
    for zone in (LONDON, HONOLULU):
        begins, ends = (datetime.fromisoformat(moment).replace(tzinfo=zone) for moment in (since, until))
        assert due(begins.astimezone(LONDON), hours, zone) == ends


def test_every_reason_has_a_deadline_and_money_comes_first() -> None:
    assert set(HOURS) == set(Reason)
    assert min(HOURS, key=lambda reason: HOURS[reason]) is Reason.FRAUD
