"""The `ldap` store: a directory with password policies (RFC 3062, behera-ldap-password-policy); tried with OpenLDAP."""

from dataclasses import dataclass
from datetime import UTC, datetime

import ldap3
from argon2 import PasswordHasher
from ldap3.utils.conv import escape_filter_chars

from portal.clock import Clock
from portal.config import Settings
from portal.reset.hashing import PROFILES, hashed
from portal.reset.stores.directory import NOT_SO, POLICY_CONTROL, Directory, Entry, first, judge, number, only_if
from portal.reset.stores.protocol import AccountKey, Overtaken, Policy, StoredAccount

AGE, MARK, SECRET = "pwdChangedTime", "pwdReset", "userPassword"
STAMP = "%Y%m%d%H%M%S"
POLICIES = "(objectClass=pwdPolicy)"


@dataclass
class LdapStore:
    """With `argon2` it sends finished hashes: Debian's module for OpenLDAP makes argon2i, with 4 MiB."""

    directory: Directory
    name: str = "uid"
    argon2: PasswordHasher | None = None

    @property
    def policy(self) -> Policy:
        """The strictest of the directory's policies, for nobody is known yet to whom one of them holds."""
        lengths = ["pwdMinLength", "pwdMaxLength"]
        found = self.directory.ask(lambda line: self.directory.search(line, POLICIES, lengths))
        least = max((number(one, "pwdMinLength") or 0 for one in found), default=0)
        return Policy(least, min((number(one, "pwdMaxLength") or 128 for one in found), default=128))

    def find(self, key: AccountKey) -> StoredAccount | None:
        """The account; a password that is older than the policies has no age."""
        return self.directory.ask(lambda line: self._find(line, key))

    def expire(self, key: AccountKey, *, before: datetime, epoch: int = 0) -> None:
        """Mark it, if the directory itself finds the password older than that at this moment."""
        younger = f"({AGE}>={before.astimezone(UTC).strftime(STAMP)}Z)"
        self.directory.ask(lambda line: self._mark(line, key, ["TRUE"], f"(&({SECRET}=*)(!{younger}))"))

    def release(self, key: AccountKey, *, epoch: int = 0) -> None:
        """Take the mark away."""
        self.directory.ask(lambda line: self._mark(line, key, [], "(objectClass=*)"))

    def set_password(self, key: AccountKey, password: str, *, epoch: int, now: datetime) -> None:
        """Set it as the directory's own policy allows, and take away the mark that this sets or leaves."""
        self.directory.ask(lambda line: self._set(line, key, password))

    def revoke(self, key: AccountKey, *, now: datetime, epoch: int = 0) -> None:
        """A directory knows no sessions and no changes that wait; `check` says so."""

    def check(self) -> list[str]:
        """What is missing, from the connection to the policies."""
        said = ["A directory ends no sessions, nor changes of address that wait: see that a new password ends them."]
        said.append("Who knows an expired password may still set a new one here: let your log-in ask the gate first.")
        return said + self.directory.ask(self._missing)

    def _missing(self, line: ldap3.Connection) -> list[str]:
        said, search = [], self.directory.search
        if not search(line, POLICIES, ["cn"]):
            said.append("No password policy is seen: without ppolicy nothing forces a reset, or it may not be read.")
        some = search(line, f"({SECRET}=*)", [SECRET], most=1)
        if not some:
            said.append(f"The right to search for {SECRET} is missing: it tells who has a password at all.")
        if any(first(one, SECRET) for one in some):
            said.append(f"The account may read {SECRET}: that is more than it needs; take the right away.")
        return said

    def _find(self, line: ldap3.Connection, key: AccountKey) -> StoredAccount | None:
        held = self._entry(line, key)
        if held is None:
            return None
        has = self.directory.search(line, f"({SECRET}=*)", ["1.1"], base=held["dn"], scope=ldap3.BASE)
        age, marked = first(held, AGE), first(held, MARK)
        at = datetime.strptime(age[:14], STAMP).replace(tzinfo=UTC) if age else None
        return StoredAccount(bool(has), at, marked == "TRUE", 0)

    def _set(self, line: ldap3.Connection, key: AccountKey, password: str) -> None:
        held = self._entry(line, key)
        if held is None:
            raise Overtaken
        try:
            if self.argon2:
                finished = [(ldap3.MODIFY_REPLACE, ["{ARGON2}" + hashed(self.argon2, password)])]
                line.modify(held["dn"], {SECRET: finished}, controls=[POLICY_CONTROL])
            else:
                line.extend.standard.modify_password(held["dn"], None, password, controls=[POLICY_CONTROL])
            judge(line.result)
        finally:
            line.request = None  # it would keep the password until the next one
        line.modify(held["dn"], {MARK: [(ldap3.MODIFY_REPLACE, [])]})
        judge(line.result)

    def _mark(self, line: ldap3.Connection, key: AccountKey, value: list[str], wanted: str) -> None:
        held = self._entry(line, key)
        if held is None:
            return
        line.modify(held["dn"], {MARK: [(ldap3.MODIFY_REPLACE, value)]}, controls=only_if(wanted))
        if line.result["result"] != NOT_SO:
            judge(line.result)

    def _entry(self, line: ldap3.Connection, key: AccountKey) -> Entry | None:
        wanted = f"({self.name}={escape_filter_chars(key.reference)})"
        found = self.directory.search(line, wanted, [AGE, MARK], most=2)
        return found[0] if len(found) == 1 else None


def open_store(settings: Settings, _clock: Clock) -> LdapStore:
    """The store that the settings describe."""
    argon2 = PROFILES[settings.hashing] if settings.store_prehashed else None
    return LdapStore(Directory.of(settings), settings.store_name or "uid", argon2)
