"""From which address a request comes: the peer, or who our own terminator says it stands for."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Final

from starlette.types import Scope

FORWARDED_FOR: Final = b"x-forwarded-for"

Networks = Sequence[IPv4Network | IPv6Network]


def source_of(scope: Scope, terminators: Networks) -> str | None:
    """Only the last entry counts, and only from a trusted peer: callers write the ones before."""
    client = scope.get("client")
    if client is None:
        return None
    peer = str(client[0])
    if not is_within(peer, terminators):
        return peer
    said = [value for name, value in scope["headers"] if name.lower() == FORWARDED_FOR]
    if not said:
        return peer
    return bytes(said[-1]).decode("latin-1").rpartition(",")[2].strip()


def is_within(text: str, networks: Networks) -> bool:
    try:
        address = ip_address(text)
    except ValueError:
        return False
    plain = getattr(address, "ipv4_mapped", None) or address
    return any(plain in network for network in networks)
