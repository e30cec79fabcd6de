"""Other users of this machine: what one of them may do with a file, tried as that very user."""

import os
import pwd
import subprocess
from pathlib import Path

TEST = "/usr/bin/test"


def may(how: str, path: Path, person: pwd.struct_passwd) -> bool | None:
    """Whether the person may do it, `-r` to read, `-w` to write; None where only root could try."""
    if person.pw_uid == os.geteuid():
        return os.access(path, os.R_OK if how == "-r" else os.W_OK, effective_ids=True)
    if os.geteuid() != 0:
        return None
    groups = os.getgrouplist(person.pw_name, person.pw_gid)
    tried = subprocess.run(  # noqa: S603 - as that very user
        [TEST, how, str(path)], user=person.pw_uid, group=person.pw_gid, extra_groups=groups, env={}, check=False
    )
    return tried.returncode == 0
