"""The journey's bench: as in the reset room."""

from tests.reset.conftest import amara, cast, emre, portal

__all__ = ["amara", "cast", "emre", "portal"]
