"""The sandbox bank: a program of its own that pays VietQR codes and answers for it."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

import httpx
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictInt, ValidationError

from chassis.canonical import load_json
from chassis.clock import Clock
from chassis.errors import Malformed
from chassis.keys import PublicKey, thumbprint
from chassis.message_signatures import BadSignature, verify_response
from chassis.money import Money
from services.payment.domain.errors import UnreadableNotice
from services.payment.domain.notices.provider_notification import Outcome, ProviderNotice
from services.payment.ports.providers import Capability, EnquiryAnswer

NAME: Final = "sandbox"
CLIENT_ID: Final = "bank-sandbox"
# Proved by an HTTP message signature (RFC 9421) with the bank's registered key.
SIGNED_MESSAGE: Final = "P1"
# Proved by a JWS over the body with a registered key.
SIGNED_BODY: Final = "P2"
ANSWER_BYTES_MAX: Final = 262_144
PROOF_HEADERS: Final = ("signature-input", "signature", "content-digest", "content-type")
NOT_KNOWN: Final = EnquiryAnswer(outcome=Outcome.UNKNOWN)

Name = Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,100}$")]


class SandboxPayment(BaseModel):
    """One transfer as the bank tells of it; fields that we do not know are ignored."""

    model_config = ConfigDict(extra="ignore")

    notice_id: Name | None = None
    provider_reference: Name
    bill_number: Annotated[str | None, Field(max_length=200)] = None
    purpose: Annotated[str | None, Field(max_length=1000)] = None
    bank_bin: Annotated[str, Field(max_length=20)]
    account_number: Annotated[str, Field(max_length=50)]
    amount: Annotated[StrictInt, Field(gt=0, le=10**15)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    outcome: Literal["succeeded", "failed", "pending"]
    paid_at: AwareDatetime

    def to_notice(self) -> ProviderNotice:
        return ProviderNotice(
            notice_id=self.notice_id,
            provider_reference=self.provider_reference,
            bill_number=self.bill_number,
            purpose=self.purpose,
            bank_bin=self.bank_bin,
            account_number=self.account_number,
            amount=Money(self.amount, self.currency),
            outcome=Outcome(self.outcome),
            paid_at=self.paid_at,
        )


class SandboxAnswer(BaseModel):
    bill_number: str
    payments: Annotated[list[SandboxPayment], Field(max_length=100)]

    @property
    def outcome(self) -> Outcome:
        """What the bank knows by now; having no payment at all is a positive word as well."""
        heard = {payment.outcome for payment in self.payments}
        for outcome in (Outcome.PENDING, Outcome.SUCCEEDED):
            if outcome in heard:
                return outcome
        return Outcome.FAILED


class SandboxBank:
    name: str = NAME
    client_id: str = CLIENT_ID
    capabilities: frozenset[Capability] = frozenset(Capability)
    settling_evidence_levels: frozenset[str] = frozenset({SIGNED_MESSAGE, SIGNED_BODY})

    def __init__(
        self, *, url: str, key: PublicKey, client: httpx.AsyncClient, clock: Clock
    ) -> None:
        self._url = url.rstrip("/")
        self._key = key
        self._key_id = thumbprint(key)
        self._client = client
        self._clock = clock

    def parse_notification(self, raw: bytes) -> ProviderNotice:
        body = load_json(raw)
        try:
            return SandboxPayment.model_validate(body).to_notice()
        except ValidationError as error:
            places = [str(one["loc"][0]) for one in error.errors() if one["loc"]]
            raise UnreadableNotice(self.name, places[0] if places else None) from None

    async def enquire(self, bill_reference: str) -> EnquiryAnswer:
        url = f"{self._url}/enquiries/{bill_reference}"
        try:
            reply = await self._client.get(url)
        except httpx.HTTPError:
            return NOT_KNOWN
        if reply.status_code != httpx.codes.OK:
            return NOT_KNOWN
        return self._read(reply.content, dict(reply.headers), url, bill_reference)

    def _read(
        self, body: bytes, headers: Mapping[str, str], url: str, bill_reference: str
    ) -> EnquiryAnswer:
        """An answer that is not the bank's own, or not about this bill, tells nothing."""
        try:
            verify_response(
                status=httpx.codes.OK,
                headers=headers,
                body=body,
                method="GET",
                url=url,
                key_id=self._key_id,
                key=self._key,
                now=self._clock.now(),
            )
            value: Any = load_json(body, limit_bytes=ANSWER_BYTES_MAX)
            answer = SandboxAnswer.model_validate(value)
        except (BadSignature, Malformed, ValidationError):
            return NOT_KNOWN
        bills = {answer.bill_number, *(payment.bill_number for payment in answer.payments)}
        if bills != {bill_reference}:
            return NOT_KNOWN
        proof = {name: headers[name] for name in PROOF_HEADERS if name in headers}
        return EnquiryAnswer(
            outcome=answer.outcome,
            notices=tuple(payment.to_notice() for payment in answer.payments),
            raw=body,
            proof={"url": url, **proof},
            evidence_level=SIGNED_MESSAGE,
        )
