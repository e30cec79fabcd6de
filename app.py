"""The front door, for `flask` and for WSGI servers."""

import gc

gc.disable()  # all that is loaded here stays for good: to look through it again and again takes a quarter of the start

from portal import create_app  # noqa: E402

app = create_app()
gc.freeze()
gc.enable()
