"""The reminder: the last day as a calendar entry (RFC 5545), with no code, no address and no name in it."""

from datetime import UTC, date, datetime, timedelta

LONGEST = 75  # bytes in a line, RFC 5545, section 3.1


def calendar(*, title: str, text: str, day: date, uid: str, now: datetime) -> str:
    """One whole-day entry that speaks up a week before; the same `uid` replaces an earlier copy."""
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//breach-portal//EN",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{_escaped(title)}",
        f"DESCRIPTION:{_escaped(text)}",
        "TRANSP:TRANSPARENT",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{_escaped(title)}",
        "TRIGGER:-P7D",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
    )
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _escaped(text: str) -> str:
    for sign in "\\;,":
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\n", "\\n")


def _folded(line: str) -> str:
    parts, part = [], ""
    for sign in line:
        if len(f"{part}{sign}".encode()) > LONGEST - 1:
            parts.append(part)
            part = ""
        part += sign
    return "\r\n ".join([*parts, part])
