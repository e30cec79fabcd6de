"""nginx from Debian's packages, with the configuration that is delivered, on free ports of this machine."""

import os
import re
import shutil
import socket
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

import pytest

from portal.config import ROOT
from tests.servers.certificates import Certificates
from tests.servers.ports import free_port
from tests.servers.waiting import until

CONSOLE = "staff.example"
TEMPLATE = ROOT / "portal" / "deployment" / "nginx.conf.template"
MAIN = """
daemon off;
pid $folder/nginx.pid;
error_log $folder/error.log;
$user
events {}
http {
    client_body_temp_path $folder/bodies;
    proxy_temp_path $folder/proxied;
    fastcgi_temp_path $folder/fastcgi;
    uwsgi_temp_path $folder/uwsgi;
    scgi_temp_path $folder/scgi;
    include $folder/site.conf;
}
"""


def found_nginx() -> str:
    """The program; where there is none the test is skipped, or fails under CI."""
    found = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        said = "no nginx on this machine: sudo apt-get install nginx"
        pytest.fail(said) if os.environ.get("CI") == "true" else pytest.skip(said)
    return str(found)


@dataclass
class Front:
    """One nginx before a portal."""

    folder: Path
    certificates: Certificates
    upstream: int
    plain_port: int = field(default_factory=free_port)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def origin(self) -> str:
        """Where its pages are."""
        return f"https://localhost:{self.port}"

    @property
    def console(self) -> str:
        """Where the staff's pages are."""
        return f"https://{self.named(CONSOLE)}"

    def named(self, host: str) -> str:
        """What a browser says whom it asks for."""
        return f"{host}:{self.port}"

    def start(self) -> None:
        """Fill the template in, have nginx judge it, and start."""
        self._write()
        program = [found_nginx(), "-c", str(self.folder / "nginx.conf")]
        judged = subprocess.run([*program, "-t"], capture_output=True, text=True, check=False)
        assert judged.returncode == 0, judged.stderr
        self.process = subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(self._listens, "nginx")

    def stop(self) -> None:
        """Stop it."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)

    def _listens(self) -> bool:
        with socket.socket() as line:
            return line.connect_ex(("127.0.0.1", self.port)) == 0

    def _write(self) -> None:
        self.folder.mkdir()
        shutil.copy(self.certificates.chain, self.folder / "fullchain.pem")
        shutil.copy(self.certificates.key, self.folder / "privkey.pem")
        words = {
            "HOSTS": f"localhost {CONSOLE}",
            "UPSTREAM": f"127.0.0.1:{self.upstream}",
            "CERTIFICATES": str(self.folder),
        }
        site = TEMPLATE.read_text()
        for usual, ours in ((" 80", f" {self.plain_port}"), (" 443", f" {self.port}")):
            site = site.replace(f"listen{usual}", f"listen{ours}").replace(f":{usual.strip()}", f":{ours.strip()}")
        site = Template(site).safe_substitute(words)
        (self.folder / "site.conf").write_text(re.sub("/var/(?:cache|log)/nginx", str(self.folder), site))
        whose = "user root;" if Path("/etc/shadow").stat().st_uid == self.folder.stat().st_uid else ""
        (self.folder / "nginx.conf").write_text(Template(MAIN).substitute(folder=self.folder, user=whose))
