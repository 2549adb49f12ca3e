"""Secure Payment Confirmation: what the browser shows, and signs together with the challenge."""

from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from typing import Any, Final

from gateway.domain.confirming.errors import PaymentDataRefused
from gateway.domain.confirming.ways import INSTRUMENTS
from gateway.domain.people.passkey import Passkey, RelyingParty

METHOD: Final = "secure-payment-confirmation"
# One transparent pixel: browsers insist on an icon, and may leave it away when told so.
ICON: Final = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"
    "AAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


def payment_request(
    party: RelyingParty, intent: Mapping[str, Any], digest: bytes, *, known: Iterable[Passkey]
) -> Mapping[str, Any]:
    """The arguments of `new PaymentRequest(methods, details)`; bytes are in base64url."""
    data = {
        "challenge": urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "rpId": party.id,
        "credentialIds": [one.id for one in known],
        "payeeName": intent["payee"]["name"],
        "instrument": {"displayName": _instrument(intent), "icon": ICON, "iconMustBeShown": False},
    }
    total = {"currency": intent["currency"], "value": intent["amount"]}
    return {
        "methods": [{"supportedMethods": METHOD, "data": data}],
        "details": {"total": {"label": intent["payee"]["name"], "amount": total}},
    }


def require_payment(
    client_data: Mapping[str, Any], intent: Mapping[str, Any], party: RelyingParty
) -> None:
    """What the browser showed must be this fee, whatever the page asked it to show."""
    payment = client_data.get("payment")
    if not isinstance(payment, Mapping):
        raise PaymentDataRefused("payment")
    wanted = {
        "rpId": party.id,
        "topOrigin": party.origin,
        "payeeName": intent["payee"]["name"],
        "total": {"currency": intent["currency"], "value": intent["amount"]},
    }
    for name, value in wanted.items():
        if payment.get(name) != value:
            raise PaymentDataRefused(name)
    # An address shown as the payee would be another one than the agency, which has none.
    if payment.get("payeeOrigin") is not None:
        raise PaymentDataRefused("payeeOrigin")
    instrument = payment.get("instrument")
    if not isinstance(instrument, Mapping) or instrument.get("displayName") != _instrument(intent):
        raise PaymentDataRefused("instrument")


def _instrument(intent: Mapping[str, Any]) -> str:
    """Whose money moves is decided at the payer's bank: what is shown is the way it goes."""
    return INSTRUMENTS[str(intent["method"])]
