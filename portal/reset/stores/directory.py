"""A directory: the line to an LDAP server, over TLS, with an end to every wait; what `ldap` is said through."""

import ssl
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, TypeVar
from weakref import finalize

import ldap3
from ldap3.core.exceptions import LDAPException
from ldap3.operation.search import compile_filter, parse_filter
from pyasn1.codec.ber.encoder import encode

from portal.config import Settings
from portal.reset.stores.protocol import Overtaken, PasswordRefused, Refusal, StoreAway, StoreBusy, StoreUncertain
from portal.reset.stores.wire import ANSWER_SECONDS, CONNECT_SECONDS

POLICY_CONTROL = ("1.3.6.1.4.1.42.2.27.8.5.1", False, None)  # draft-behera-ldap-password-policy-10, section 6
ASSERTION = "1.3.6.1.1.12"  # RFC 4528
SUCCESS, TOO_MANY, CONSTRAINT, NO_SUCH_OBJECT, BUSY, NOT_SO = 0, 4, 19, 32, 51, 122
NOT_ALLOWED = (8, 13, 49, 50)
REFUSALS = {5: Refusal.WEAK, 6: Refusal.SHORT, 7: Refusal.SOON, 8: Refusal.USED}
IDLE_SECONDS = 30  # a directory may hang up on who says nothing
Entry = dict[str, Any]
Kept = tuple[ldap3.Connection, float]  # and since when it rests
T = TypeVar("T")


class Verified(ldap3.Tls):
    """TLS as Python itself verifies it, with the server's name: what the library does instead is no more."""

    def wrap_socket(self, connection: ldap3.Connection, do_handshake: bool = False) -> None:
        """Let the connection's socket speak TLS; raises ssl.SSLError where the certificate does not fit."""
        context = ssl.create_default_context(cafile=self.ca_certs_file)
        connection.socket = context.wrap_socket(connection.socket, server_hostname=connection.server.host)


@dataclass
class Directory:
    """Connections rest here between two questions; references to other servers are never followed."""

    server: ldap3.Server
    user: str
    secret: str = field(repr=False)
    base: str
    _free: deque[Kept] = field(default_factory=deque, repr=False)

    @classmethod
    def of(cls, settings: Settings) -> "Directory":
        """The directory that the settings describe."""
        own = settings.store_authority
        trusted = str(settings.within(own)) if own else None
        tls = Verified(validate=ssl.CERT_REQUIRED, ca_certs_file=trusted)
        server = ldap3.Server(
            settings.store_url or "",
            tls=tls,
            connect_timeout=CONNECT_SECONDS,
            get_info=ldap3.NONE,
            allowed_referral_hosts=[],
        )
        secret = settings.store_secret.get_secret_value() if settings.store_secret else ""
        return cls(server, settings.store_user or "", secret, settings.store_place or "")

    def __post_init__(self) -> None:
        """Whoever lets go of it leaves no connection open."""
        finalize(self, _close_all, self._free)

    def ask(self, act: Callable[[ldap3.Connection], T]) -> T:
        """Do something over a connection of its own; raises StoreAway or StoreUncertain where it breaks."""
        line = self._taken()
        try:
            told = act(line)
        except LDAPException:
            _hang_up(line)
            raise StoreUncertain from None
        except Exception:
            self._free.append((line, monotonic()))
            raise
        self._free.append((line, monotonic()))
        return told

    def search(
        self,
        line: ldap3.Connection,
        wanted: str,
        attributes: Iterable[str],
        *,
        base: str | None = None,
        scope: Any = ldap3.SUBTREE,
        most: int = 0,
    ) -> list[Entry]:
        """The entries that fit, `most` at most; one that is not there has none below it."""
        line.search(base or self.base, wanted, scope, attributes=list(attributes), size_limit=most)
        if line.result["result"] not in (SUCCESS, NO_SUCH_OBJECT, TOO_MANY):
            judge(line.result)
        return [one for one in line.response or [] if one["type"] == "searchResEntry"]

    def _taken(self) -> ldap3.Connection:
        while self._free:
            try:
                line, since = self._free.pop()
            except IndexError:  # another thread took it
                break
            if monotonic() - since < IDLE_SECONDS:
                return line
            _hang_up(line)
        return self._opened()

    def _opened(self) -> ldap3.Connection:
        said: dict[str, Any] = {"auto_referrals": False, "receive_timeout": int(ANSWER_SECONDS), "check_names": False}
        line = ldap3.Connection(self.server, self.user, self.secret, **said)
        try:
            is_in = line.bind()
        except LDAPException:
            is_in = False
        if not is_in:
            _hang_up(line)
            raise StoreAway
        return line


def _close_all(lines: deque[Kept]) -> None:
    while lines:
        _hang_up(lines.pop()[0])


def _hang_up(line: ldap3.Connection) -> None:
    line.strategy.close()
    if line.socket is not None:  # the library forgets one that never opened
        line.socket.close()


def judge(result: dict[str, Any]) -> None:
    """Raises what an answer means, unless it is success."""
    code = result["result"]
    if code == CONSTRAINT:
        raise PasswordRefused(_reason(result.get("controls") or {}))
    if code == BUSY:
        raise StoreBusy
    if code == NO_SUCH_OBJECT:
        raise Overtaken
    if code != SUCCESS:
        raise StoreAway if code in NOT_ALLOWED else StoreUncertain


def _reason(controls: dict[str, Any]) -> Refusal:
    """What the policy's answer says: a sequence of a warning, perhaps, and an error of one byte under the tag 1."""
    told: bytes = controls.get(POLICY_CONTROL[0], {}).get("value") or b""
    return REFUSALS.get(told[-1], Refusal.OTHER) if told[-3:-1] == b"\x81\x01" else Refusal.OTHER


def only_if(wanted: str) -> list[tuple[str, bool, bytes]]:
    """A control: the directory does as told only where this filter fits the entry."""
    parsed = compile_filter(parse_filter(wanted, None, False, None, None, False).elements[0])
    return [(ASSERTION, True, encode(parsed))]


def first(entry: Entry, name: str) -> str | None:
    """An attribute's first value, if it has one."""
    held = entry["raw_attributes"].get(name) or [b""]
    return bytes(held[0]).decode("ascii", "replace") or None


def number(entry: Entry, name: str) -> int | None:
    """The same as a number."""
    told = first(entry, name)
    return int(told) if told and told.isdigit() else None
