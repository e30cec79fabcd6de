"""A portal whose every translated word stands in brackets."""

from collections.abc import Callable, Iterator

import pytest

from portal import languages
from portal.mail import rendering
from tests.languages.brackets import Bracketed


@pytest.fixture
def bracketed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Bracketed]]:
    """From now on, pages and letters show what was translated."""
    usual = languages.translations

    def translations(locale: str) -> Bracketed:
        return Bracketed(usual(locale))

    monkeypatch.setattr(languages, "translations", translations)
    _forget_letters()
    yield translations
    _forget_letters()


def _forget_letters() -> None:
    rendering._environment.cache_clear()
    rendering._form.cache_clear()
