"""Files for browsers: small, own, named by their digest, and each script explained."""

import base64
import gzip
import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from portal.web.assets import FOLDER, gather, script_inventory
from tests.requirements import requirement
from tests.web.bench import Client

TAG = re.compile(r"<(script|link)\b([^>]*)>")
ATTRIBUTE = re.compile(r'([a-z]+)="([^"]*)"')
KILOBYTES = 1024


def resources(client: Client) -> list[dict[str, str]]:
    """What the page loads: each tag's attributes."""
    return [{"tag": tag, **dict(ATTRIBUTE.findall(rest))} for tag, rest in TAG.findall(client.get("/").text)]


def sha384(body: bytes) -> str:
    return "sha384-" + base64.b64encode(hashlib.sha384(body).digest()).decode()


@requirement("WEB-01")
def test_all_that_a_page_loads_is_our_own_and_carries_its_digest(client: Client) -> None:
    loaded = resources(client)
    assert {one["tag"] for one in loaded} == {"script", "link"}
    for one in loaded:
        address = one.get("src") or one["href"]
        assert address.startswith("/static/")
        if one.get("rel") != "icon":
            assert one["integrity"] == sha384(client.get(address).data)


@requirement("WEB-04")
def test_each_script_tag_may_be_run_under_the_integrity_policy(client: Client) -> None:
    scripts = [one for one in resources(client) if one["tag"] == "script"]
    assert scripts
    assert {one["crossorigin"] for one in scripts} == {"anonymous"}
    assert all("integrity" in one and one["src"].endswith(".js") for one in scripts)


@requirement("WEB-04")
def test_each_script_stands_alone() -> None:
    for path, held in gather(FOLDER).items():
        if path.endswith(".js"):
            text = held.body.decode()
            assert not re.search(r"^\s*(import|export)\b|\bimport\(|importmap", text, re.MULTILINE), path


@requirement("WEB-03")
def test_our_scripts_never_turn_text_into_markup() -> None:
    risky = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc")
    for path, held in gather(FOLDER).items():
        if path.endswith(".js"):
            assert not risky.search(held.body.decode()), path


def test_the_inventory_names_each_script_with_owner_and_reason() -> None:
    served = {path: held.integrity for path, held in gather(FOLDER).items() if path.endswith(".js")}
    listed = script_inventory(FOLDER)
    assert {path: one["sha384"] for path, one in listed.items()} == served, "run `flask assets inventory`"
    assert all(one["owner"] and one["reason"] for one in listed.values())


def test_the_first_visit_costs_little(client: Client) -> None:
    page = client.get("/")
    addresses = [one.get("src") or one["href"] for one in resources(client)]
    wire = [len(client.get(address, headers={"Accept-Encoding": "gzip"}).data) for address in addresses]
    assert len(wire) + 1 <= 10
    assert len(page.data) + sum(wire) <= 50 * KILOBYTES


def test_a_file_may_be_kept_for_ever_and_comes_packed(client: Client) -> None:
    address = next(one["href"] for one in resources(client) if one.get("href", "").endswith("govuk-frontend.css"))
    packed = client.get(address, headers={"Accept-Encoding": "br, gzip"})
    plain = client.get(address)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(packed.data) == plain.data
    for answer in (packed, plain):
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "path",
    [
        "0123456789abcdef/css/brand.css",
        "x/../../portal/config.py",
        "x/js/inventory.json",
        "css/brand.css",
        "x/%2e%2e/app.py",
    ],
)
def test_what_is_not_a_file_of_ours_is_not_found(client: Client, path: str) -> None:
    answer = client.get(f"/static/{path}")
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_changed_file_has_another_address(tmp_path: Path, hall: Callable[..., Flask]) -> None:
    (tmp_path / "a.css").write_text("a{}")
    before = gather(tmp_path)["a.css"]
    (tmp_path / "a.css").write_text("b{}")
    after = gather(tmp_path)["a.css"]
    assert before.digest != after.digest


def test_style_sheets_fetch_nothing() -> None:
    for path, held in gather(FOLDER).items():
        if path.endswith(".css"):
            assert not re.search(rb"url\(|@import|@font-face|GDS Transport", held.body), path


def test_pages_are_never_compressed(client: Client) -> None:
    assert "Content-Encoding" not in client.get("/private", headers={"Accept-Encoding": "gzip"}).headers
