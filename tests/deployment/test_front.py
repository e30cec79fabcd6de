"""The doctor before the front door: who answers at each origin, by which name, and whom it believes."""

import ssl
from pathlib import Path

from portal.deployment.finding import Verdict
from portal.deployment.front import front_findings
from tests.deployment.behind import listening, to_mend
from tests.servers.certificates import Certificates
from tests.servers.ground import MakeSettings
from tests.servers.ports import free_port


def test_an_origin_that_nobody_answers_is_told_of(settings: MakeSettings) -> None:
    found = to_mend(*front_findings(settings(origin=f"http://localhost:{free_port()}")))
    assert [line.split(" ")[-1] for line in found] == ["development", "encrypted", "(ConnectionError)"]


def test_an_origin_where_somebody_else_answers_is_told_of(settings: MakeSettings) -> None:
    with listening(free_port()) as behind:
        ours = settings(origin=f"http://localhost:{behind.port}")
        assert f"origin: at {ours.origin} somebody else answers" in to_mend(*front_findings(ours))
        behind.answers["/healthz"] = 200, b'{"status":"alive"}'
        assert len(to_mend(*front_findings(ours))) == 2
        behind.answers["/"] = 421, b"This is not our address"
        assert f"origin: {ours.origin} answers, but does not know its name" in to_mend(*front_findings(ours))
        console = {"origin": "http://127.0.0.1:1", "console_origin": ours.origin, "console_networks": "192.0.2.0/24"}
        last = list(front_findings(settings(**console)))[-2]
        assert (last.verdict, "PORTAL_CONSOLE_NETWORKS" in last.advice) == (Verdict.LOOK, True)


def test_a_front_that_does_not_prove_its_name_is_told_of(settings: MakeSettings, certificates: Certificates) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificates.chain, certificates.key)
    with listening(free_port(), context) as behind:
        found = to_mend(*front_findings(settings(origin=f"https://localhost:{behind.port}")))
    assert ["has no certificate that proves its name" in line for line in found] == [False, True]  # beside settings


def test_an_incident_that_cannot_be_used_is_told_of(settings: MakeSettings, tmp_path: Path) -> None:
    (found,) = [one for one in front_findings(settings(incident=tmp_path / "none.toml")) if one.about == "incident"]
    assert (found.verdict, "flask incident check" in found.advice) == (Verdict.MEND, True)
