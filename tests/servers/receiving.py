"""The reference receiver as a company would use it: its log-in and sessions stand beside the messages."""

import json
import secrets
import sys
from http.server import HTTPServer
from typing import Any
from urllib.parse import unquote

from portal.reset.stores import receiver
from portal.reset.stores.receiver import Receiver

owners: dict[str, str] = {}  # of each session


class Company(Receiver):
    """`PUT /accounts/NAME` lets somebody have an account, `PUT /log-in/NAME` logs in, `PUT /sessions/TOKEN` asks.

    `PUT /changes/NAME` asks for another address, or tells whether that still waits.
    """

    def do_GET(self) -> None:  # noqa: N802 (the name that http.server asks for)
        """It is there."""
        self._answer(200, {})

    def do_PUT(self) -> None:  # noqa: N802
        """What the company itself does."""
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        what, name = (unquote(part) for part in self.path.strip("/").split("/"))
        self._answer(200, getattr(self, f"_{what.replace('-', '_')}")(name, said))

    def _accounts(self, name: str, said: dict[str, Any]) -> dict[str, Any]:
        held = {"hash": said["password"] and receiver._hashed(said["password"], "salt"), "salt": "salt", "epoch": 0}
        held |= {"has_password": bool(said["password"]), "changed_at": said.get("changed_at"), "must_reset": False}
        receiver.accounts[name] = {**held, "sessions": {}, "changes": {}}
        return {}

    def _log_in(self, name: str, said: dict[str, Any]) -> dict[str, Any]:
        held = receiver.accounts[name]
        if held["must_reset"] or held["hash"] != receiver._hashed(said["password"], "salt"):
            return {"token": None}
        token = secrets.token_hex()
        owners[token], held["sessions"][token] = name, said["at"]
        return {"token": token}

    def _sessions(self, token: str, _: dict[str, Any]) -> dict[str, Any]:
        return {"alive": token in receiver.accounts[owners[token]]["sessions"]}

    def _changes(self, name: str, said: dict[str, Any]) -> dict[str, Any]:
        changes = receiver.accounts[name]["changes"]
        changes |= {"another@mail.example": said["at"]} if said else {}
        return {"waits": bool(changes)}

    def _answer(self, status: int, told: dict[str, Any]) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(told).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", int(sys.argv[1])), Company).serve_forever()
