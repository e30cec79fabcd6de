"""Own files for browsers: read once, hashed, compressed, and named by their digest, so that they may be kept."""

import base64
import gzip
import hashlib
import json
import mimetypes
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import cast

from flask import Blueprint, Flask, Response, abort, current_app, request, url_for

from portal.config import ROOT
from portal.extensions import limiter

FOLDER = ROOT / "static"
SERVED = {".css", ".js", ".svg", ".png", ".ico", ".webmanifest"}
# The registry of IANA says text/javascript (RFC 9239); systems differ in what they guess.
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}

door = Blueprint("assets", __name__)


@dataclass(frozen=True)
class Asset:
    """One file: its bytes, plain and compressed, its kind and its digests."""

    path: str
    kind: str
    body: bytes
    packed: bytes

    @cached_property
    def digest(self) -> str:
        """What its address carries: 16 hex digits of SHA-256."""
        return hashlib.sha256(self.body).hexdigest()[:16]

    @cached_property
    def integrity(self) -> str:
        """What a script tag carries (Subresource Integrity)."""
        return "sha384-" + base64.b64encode(hashlib.sha384(self.body).digest()).decode()


def gather(folder: Path) -> dict[str, Asset]:
    """Every file below the folder that browsers may ask for, by its path."""
    files = sorted(path for path in folder.rglob("*") if path.suffix in SERVED)
    return {path.relative_to(folder).as_posix(): _read(path, folder) for path in files}


def script_inventory(folder: Path) -> dict[str, dict[str, str]]:
    """The list of scripts that we answer for, by path: sha384, owner and reason (WEB-09)."""
    return cast(dict[str, dict[str, str]], json.loads((folder / "js" / "inventory.json").read_text()))


def assets() -> dict[str, Asset]:
    """The files of the application at hand."""
    return cast(dict[str, Asset], current_app.extensions["assets"])


def asset(path: str) -> str:
    """The address of a file; raises KeyError where there is none."""
    return url_for("assets.serve", digest=assets()[path].digest, path=path)


def integrity(path: str) -> str:
    """The digest that a script tag must carry, or the browser does not run it."""
    return assets()[path].integrity


@door.get("/static/<digest>/<path:path>")
@limiter.exempt
def serve(digest: str, path: str) -> Response:
    """One file, to be kept for a year: a change has another address."""
    held = assets().get(path)
    if held is None or held.digest != digest:
        abort(404)
    packed = request.accept_encodings["gzip"] > 0 and len(held.packed) < len(held.body)
    response = Response(held.packed if packed else held.body, content_type=held.kind)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.headers["Vary"] = "Accept-Encoding"
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    return response


def init_app(app: Flask) -> None:
    """Read the files and let templates name them."""
    app.extensions["assets"] = _ours()
    app.register_blueprint(door)
    app.jinja_env.globals.update(asset=asset, integrity=integrity)


@cache
def _ours() -> dict[str, Asset]:
    return gather(FOLDER)


def _read(path: Path, folder: Path) -> Asset:
    body = path.read_bytes()
    kind = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Asset(path.relative_to(folder).as_posix(), kind, body, gzip.compress(body, 9, mtime=0))
