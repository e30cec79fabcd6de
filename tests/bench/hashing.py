"""The floor of a password: what a set computes, by the same library in as many threads, and nothing beside it."""

import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from portal.reset.hashing import NICENESS, PROFILES, matches

OLD, NEW = "a horse on the old stage", "another horse on a new stage"


def main(profile: str, seconds: float, threads: int) -> float:
    """Hashes a second: the new password is compared with the old hash, then hashed, over and over."""
    argon2 = PROFILES[profile]
    old = argon2.hash(OLD)

    def run(_number: int) -> float:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
        began, sets = time.perf_counter(), 0
        while time.perf_counter() - began < seconds:
            matches(argon2, old, NEW)
            argon2.hash(NEW)
            sets += 1
        return 2 * sets / (time.perf_counter() - began)

    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(run, range(threads)))


if __name__ == "__main__":
    sys.stdout.write(f"{main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]))}\n")
