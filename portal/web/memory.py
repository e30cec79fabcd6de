"""Memory: what a process frees is overwritten at once, so that a core of it holds no password that was sent."""

import os
import resource
import sys
from collections.abc import Mapping

# Python's own allocator and glibc's thread caches would keep freed text as it was. It costs a sixth of a page's time.
ALLOCATOR = {"PYTHONMALLOC": "malloc"}
TUNABLES = "glibc.malloc.perturb=165:glibc.malloc.tcache_count=0"


def scrubbed(environment: Mapping[str, str]) -> dict[str, str]:
    """This environment, for a process that forgets what it frees; elsewhere than on glibc it changes little."""
    tunables = f"{environment.get('GLIBC_TUNABLES', '')}:{TUNABLES}".strip(":")
    return {**environment, **ALLOCATOR, "GLIBC_TUNABLES": tunables}


def forget_what_is_freed() -> None:
    """Start this very program anew in such an environment, unless it runs in one; and never leave a core behind."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if os.environ.get("PYTHONMALLOC") != ALLOCATOR["PYTHONMALLOC"]:
        program = sys.executable
        os.execve(program, [program, *sys.orig_argv[1:]], scrubbed(os.environ))  # noqa: S606 - itself, as it was called
