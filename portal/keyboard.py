"""Who sits at the keyboard when a command is said."""

import os
import pwd


def operator() -> str:
    """Who it is, as the operating system says and not as the environment claims: `operator:NAME`."""
    try:
        return f"operator:{pwd.getpwuid(os.getuid()).pw_name}"
    except KeyError:
        return f"operator:{os.getuid()}"
