"""Where a request comes from: the host and the network that limits are counted by."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from flask import Flask, abort, request
from werkzeug.middleware.proxy_fix import ProxyFix


def init_app(app: Flask, proxies: int) -> None:
    """Believe as many entries of X-Forwarded-For as proxies of ours stand in front, counted from the right."""
    # No other forwarding header is believed: what we are called is configured, never asked (LNK-20).
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=0)  # type: ignore[method-assign]


def client_host() -> str:
    """The visitor's IPv4 address or IPv6 /64; a customer's whole home shares the latter (RFC 6177)."""
    return _cut(32, 64)


def client_network() -> str:
    """The visitor's IPv4 /24 or IPv6 /48."""
    return _cut(24, 48)


def client_is_within(networks: str) -> bool:
    """Whether the visitor's address lies in one of these networks, which spaces separate."""
    try:
        host = ip_address(request.remote_addr or "")
    except ValueError:
        return False
    mapped = host.ipv4_mapped if isinstance(host, IPv6Address) else None
    return any((mapped or host) in network for network in _read(networks))


@lru_cache(8)
def _read(networks: str) -> list[IPv4Network | IPv6Network]:
    return [ip_network(network) for network in networks.split()]


def _cut(four: int, six: int) -> str:
    try:
        return _network(request.remote_addr or "", four, six)
    except ValueError:
        abort(400)  # a proxy of ours never says this; whoever did is not let in (SES-12)


@lru_cache(1024)
def _network(text: str, four: int, six: int) -> str:
    address: IPv4Address | IPv6Address = ip_address(text)
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return str(ip_network((address, four if address.version == 4 else six), strict=False))
