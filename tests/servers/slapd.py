"""A real OpenLDAP server with password policies, from Debian's packages, over TLS, in a folder of its own."""

import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import ldap3
import pytest

from portal.reset.stores.directory import Verified
from tests.servers.certificates import Certificates
from tests.servers.ports import free_port
from tests.servers.waiting import until

BASE = "dc=stagelight,dc=example"
PORTAL, ROOT = f"cn=portal,{BASE}", f"cn=root,{BASE}"
SECRET = "the portal's own here"
# The least that the portal needs: to search for a password without reading it, to set one, and to see and set the mark.
CONFIGURATION = """\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
moduleload argon2
TLSCertificateFile {chain}
TLSCertificateKeyFile {key}
password-hash {{ARGON2}}
database mdb
suffix "{base}"
rootdn "{root}"
rootpw root
directory {folder}/data
index uid eq
dbnosync
maxsize 33554432
overlay ppolicy
ppolicy_default "cn=policy,{base}"
access to attrs=userPassword by dn.exact="{portal}" =sw by self =w by anonymous auth by * none
access to attrs=pwdReset by dn.exact="{portal}" write by * none
access to * by dn.exact="{portal}" read by self read by * none
"""
CONTENT = f"""\
dn: {BASE}
objectClass: dcObject
objectClass: organization
o: Stagelight
dc: stagelight

dn: {PORTAL}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: portal
userPassword: {SECRET}

dn: cn=policy,{BASE}
objectClass: organizationalRole
objectClass: pwdPolicy
cn: policy
pwdAttribute: userPassword
pwdCheckQuality: 1
pwdMinLength: 17
pwdInHistory: 3
pwdMustChange: TRUE
"""


@dataclass
class Slapd:
    """The server; it can be stopped and started again, and keeps what it has."""

    folder: Path
    certificates: Certificates
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it is."""
        return f"ldaps://localhost:{self.port}"

    def lay(self) -> None:
        """Write its configuration and first content."""
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder / "data").mkdir(parents=True)
        files = {"chain": self.certificates.chain, "key": self.certificates.key, "folder": self.folder}
        names = {"base": BASE, "root": ROOT, "portal": PORTAL}
        (self.folder / "slapd.conf").write_text(CONFIGURATION.format(**files, **names))
        (self.folder / "content.ldif").write_text(CONTENT)
        self._run("slapadd", "-l", str(self.folder / "content.ldif"))

    def start(self) -> None:
        """Start, and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            command = [_program("slapd"), "-f", str(self.folder / "slapd.conf"), "-h", f"{self.url}/", "-d", "0"]
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        until(self._answers, f"slapd: {(self.folder / 'log').read_text()}")

    def stop(self) -> None:
        """End it, and wait."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)
            self.process = None

    def as_root(self) -> ldap3.Connection:
        """A line that may do anything."""
        return self.line(ROOT, "root")

    def line(self, name: str, password: str) -> ldap3.Connection:
        """A line as somebody; see whether it is `bound`."""
        tls = Verified(validate=ssl.CERT_REQUIRED, ca_certs_file=str(self.certificates.authority))
        server = ldap3.Server(self.url, tls=tls, get_info=ldap3.NONE, connect_timeout=3)
        line = ldap3.Connection(server, name, password, receive_timeout=5, check_names=False)
        line.bind()
        return line

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _run(self, program: str, *words: str) -> None:
        command = [_program(program), "-f", str(self.folder / "slapd.conf"), *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def _program(name: str) -> str:
    found = shutil.which(name, path="/usr/sbin:/usr/bin:/sbin")
    if found is None:
        assert os.environ.get("CI") != "true", f"no {name}: `make test` installs it"
        pytest.skip(f"no {name} on this machine: sudo apt-get install slapd")
    return found


@pytest.fixture(scope="session")
def slapd(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[Slapd]:
    """The directory, once for all tests of this process; where it is missing, CI fails and others skip."""
    server = Slapd(tmp_path_factory.mktemp("slapd") / "here", certificates)
    server.lay()
    server.start()
    yield server
    server.stop()
