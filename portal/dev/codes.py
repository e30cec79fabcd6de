"""`flask dev codes`: a made-up file of a provider's codes, the same for the same seed."""

import random
from pathlib import Path

import click

from portal.tokens import CROCKFORD


@click.command("codes")
@click.option("--count", default=500, show_default=True, help="How many codes.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same codes.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def codes(count: int, seed: int, file: Path) -> None:
    """Write a made-up file of monitoring codes, for `flask codes load`."""
    chance = random.Random(seed)  # noqa: S311 - codes that pay for nothing need no secrecy, and the same seed must repeat
    made = {"-".join("".join(chance.choices(CROCKFORD, k=4)) for _ in range(3)): None for _ in range(count)}
    file.write_text("".join(f"{line}\n" for line in ("code", *made)), encoding="utf-8")
    click.echo(f"{len(made):,} codes were written.")
