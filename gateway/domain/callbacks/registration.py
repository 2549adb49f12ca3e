"""What an operator has written down about a provider: its one scheme, secrets and addresses."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Final

Network = IPv4Network | IPv6Network
PREVIOUS: Final = "_previous"
SIGNATURE_HEADER: Final = "lephi-jws"
# How long a provider may speak with a token that it fetched.
TOKEN_SECONDS: Final = 300


class EvidenceLevel(StrEnum):
    """How strongly a notice is proved: by a message signature, by a JWS, by a shared secret."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRegistration:
    """`header` is where a JWS stands; schemes with a form of their own do not ask."""

    provider: str
    scheme: str
    client_id: str
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    networks: tuple[Network, ...] = ()
    header: str = SIGNATURE_HEADER

    def allows(self, source: str | None) -> bool:
        """Whether `source` is an address inside the allow-list; never without a list."""
        if source is None:
            return False
        try:
            address = ip_address(source)
        except ValueError:
            return False
        # A listener for both protocols shows an IPv4 peer in its IPv6 clothes.
        plain = getattr(address, "ipv4_mapped", None) or address
        return any(plain in network for network in self.networks)
