"""A web process killed in the middle of a crowd keeps every request that it answered."""

import random
import threading
import time
from dataclasses import dataclass, field

import requests
from sqlalchemy import select

from portal.database import Database
from portal.identity import links
from portal.identity.links import LinkRequest
from portal.sealing import KeyRing
from tests.requirements import requirement
from tests.servers.processes import Install
from tests.servers.waiting import until
from tests.visitor import OWN

KILLS, VISITORS, ENOUGH = 3, 6, 25


@dataclass
class Crowd:
    """People who ask again and again until the portal is gone."""

    origin: str
    cookies: list[str] = field(default_factory=list)
    others: list[int] = field(default_factory=list)

    def gather(self) -> list[threading.Thread]:
        """Let them begin."""
        people = [threading.Thread(target=self._ask, args=(number,)) for number in range(VISITORS)]
        for person in people:
            person.start()
        return people

    def _ask(self, number: int) -> None:
        with requests.Session() as browser:
            while True:
                # Each from elsewhere, or the crowd would meet the limit of one host.
                headers = {**OWN, "X-Forwarded-For": f"10.{number}.{random.randrange(256)}.{random.randrange(256)}"}
                said = {"email": f"somebody{random.randrange(10**9)}@mail.example"}
                try:
                    got = browser.post(
                        f"{self.origin}/start", data=said, headers=headers, allow_redirects=False, timeout=10
                    )
                except requests.RequestException:
                    return
                browser.cookies.clear()
                if got.status_code == 303:
                    self.cookies.append(got.cookies["rq"])
                else:
                    self.others.append(got.status_code)


@requirement("ENG-03")
@requirement("ENG-01")
def test_every_request_that_was_answered_has_its_row(install: Install, database: Database, keys: KeyRing) -> None:
    installation = install(trusted_proxies=1, log_level="WARNING")
    crowd = Crowd(installation.origin)
    for kill in range(KILLS):
        web, before = installation.web(), len(crowd.cookies)
        people = crowd.gather()
        until(lambda before=before: len(crowd.cookies) > before + ENOUGH, "a crowd")  # type: ignore[misc]
        time.sleep(random.uniform(0, 0.05) * kill)
        web.kill()
        for person in people:
            person.join()
    assert crowd.others == []
    with database.read() as session:
        kept = set(session.scalars(select(LinkRequest.cookie_digest)))
    lost = [cookie for cookie in crowd.cookies if keys.mac(links.COOKIE, cookie) not in kept]
    assert lost == []
    assert len(crowd.cookies) > KILLS * ENOUGH
    # At most what was in hand when the process was killed was written and not answered.
    assert len(kept) - len(crowd.cookies) <= KILLS * VISITORS
