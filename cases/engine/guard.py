"""Which addresses may be asked: what operators rule, for every request of every case.

A shared server that sends any request is a door into its network. The rule is held against
the address that a connection goes to, after its name was resolved and at every redirect; a
connection that is kept was held against it when it was made.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable, Sequence
from typing import Protocol

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class SocketAddress(Protocol):
    """What libcurl is about to connect to."""

    family: int
    socktype: int
    protocol: int
    addr: Sequence[object]  # its first is the IP address


_denied: tuple[Network, ...] = ()
_allowed: tuple[Network, ...] = ()  # none: all that are not denied


def rule(denied: Iterable[str], allowed: Iterable[str] = ()) -> None:
    """From now on, for new connections. Raises ValueError naming what is no network."""
    global _denied, _allowed
    denied_networks = tuple(map(ipaddress.ip_network, denied))
    _denied, _allowed = denied_networks, tuple(map(ipaddress.ip_network, allowed))


def has_rules() -> bool:
    """Whether anything is to be asked at all."""
    return bool(_denied or _allowed)


def refusal(address: str) -> str:
    """Why this IP address may not be asked, for the end of a sentence; empty if it may."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None)  # ::ffff:10.0.0.1 leads to 10.0.0.1
    ip = mapped or ip
    network = next((network for network in _denied if ip in network), None)
    if network is not None:
        return f"{ip} belongs to {network}, which DENIED_TARGETS rules out"
    if _allowed and not any(ip in network for network in _allowed):
        return f"{ip} belongs to none of ALLOWED_TARGETS"
    return ""


def open_socket(address: SocketAddress) -> socket.socket:
    """As libcurl would have opened it."""
    return socket.socket(address.family, address.socktype, address.protocol)
