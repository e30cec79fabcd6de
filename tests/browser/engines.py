"""The mark of a test in a browser that runs once over each engine."""

import pytest

from tests.servers.databases import ENGINES

both_engines = pytest.mark.parametrize("site", ENGINES, indirect=True)
