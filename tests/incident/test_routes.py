"""The public pages are the same for everybody, and may be kept by any cache."""

import re

import pytest
from flask.testing import FlaskClient

from portal.incident.file import Incident
from tests.incident.conftest import HERE, MakeClient
from tests.requirements import requirement

PAGES = ("/", "/faq", "/updates", "/real-messages", "/help")


@pytest.fixture
def client(make_client: MakeClient) -> FlaskClient:
    """A browser before the open pages."""
    return make_client()


@requirement("ENG-04")
@pytest.mark.parametrize("page", PAGES)
def test_public_pages_open_without_a_database(make_client: MakeClient, page: str) -> None:
    client = make_client(database_url="postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    assert client.get(page).status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_public_pages_may_be_kept_and_set_no_cookie(client: FlaskClient, page: str) -> None:
    answer = client.get(page)
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.headers["Vary"] == "Accept-Language"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("page", PAGES)
def test_public_pages_do_not_look_at_who_asks(client: FlaskClient, page: str) -> None:
    headers = {"Cookie": "rq=something; ps=something; rehearsal=something"}
    assert client.get(page, headers=headers).data == client.get(page).data


def test_the_asking_form_works_from_a_kept_page(client: FlaskClient) -> None:
    form = re.search(r'<form method="post" action="/start".*?</form>', client.get("/").text, re.DOTALL)
    assert form
    assert set(re.findall(r'name="(\w+)"', form[0])) == {"email"}


@requirement("ENU-09")
def test_the_help_page_never_takes_an_address_from_its_own(client: FlaskClient) -> None:
    assert client.get("/help?email=amara@mail.example").data == client.get("/help").data


def test_the_help_page_names_every_way_to_a_person(client: FlaskClient, example: Incident) -> None:
    page = client.get("/help").text
    company = example.company
    for named in (example.brands[0].phone, example.brands[0].email, company.data_protection_officer.email):
        assert named in page
    assert company.regulator.url in page
    assert example.words("en").hours in page


def test_the_first_page_tells_the_dates_in_words(client: FlaskClient) -> None:
    page = client.get("/").text
    for day in ("1 September 2017", "23 June 2018", "28 June 2018", "5 July 2018"):
        assert day in page


def test_real_messages_name_every_sender_and_where_links_lead(client: FlaskClient, example: Incident) -> None:
    page = client.get("/real-messages").text
    assert all(brand.sender in page for brand in example.brands)
    assert f"{HERE}/" in page


def test_every_question_that_help_links_to_stands_on_its_page(client: FlaskClient) -> None:
    anchors = re.findall(r'href="/faq#([\w-]+)"', client.get("/help").text)
    faq = client.get("/faq").text
    assert anchors
    assert all(f'id="{anchor}"' in faq for anchor in anchors)
