"""Where a key may be used from: the client's networks, and the certificate the key is bound to."""

from gateway.domain.machines.client import RegisteredKey
from gateway.domain.machines.errors import CertificateNeeded, PlaceNotAllowed
from gateway.domain.machines.signed_request import Arrival


def require_right_place(registered: RegisteredKey, arrival: Arrival) -> None:
    if not registered.client.may_call_from(arrival.source):
        raise PlaceNotAllowed
    if not registered.key.accepts_certificate(arrival.certificate_thumbprint):
        raise CertificateNeeded
