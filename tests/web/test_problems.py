"""Programs get problems in place of pages (RFC 9457), and learn no more from them."""

import pytest

from portal.web.problems import DETAILS
from tests.requirements import requirement
from tests.web.bench import Client


@requirement("OPS-10")
def test_each_failure_is_a_problem(client: Client) -> None:
    for status in DETAILS:
        answer = client.get(f"/gate/fail/{status}")
        assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
        told = answer.get_json()
        assert (told["type"], told["status"], told["detail"]) == ("about:blank", status, DETAILS[status])
        assert ("Retry-After" in answer.headers) is (status in (429, 503))


@requirement("OPS-10")
def test_what_is_not_there_or_works_otherwise_is_a_problem_too(client: Client) -> None:
    assert client.get("/gate/nowhere").get_json()["status"] == 404
    answer = client.post("/gate/away")
    assert (answer.get_json()["status"], set(answer.headers["Allow"].split(", "))) == (405, {"HEAD", "OPTIONS", "GET"})
    assert client.get("/gate/away", headers={"Host": "evil.example"}).get_json()["status"] == 400


@requirement("OPS-01", "ENG-04")
@pytest.mark.parametrize(("path", "status"), [("/gate/breaks", 500), ("/gate/away", 503)])
def test_faults_of_ours_tell_nothing(client: Client, path: str, status: int, capfd: pytest.CaptureFixture[str]) -> None:
    answer = client.get(path)
    assert answer.get_json() == {
        "type": "about:blank",
        "title": {500: "Internal Server Error", 503: "Service Unavailable"}[status],
        "status": status,
        "detail": DETAILS[status],
    }
    assert "amara" not in capfd.readouterr().err
