"""Revisions: a later one changes, withdraws or confirms an answer; what it does not list stays as it was."""

import dataclasses

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.cohort import tally
from portal.cohort.batches import Written
from portal.cohort.tally import Tally
from portal.database import Base, Database
from portal.identity.customers import stored_address
from portal.sealing import KeyRing
from tests.cohort.bench import Bench, row
from tests.requirements import requirement


def tally_of(bench: Bench, number: int) -> Tally:
    """The counts as of a revision."""
    with bench.database.read() as session:
        return tally.of_revision(session, number)


def test_a_first_answer_says_since_when_and_nothing_before(bench: Bench) -> None:
    bench.load(row("amara", "AFFECTED", "name;login_details"))
    answer = bench.answer_for("amara")
    assert (answer.result, answer.categories, answer.since) == ("AFFECTED", ("login_details", "name"), 1)
    assert (answer.before, answer.added, answer.removed) == (None, (), ())
    assert answer.now.at == bench.loader.clock()
    assert not answer.changed_in(1)


def test_a_later_revision_changes_what_was_exposed(bench: Bench) -> None:
    bench.load(row("amara", "AFFECTED", "name;login_details"))
    number, written = bench.load(row("amara", "AFFECTED", "name;telephone"))
    answer = bench.answer_for("amara")
    assert (number, written) == (2, Written(changed=1))
    assert (answer.added, answer.removed, answer.since) == (("telephone",), ("login_details",), 2)
    assert answer.changed_in(2)
    assert bench.answer_for("amara", 1).categories == ("login_details", "name")


def test_an_answer_that_is_confirmed_keeps_its_date(bench: Bench) -> None:
    bench.load(row("amara", "AFFECTED", "name;login_details"))
    assert bench.load(row("amara", "AFFECTED", "login_details; name"), row("bo"))[1] == Written(new=1, same=1)
    assert bench.answer_for("amara").since == 1


def test_an_answer_that_was_wrong_is_withdrawn_not_forgotten(bench: Bench) -> None:
    bench.load(row("amara", "AFFECTED", "name"), row("bo"))
    bench.load(row("amara"), row("bo"))
    answer = bench.answer_for("amara")
    assert (answer.result, answer.categories, answer.removed) == ("WITHDRAWN", (), ("name",))
    assert answer.before
    assert answer.before.result == "AFFECTED"
    assert bench.answer_for("bo").result == "NOT_AFFECTED"
    assert tally_of(bench, 1).results == {"AFFECTED": 1, "NOT_AFFECTED": 1}
    assert tally_of(bench, 2).results == {"WITHDRAWN": 1, "NOT_AFFECTED": 1}


def test_a_withdrawn_answer_may_be_affected_again_or_in_doubt(bench: Bench) -> None:
    for result, exposed in (("AFFECTED", "name"), ("NOT_AFFECTED", ""), ("UNDER_REVIEW", ""), ("NOT_AFFECTED", "")):
        bench.load(row("amara", result, exposed))
    told = [bench.answer_for("amara", number).result for number in (1, 2, 3, 4)]
    assert told == ["AFFECTED", "WITHDRAWN", "UNDER_REVIEW", "WITHDRAWN"]


def test_whoever_is_not_listed_keeps_the_answer(bench: Bench) -> None:
    bench.load(row("amara", "AFFECTED", "name"))
    bench.load(row("bo"))
    assert bench.answer_for("amara").result == "AFFECTED"
    assert tally_of(bench, 2).results == {"AFFECTED": 1, "NOT_AFFECTED": 1}


def test_one_reference_at_two_brands_is_two_accounts(bench: Bench) -> None:
    bench.load(row("amara", "AFFECTED", "name"), row("amara", brand="seatswap"))
    told = {answer.customer.brand: answer.result for answer in bench.answers_for("amara")}
    assert told == {"stagelight-uk": "AFFECTED", "seatswap": "NOT_AFFECTED"}


def test_a_list_never_moves_an_account_to_another_mailbox(bench: Bench) -> None:
    bench.load(row("amara"))
    _, written = bench.load(row("amara", "AFFECTED", "name", email="fatou@mail.example"))
    assert written == Written(changed=1, elsewhere=1)
    assert bench.answers_for("fatou") == []
    assert stored_address(bench.keys, bench.answer_for("amara").customer) == "amara@mail.example"


def test_known_accounts_are_found_while_keys_are_being_changed(bench: Bench) -> None:
    bench.load(row("amara", "AFFECTED", "name"))
    ring = KeyRing({**bench.keys.masters, 2: KeyRing.fresh().masters[1]}, 2)
    bench.loader = dataclasses.replace(bench.loader, keys=ring)
    assert bench.load(row("amara"), row("bo"))[1] == Written(new=1, changed=1)
    assert bench.answer_for("amara").result == "WITHDRAWN"


def test_flags_country_and_language_are_kept(bench: Bench) -> None:
    bench.load(row("amara", guest="yes", minor="1", language="en"), row("bo", language="tlh", country=""))
    amara, bo = (bench.answer_for(name).customer for name in ("amara", "bo"))
    assert (amara.guest, amara.social, amara.minor, amara.deceased) == (True, False, True, False)
    assert (amara.locale, amara.country) == ("en", "GB")
    assert (bo.locale, bo.country) == (None, None)


NAMES = ("amara", "bo", "emre")
ANSWERS = st.sampled_from(
    [("AFFECTED", "name"), ("AFFECTED", "name;telephone"), ("NOT_AFFECTED", ""), ("UNKNOWN", ""), ("UNDER_REVIEW", "")]
)
LISTS = st.lists(st.dictionaries(st.sampled_from(NAMES), ANSWERS, min_size=1), min_size=1, max_size=5)


@requirement("ENG-01")
@given(LISTS)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_answer_never_changes_but_by_a_revision_that_lists_it(
    bench: Bench, lists: list[dict[str, tuple[str, str]]]
) -> None:
    empty(bench.database)
    told: dict[str, tuple[str, str]] = {}
    history: list[dict[str, tuple[str, str]]] = []
    for listed in lists:
        bench.load(*(row(name, *answer) for name, answer in listed.items()))
        told |= {name: (result, exposed.replace(";", ",")) for name, (result, exposed) in listed.items()}
        history.append(dict(told))
        for number, as_of in enumerate(history, 1):
            assert {name: plain(bench, name, number) for name in NAMES if name in told} == {
                name: as_of.get(name) for name in NAMES if name in told
            }


def plain(bench: Bench, name: str, number: int) -> tuple[str, str] | None:
    """Somebody's result and categories as of a revision, with the withdrawn ones as not affected."""
    for answer in bench.answers_for(name, number):
        return "NOT_AFFECTED" if answer.result == "WITHDRAWN" else answer.result, ",".join(answer.categories)
    return None


def empty(database: Database) -> None:
    """Forget the example before, but for the trail, which forgets nothing."""
    with database.write() as session:
        for table in reversed(Base.metadata.sorted_tables):
            if not table.name.startswith("audit_"):
                session.execute(table.delete())
