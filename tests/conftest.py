"""What every test may ask for, gathered from the benches in `tests/servers`."""

from tests.servers import network

pytest_plugins = [
    "tests.servers.databases",
    "tests.servers.ground",
]

network.switch_off()
