"""The breach checker portal; `create_app` takes in every room, which those who need only a part are spared."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portal.rooms import create_app as create_app


def __getattr__(name: str) -> Any:
    if name == "create_app":
        return import_module("portal.rooms").create_app
    raise AttributeError(name)
