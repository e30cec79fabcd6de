"""`flask dev codes`: a file of made-up monitoring codes, as a provider would send it."""

from pathlib import Path

import click

from portal.tokens import fresh_code, show_code


@click.command("codes")
@click.option("--count", default=1000, show_default=True, help="How many.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def codes(count: int, file: Path) -> None:
    """Write made-up monitoring codes for the example offer."""
    lines = ["code", *(f"FW-{show_code(fresh_code())}-{show_code(fresh_code())}" for _ in range(count))]
    file.write_text("\n".join(lines) + "\n")
    click.echo(f"{count:,} codes were written.")
