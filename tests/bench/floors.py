"""The floor of a page: bare Flask, on the same server, with the same template, INSERT or look-up and nothing else."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import Flask, jsonify, make_response, redirect, render_template, request
from sqlalchemy import insert

from portal import create_app
from portal.config import ROOT, load
from portal.database import Database
from portal.identity.customers import Customer
from portal.identity.links import WAITS, LinkRequest
from portal.incident.door import current_words
from portal.incident.forms import StartForm
from portal.tokens import fresh_id, fresh_public_id, fresh_token
from portal.web.frame import frame

PAGES = ("incident.faq", "incident.updates", "incident.real_messages", "cases.help")


def bare() -> Flask:
    """The bare application."""
    settings = load()
    portal, app = create_app(settings), Flask("floor", static_folder=None, template_folder=str(ROOT / "templates"))
    app.jinja_loader = portal.jinja_loader
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    values = _values(portal, settings.origin or "", app)
    app.add_url_rule("/", "incident.index", lambda: render_template("incident/index.html", **values))
    for name in PAGES:
        app.add_url_rule(f"/{name.partition('.')[2].replace('_', '-')}", name, lambda: "")
    app.add_url_rule("/healthz", "healthz", lambda: "")
    database = Database(settings.database)
    app.add_url_rule("/start", "identity.start", _start(database), methods=["POST"])
    app.add_url_rule("/account/<uuid:number>", "account", _account(database))
    return app


def _values(portal: Flask, origin: str, app: Flask) -> dict[str, Any]:
    """All that the template asks for, worked out once."""
    with portal.test_request_context("/", base_url=origin):
        days = portal.extensions["incident"].dates
        said = {day: portal.jinja_env.filters["date_in_words"](day) for _, day in days if day}
        addresses = {path: portal.jinja_env.globals["asset"](path) for path in portal.extensions["assets"]}
        digests = {path: held.integrity for path, held in portal.extensions["assets"].items()}
        app.jinja_env.filters["date_in_words"] = said.__getitem__
        app.jinja_env.globals |= {"asset": addresses.__getitem__, "integrity": digests.__getitem__}
        app.jinja_env.globals["chosen_locale"] = lambda: None
        words, shown = current_words(), frame()
        shown["footer_links"] = [{**link, "text": str(link["text"])} for link in shown["footer_links"]]
        form = StartForm()
        form.email.label.text = str(form.email.label.text)
        return {**shown, "incident": portal.extensions["incident"], "words": words, "form": form}


def _account(database: Database) -> Any:
    """One row by its primary key, as JSON."""

    def account(number: UUID) -> Any:
        with database.read() as session:
            found = session.get_one(Customer, number)
            return jsonify(brand=found.brand, country=found.country)

    return account


def _start(database: Database) -> Any:
    engine = database.engine.execution_options(begin="BEGIN IMMEDIATE")
    constant = {"origin": "http://127.0.0.1:8000", "locale": "en", "browser": "Firefox", "key_id": 1, "state": "QUEUED"}
    constant |= {name: bytes(32) for name in ("cookie_digest", "host", "network")}
    constant |= {"extra": False, "code_tries": 0}

    def start() -> Any:
        now, sealed = datetime.now(UTC), request.form["email"].encode().ljust(60)
        row = {"id": fresh_id(), "public_id": fresh_public_id(), "address_sealed": sealed, "asked_at": now}
        with engine.begin() as connection:
            connection.execute(insert(LinkRequest).values(expires_at=now + WAITS, **row, **constant))
        response = make_response(redirect("/sent", 303))
        response.set_cookie("rq", fresh_token(), max_age=86400, httponly=True, samesite="Strict")
        return response

    return start


app = bare()
