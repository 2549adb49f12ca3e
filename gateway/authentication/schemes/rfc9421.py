"""HTTP message signatures (RFC 9421) with a bank's registered key: the default, and strongest."""

from gateway.authentication.callbacks.scheme import Place, Scheme, Where
from gateway.domain.callbacks.registration import EvidenceLevel

SCHEME = Scheme(name="rfc9421", level=EvidenceLevel.P1, places=(Place(Where.HEADER, "signature"),))
