"""`flask assets inventory`: list every script that we serve, with who answers for it and why (WEB-09)."""

import json

import click

from portal.web.assets import FOLDER, gather, script_inventory


@click.group()
def assets() -> None:
    """Own files for browsers."""


@assets.command()
def inventory() -> None:
    """Write the digest of each script into the inventory; refuses scripts without owner and reason."""
    scripts = {path: held for path, held in gather(FOLDER).items() if path.endswith(".js")}
    known = script_inventory(FOLDER)
    if unexplained := sorted(set(scripts) - set(known)):
        raise click.ClickException(f"Give owner and reason in static/js/inventory.json for: {', '.join(unexplained)}")
    told = {path: {**known[path], "sha384": held.integrity} for path, held in scripts.items()}
    (FOLDER / "js" / "inventory.json").write_text(json.dumps(told, indent=2) + "\n")
    click.echo(f"The inventory names {len(told)} scripts.")
