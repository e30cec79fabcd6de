"""`flask doctor`: try what a production setting needs, and say in words what to do."""

from collections.abc import Iterator

import click
from flask.cli import with_appcontext

from portal.deployment.finding import Finding, Verdict
from portal.deployment.front import clock_finding, front_findings
from portal.deployment.log_in import blocklist_finding, gate_findings, store_findings
from portal.deployment.neighbours import counter_findings, relay_finding
from portal.deployment.rings import audit_findings, key_findings
from portal.deployment.storage import database_findings, disk_finding, is_missing, writer_findings
from portal.extensions import ground


@click.command("doctor")
@click.option("--web-user", help="As whom the web processes run; as root, the doctor tries what that user can read.")
@with_appcontext
def doctor(web_user: str | None) -> None:
    """Try database, keys, relay, counter, store, gate, origins, proxies, disk and clock; changes and sends nothing."""
    found = []
    for finding in _findings(web_user):
        click.echo(str(finding))
        found.append(finding.verdict)
    count = found.count(Verdict.MEND)
    if count:
        raise click.ClickException(f"{count} of {len(found)} must be mended before customers come.")
    looks = found.count(Verdict.LOOK)
    click.echo(f"Nothing must be mended; {looks} of {len(found)} are for you to look at.")


def _findings(web_user: str | None) -> Iterator[Finding]:
    held, settings = ground(), ground().settings
    yield from database_findings(settings, held.database, held.clock)
    yield from writer_findings(settings, web_user)
    database = None if is_missing(settings) else held.database
    yield from key_findings(settings, database)
    yield from audit_findings(settings, web_user)
    yield relay_finding(settings)
    yield from counter_findings(settings)
    yield from store_findings(settings, held.database, held.clock)
    yield blocklist_finding(settings)
    yield from gate_findings(settings, database, held.clock)
    yield from front_findings(settings)
    yield disk_finding(settings)
    yield clock_finding()
