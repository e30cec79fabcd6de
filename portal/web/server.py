"""How gunicorn serves the portal: `gunicorn --config python:portal.web.server app:app`."""

import sys

from portal.config import load
from portal.web import metrics
from portal.web.memory import forget_what_is_freed

settings = load()

# SQLite and in-memory limits mean one process (limits of two would not be shared); threads share both.
workers = settings.web_processes
worker_class = "portal.web.listening.Worker"
logger_class = "portal.web.listening.Log"
threads = settings.web_threads
# A small page waits this long for each thread that computes beside it; of Python's own 5 ms it would be too many.
sys.setswitchinterval(0.0005)
preload_app = True  # a half-configured portal says so once and stops, instead of restarting for ever
timeout = 30
graceful_timeout = 10
keepalive = 5  # how long a connection may rest; a request must have come whole in twice that time
# Whoever may set these headers chooses our paths; which proxies we believe is the portal's own setting.
forwarded_allow_ips = ""
forwarder_headers = ""
max_requests = 20_000
max_requests_jitter = 2_000
control_socket_disable = True
# Lines of the log are ours: addresses never stand in them, and gunicorn's would name the client.
accesslog = None
limit_request_line = 4094
limit_request_fields = 60


def on_starting(_server: object) -> None:
    """Before anything listens: freed memory is overwritten (PWD-09), and counts of an earlier start go."""
    forget_what_is_freed()
    if settings.metrics_folder:
        metrics.clear(settings.within(settings.metrics_folder))
