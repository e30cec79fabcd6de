"""The front door, for `flask` and for WSGI servers."""

from portal import create_app

app = create_app()
