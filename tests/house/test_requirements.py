"""Each requirement has a test, and each mark names a requirement."""

from portal.dev.requirements import known, proofs


def test_every_requirement_is_proved() -> None:
    assert sorted(set(known()) - set(proofs())) == []


def test_every_mark_names_a_requirement() -> None:
    assert sorted(set(proofs()) - set(known())) == []
