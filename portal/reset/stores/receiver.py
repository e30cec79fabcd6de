"""A reference receiver for `webhook`, to be copied: `RECEIVER_KEYS="new old" python receiver.py 8100`, behind TLS."""

import hmac
import json
import os
import sys
import time
from hashlib import scrypt
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

WINDOW, POLICY = 300, {"minimum": 8, "maximum": 64, "needs": []}  # a message is good for so many seconds
accounts: dict[str, dict[str, Any]] = {}  # by reference: what is shown; hash, salt, epoch; sessions, changes
answered: dict[str, tuple[int, dict[str, Any]]] = {}  # no message counts twice; forget them after two windows


def _hashed(password: str, salt: str) -> str:  # in earnest, use argon2id
    return scrypt(password.encode(), salt=salt.encode(), n=2**14, r=8, p=1).hex()


def _carry_out(said: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    held, call = accounts.get(said["reference"]), said["call"]
    if call == "policy" or held is None:
        return 200, POLICY if call == "policy" else {"account": None}
    if call == "find":
        return 200, {"account": {name: held[name] for name in ("has_password", "changed_at", "must_reset")}}
    if said["epoch"] <= held["epoch"]:
        return 409, {}  # something newer was told already
    if call == "set" and _hashed(said["password"], held["salt"]) == held["hash"]:
        return 422, {"fault": "same"}
    held["epoch"], stamp = said["epoch"], time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
    if call == "set":
        held |= {"hash": _hashed(said["password"], held["salt"]), "changed_at": stamp, "must_reset": False}
    elif call != "revoke":
        held["must_reset"] = call == "expire" and held["has_password"] and (held["changed_at"] or "") < said["before"]
    for kind in said.get("ends", ()) if held["must_reset"] or call != "expire" else ():
        held[kind] = {name: since for name, since in held[kind].items() if since >= said["at"]}  # the others are over
    return 200, {}


class Receiver(BaseHTTPRequestHandler):
    """Takes messages."""

    def do_POST(self) -> None:
        """Look at a message's moment and signature; then act, or repeat what was answered before."""
        body, stamp = self.rfile.read(int(self.headers["Content-Length"])), self.headers["Portal-Timestamp"]
        signed, shown = f"{stamp}.".encode() + body, self.headers["Portal-Signature"].split()
        good = [hmac.digest(key.encode(), signed, "sha256").hex() for key in os.environ["RECEIVER_KEYS"].split()]
        said, told = json.loads(body), (401, dict[str, Any]())
        is_right = any(hmac.compare_digest(one, other) for one in good for other in shown)
        if is_right and abs(time.time_ns() / 10**9 - int(stamp)) <= WINDOW:
            told = answered[said["id"]] = answered.get(said["id"]) or _carry_out(said)
        self.send_response(told[0])
        self.end_headers()
        self.wfile.write(json.dumps(told[1]).encode())


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
