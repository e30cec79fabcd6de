"""`flask dev people`: a made-up customer list, the same for the same seed."""

import csv
import random
from collections.abc import Iterator
from pathlib import Path

import click

HEADER = (
    "customer",
    "email",
    "country",
    "brand",
    "language",
    "result",
    "exposed",
    "guest",
    "social",
    "minor",
    "deceased",
)
BRANDS = ("stagelight-international", "stagelight-uk", "seatswap", "ticketlane")
COUNTRIES = ("GB", "GB", "GB", "IE", "NL", "DE", "FR", "ES", "PL", "SE", "US", "CA", "AU", "NZ", "BR", "IN", "JP")
FIRST = (
    "ada",
    "bram",
    "chioma",
    "diego",
    "elif",
    "farid",
    "hana",
    "ivan",
    "jun",
    "kofi",
    "mira",
    "oya",
    "rosa",
    "tove",
)
LAST = ("adeyemi", "berg", "costa", "dubois", "fischer", "haddad", "ito", "khan", "lopez", "meyer", "novak", "silva")
SOME = "name;email_address"
MORE = "name;postal_address;email_address;login_details"
ALL = "name;postal_address;email_address;telephone;payment_details;login_details"
NO_FLAGS = ("", "", "", "")

# The cast: amara has two accounts, bo was not affected, emre was; fatou is no customer.
CAST = (
    ("A-1001", "amara@mail.example", "GB", "stagelight-uk", "en", "AFFECTED", ALL, *NO_FLAGS),
    ("A-1002", "amara@mail.example", "GB", "seatswap", "en", "AFFECTED", SOME, *NO_FLAGS),
    ("A-1003", "bo@mail.example", "GB", "stagelight-uk", "en", "NOT_AFFECTED", "", *NO_FLAGS),
    ("A-1004", "emre@mail.example", "DE", "stagelight-international", "en", "AFFECTED", MORE, *NO_FLAGS),
)
SPARED = ("US", "CA")
EXPOSED_SHARE = 0.3


@click.command("people")
@click.option("--count", default=2000, show_default=True, help="How many made-up customers, besides the cast.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same people.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def people(count: int, seed: int, file: Path) -> None:
    """Write a made-up customer list for the example incident."""
    with file.open("w", newline="", encoding="utf-8") as out:
        rows = csv.writer(out)
        rows.writerow(HEADER)
        rows.writerows(CAST)
        rows.writerows(made_up(count, seed))
    click.echo(f"{count + len(CAST):,} accounts were written.")


def made_up(count: int, seed: int) -> Iterator[tuple[str, ...]]:
    """Rows of people who do not exist, at addresses that cannot."""
    chance = random.Random(seed)  # noqa: S311 - made-up people need no secrecy, and the same seed must repeat them
    for number in range(count):
        name = f"{chance.choice(FIRST)}.{chance.choice(LAST)}{number}"
        country, brand = chance.choice(COUNTRIES), chance.choice(BRANDS)
        exposed = chance.choice((SOME, MORE, ALL)) if country not in SPARED and chance.random() < EXPOSED_SHARE else ""
        result = "AFFECTED" if exposed else "NOT_AFFECTED" if country in SPARED else "UNKNOWN"
        language = "nl" if country == "NL" else "en"
        yield f"M-{number:07}", f"{name}@people.example", country, brand, language, result, exposed, *NO_FLAGS
