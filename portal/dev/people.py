"""`flask dev people`: made-up customers of the whole world and what they bought, the same for the same seed."""

import csv
import random
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

import click

from portal.incident import countries

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
NAMES = (
    "ada", "bram", "chioma", "diego", "elif", "farid", "hana", "ivan", "jun", "kofi", "mira", "oya", "rosa", "tove",
    "adeyemi", "berg", "costa", "dubois", "fischer", "haddad", "ito", "khan", "lopez", "meyer", "novak", "silva",
)  # fmt: skip
# Names and domains in other letters; their addresses are written as people there write them.
FAR = (
    "jürgen.größ{}@müller.example", "łukasz{}@żółw.example", "δημήτρης{}@ελλάδα.example", "олена{}@україна.example",
    "玲{}@例子.example", "さくら{}@みんな.example", "नीता{}@उदाहरण.example", "zoë{}@people.example",
)  # fmt: skip
# One in so many is odd, each oddity as often as the others.
ODD = 12
SOME = "name;email_address"
MORE = "name;postal_address;email_address;login_details"
ALL = "name;postal_address;email_address;telephone;payment_details;login_details"
NO_FLAGS = ("", "", "", "")

Account = tuple[str, str, str]

# The cast: amara has two accounts, bo was not affected, emre was; fatou is no customer.
CAST = (
    ("A-1001", "amara@mail.example", "GB", "stagelight-uk", "en", "AFFECTED", ALL, *NO_FLAGS),
    ("A-1002", "amara@mail.example", "GB", "seatswap", "en", "AFFECTED", SOME, *NO_FLAGS),
    ("A-1003", "bo@mail.example", "GB", "stagelight-uk", "en", "NOT_AFFECTED", "", *NO_FLAGS),
    ("A-1004", "emre@mail.example", "DE", "stagelight-international", "en", "AFFECTED", MORE, *NO_FLAGS),
)
SPARED = ("US", "CA")
EXPOSED_SHARE = 0.3

PURCHASES = ("customer", "bought_at", "brand", "platform", "state")
BEGAN, MINUTES = datetime(2017, 1, 1), 2 * 365 * 24 * 60  # noqa: DTZ001 (shops write such moments without a zone)
PLATFORMS = ("web", "web", "app", "box office")
STATES = ("paid", "paid", "paid", "declined", "abandoned")


@click.command("people")
@click.option("--count", default=2000, show_default=True, help="How many made-up customers, besides the cast.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same people.")
@click.option("--purchases", type=click.Path(dir_okay=False, path_type=Path), help="Write what they bought here.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def people(count: int, seed: int, purchases: Path | None, file: Path) -> None:
    """Write a made-up customer list for the example incident."""
    with ExitStack() as files:
        rows = csv.writer(files.enter_context(file.open("w", newline="", encoding="utf-8")))
        rows.writerow(HEADER)
        rows.writerows(CAST)
        if purchases:
            bought = csv.writer(files.enter_context(purchases.open("w", newline="", encoding="utf-8")))
            bought.writerow(PURCHASES)
            shopping = random.Random(~seed)  # noqa: S311 - as below
            for row in made_up(count, seed):
                rows.writerow(row)
                bought.writerows(_bought(shopping, row[0], row[3]))
        else:
            rows.writerows(made_up(count, seed))
    click.echo(f"{count + len(CAST):,} accounts were written.")


def made_up(count: int, seed: int) -> Iterator[tuple[str, ...]]:
    """Rows of people who do not exist, at addresses that cannot; some share one, or have it in an odd spelling."""
    chance = random.Random(seed)  # noqa: S311 - made-up people need no secrecy, and the same seed must repeat them
    world, reference, address, brand = sorted(countries.codes()), "", "", BRANDS[0]
    for number in range(count):
        before = reference, address, brand
        country = chance.choice(world if chance.random() < 0.2 else COUNTRIES)
        reference, brand = f"M-{number:07}", chance.choice(BRANDS)
        address = f"{chance.choice(NAMES)}.{chance.choice(NAMES)}{number}@people.example"
        if number and not chance.randrange(ODD):
            reference, address, brand = _odd(chance, number, before, (reference, address, brand))
        exposed = chance.choice((SOME, MORE, ALL)) if country not in SPARED and chance.random() < EXPOSED_SHARE else ""
        result = "AFFECTED" if exposed else "NOT_AFFECTED" if country in SPARED else "UNKNOWN"
        language = "nl" if country == "NL" else "en"
        yield reference, address, country, brand, language, result, exposed, *NO_FLAGS


def _odd(chance: random.Random, number: int, before: Account, usual: Account) -> Account:
    """Somebody whose row is not like the others: reference, address and brand."""
    reference, address, brand = usual
    match chance.randrange(5):
        case 0:  # a family at one address
            return reference, before[1], brand
        case 1 if before[0] == f"M-{number - 1:07}":  # the same person at another brand, under the same reference
            return before[0], before[1], BRANDS[BRANDS.index(before[2]) - 1]
        case 2:
            return reference, address.upper(), brand
        case 3:
            return reference, address.replace("@", "+tickets@"), brand
        case _:
            return reference, chance.choice(FAR).format(number), brand


def _bought(chance: random.Random, customer: str, brand: str) -> Iterator[tuple[str, ...]]:
    """What one of them bought or tried to buy, some of it twice as a hurried finger does."""
    for _ in range(chance.randrange(6)):
        moment = BEGAN + timedelta(minutes=chance.randrange(MINUTES))
        row = customer, moment.isoformat(" "), brand, chance.choice(PLATFORMS), chance.choice(STATES)
        yield from [row] * (1 + (not chance.randrange(50)))
