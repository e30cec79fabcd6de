"""Races: whoever presses twice, or in two windows, or dies in the middle, ends with one password and one letter."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.client import HTTPException

import pytest

from portal.database import Database
from portal.sealing import KeyRing
from tests.identity.bench import everything
from tests.requirements import requirement
from tests.reset.bench import NEW, OTHER, Shown, credential, form_on, key_of, open_ones
from tests.reset.crowd import Caller, admit, at_once, forms_of, gather, oblige
from tests.reset.test_hashes import at_profile
from tests.servers.processes import Install, Installation
from tests.servers.waiting import until

ROUNDS = 3


@pytest.fixture
def site(install: Install) -> Installation:
    """A web process behind one proxy, whose hashing is the quicker of the two."""
    site = install(hashing="surge", trusted_proxies=1, log_level="WARNING")
    site.web()
    return site


def count(database: Database, table: str, **values: object) -> int:
    """How many rows of a table hold these values."""
    rows = [row for name, row in everything(database) if name == table]
    return len([row for row in rows if all(row[name] == value for name, value in values.items())])


@requirement("PWD-12")
@requirement("RST-04")
def test_the_same_form_sent_twice_at_once_sets_one_password_and_leads_both_on(
    site: Installation, database: Database, keys: KeyRing
) -> None:
    people = gather(database, keys, ROUNDS)
    callers = admit(database, keys, people, site.origin)
    forms = forms_of(callers)
    for person, caller, form in zip(people, callers, forms, strict=True):
        answers = at_once([partial(caller.send, form, NEW), partial(caller.send, form, OTHER)])
        assert [(answer.status, answer.location) for answer in answers] == [(303, "/next")] * 2
        store = at_profile("surge", database, keys)
        assert sorted(store.log_in(key_of(person), password) for password in (NEW, OTHER)) == [False, True]
        assert credential(database, keys, person).epoch == 2
    assert count(database, "audit_event", kind="reset:done") == ROUNDS
    assert count(database, "letter", kind="password_changed") == ROUNDS
    assert count(database, "store_operation", kind="revoke") == ROUNDS


@requirement("PWD-12")
def test_a_form_is_good_for_one_password(site: Installation, database: Database, keys: KeyRing) -> None:
    [caller] = admit(database, keys, gather(database, keys, 1), site.origin)
    form = form_on(caller.get("/password"))
    assert [caller.send(form, password).location for password in (NEW, OTHER, OTHER)] == ["/next"] * 3
    assert count(database, "audit_event", kind="reset:done") == 1
    second = form_on(caller.get("/password"))
    assert second.account != form.account
    assert caller.send(second, OTHER).location == "/next"
    assert count(database, "audit_event", kind="reset:done") == 2


@requirement("PWD-12")
@requirement("SES-09")
def test_nobody_sends_the_form_of_another_visit(site: Installation, database: Database, keys: KeyRing) -> None:
    mine, theirs = admit(database, keys, gather(database, keys, 2), site.origin)
    my_form, their_form = forms_of([mine, theirs])
    mixed = Shown(my_form.token, their_form.account)
    assert mine.send(mixed, NEW).location == "/next"
    assert mine.send(their_form, NEW).status == 403
    assert count(database, "credential", epoch=1) == 2


@requirement("RST-04")
@requirement("ENG-03")
def test_a_web_process_that_is_killed_while_passwords_are_set_leaves_each_old_or_new(
    install: Install, database: Database, keys: KeyRing
) -> None:
    people = gather(database, keys, 12)
    oblige(database)
    site = install(hashing="full", trusted_proxies=1, log_level="WARNING")
    web = site.web()
    callers = admit(database, keys, people, site.origin)
    with ThreadPoolExecutor(len(callers)) as pool:
        sent = [pool.submit(attempt, caller, form) for caller, form in zip(callers, forms_of(callers), strict=True)]
        until(lambda: count(database, "credential", epoch=2) > 0, "a first password")
        web.kill()
        statuses = [one.result() for one in sent]
    acknowledged = statuses.count(303)
    assert acknowledged < len(people)
    done = count(database, "audit_event", kind="reset:done")
    assert acknowledged <= done <= count(database, "credential", epoch=2) <= len(people)
    assert (count(database, "letter", kind="password_changed"), open_ones(database)) == (done, len(people) - done)
    site.web()
    finish(callers)
    assert (count(database, "credential", epoch=1), open_ones(database)) == (0, 0)


def attempt(caller: Caller, form: Shown) -> int:
    """The status of one post; 0 where the line broke."""
    try:
        return caller.send(form, NEW).status
    except (OSError, HTTPException):
        return 0


def finish(callers: list[Caller]) -> None:
    """Let each of them do as the page says: set it once more."""
    for caller in callers:
        answer = caller.send(form_on(caller.get("/password")), OTHER)
        assert (answer.status, answer.location) == (303, "/next"), answer.text
