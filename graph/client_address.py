"""The address of a client, as far as it can be believed."""

from functools import cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.requests import HTTPConnection

#: Whoever has one address of IPv6 has as many as fit into this.
_OWN_BITS = 64

_Network = IPv4Network | IPv6Network


def address(request: HTTPConnection, trusted_proxies: str) -> str:
    """Return who asks: the last one in X-Forwarded-For of whom a trusted proxy tells.

    What stands before that was written by the client, or by somebody nobody knows.
    """
    networks = _networks(trusted_proxies)
    found = request.client.host if request.client else ""
    told = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
    while networks and _is_in(found, networks) and told:
        if not _is_address(nearer := told.pop().strip()):
            break
        found = nearer
    return _grouped(found)


@cache
def _networks(text: str) -> tuple[_Network, ...]:
    named = filter(None, map(str.strip, text.split(",")))
    return tuple(ip_network(one, strict=False) for one in named)


def _is_in(host: str, networks: tuple[_Network, ...]) -> bool:
    return _is_address(host) and any(ip_address(host) in one for one in networks)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _grouped(host: str) -> str:
    if not _is_address(host):
        return host
    found = ip_address(host)
    if not isinstance(found, IPv6Address):
        return host
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ip_network((found, _OWN_BITS), strict=False))
