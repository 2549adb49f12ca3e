from base64 import urlsafe_b64encode
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field

from gateway.api.confirming.proofs import SignatureBody
from gateway.api.schemas import RequestBody
from gateway.domain.confirming.certificate import Authority, BoundCertificate
from gateway.domain.confirming.ways import Way
from gateway.use_cases.confirming.bind_certificate import Binding
from gateway.use_cases.confirming.offer_passkeys import PasskeyOffer
from gateway.use_cases.confirming.open_confirmation import OpenedConfirmation, Place, Wanted
from gateway.use_cases.confirming.prove_confirmation import Confirmed

PlaceName = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")]


class CounterBody(RequestBody):
    desk: PlaceName
    drawer: PlaceName


class OpenConfirmationBody(RequestBody):
    """`counter` is for an officer who takes the word of a payer at their desk."""

    method: Way
    counter: CounterBody | None = None

    def wanted(self) -> Wanted:
        place = Place(self.counter.desk, self.counter.drawer) if self.counter else None
        return Wanted(method=self.method, place=place)


class OpenedConfirmationBody(BaseModel):
    """Show `shown_text`, then sign the bytes of `intent_bytes` (base64url) on the device."""

    confirmation_id: UUID
    intent: dict[str, Any]
    intent_bytes: str
    shown_text: str
    expires_at: datetime

    @classmethod
    def of(cls, opened: OpenedConfirmation) -> Self:
        confirmation = opened.confirmation
        encoded = urlsafe_b64encode(confirmation.intent_bytes).rstrip(b"=").decode()
        return cls(
            confirmation_id=confirmation.id,
            intent=opened.intent,
            intent_bytes=encoded,
            shown_text=confirmation.shown_text,
            expires_at=confirmation.expires_at,
        )


class PasskeyOptionsBody(BaseModel):
    """`public_key` for `navigator.credentials.get`, `payment` for `new PaymentRequest`."""

    public_key: dict[str, Any]
    payment: dict[str, Any] | None

    @classmethod
    def of(cls, offer: PasskeyOffer) -> Self:
        payment = dict(offer.payment) if offer.payment is not None else None
        return cls(public_key=dict(offer.public_key), payment=payment)


class BindCertificateBody(RequestBody):
    """`signature` is over the text of the challenge."""

    authority: Authority = Authority.PERSON
    challenge: Annotated[str, Field(min_length=1, max_length=128)]
    signature: SignatureBody

    def given(self) -> Binding:
        return Binding(
            authority=self.authority,
            challenge=self.challenge,
            signature=self.signature.given(),
        )


class CertificateBody(BaseModel):
    """`id` is the SHA-256 of the certificate."""

    id: str
    authority: Authority
    subject: str
    not_after: datetime
    bound_at: datetime

    @classmethod
    def of(cls, bound: BoundCertificate) -> Self:
        return cls(
            id=bound.id,
            authority=bound.authority,
            subject=bound.subject,
            not_after=bound.not_after,
            bound_at=bound.bound_at,
        )


class CertificatesBody(BaseModel):
    items: list[CertificateBody]


class ConfirmedBody(BaseModel):
    """`payment` is null while the payment service is out of reach; send the same proof again."""

    status: Literal["confirmed"]
    assurance: str
    payment: dict[str, Any] | None

    @classmethod
    def of(cls, confirmed: Confirmed) -> Self:
        proof = confirmed.confirmation.proof
        assert proof is not None
        payment = dict(confirmed.payment) if confirmed.payment is not None else None
        return cls(status="confirmed", assurance=proof.assurance, payment=payment)
