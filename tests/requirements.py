"""The mark of a test that proves a requirement."""

import pytest

requirement = pytest.mark.requirement
