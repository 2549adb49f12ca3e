"""What the gateway's use cases need of the world."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Protocol, Self
from uuid import UUID

from chassis.ports import Outbox
from gateway.domain.account import Account, DeviceKey, EnrolmentChallenge, Session
from gateway.domain.client import Client, ClientKey, RegisteredKey
from gateway.domain.confirmation import Confirmation
from gateway.domain.evidence import Evidence, EvidenceLink
from gateway.domain.fee_intent import PayableFee
from gateway.domain.signed_request import Arrival, SignatureClass, SignedRequest


class Clients(Protocol):
    async def add_once(self, client: Client, *, registered_at: datetime) -> None:
        """Store the client unless its id is known."""

    async def add_key_once(self, key: ClientKey) -> ClientKey:
        """Store the key unless its id is known; answer with the stored one."""

    async def find_key(self, key_id: str) -> RegisteredKey | None: ...

    async def save_key(self, key: ClientKey) -> None: ...


@dataclass(frozen=True, slots=True)
class NonceUse:
    """Who used a nonce first."""

    base_hash: str
    evidence_id: UUID | None


class Nonces(Protocol):
    async def claim(self, request: SignedRequest, use: NonceUse) -> NonceUse | None:
        """None: this use is the first. Otherwise the first use, which stays as it is."""

    async def forget(self, *, expired_before: datetime, limit: int) -> int: ...


class EvidenceLog(Protocol):
    """Append-only."""

    async def add(self, evidence: Evidence) -> None: ...

    async def link(self, link: EvidenceLink) -> None:
        """Say what a recorded request was about; a repeat changes nothing."""

    async def list_of_payment(self, payment_intent_id: UUID) -> Sequence[Evidence]:
        """Oldest first."""


class Accounts(Protocol):
    async def add(self, account: Account) -> None:
        """Raises UsernameTaken."""

    async def find_by_username(self, username: str) -> Account | None: ...

    async def get_for_update(self, account_id: UUID) -> Account: ...

    async def activate(self, account_id: UUID) -> None: ...

    async def spend_step(self, account_id: UUID, step: int) -> bool:
        """True for one caller only, and only for a step later than any spent before."""

    async def count_wrong_try(self, account_id: UUID, *, now: datetime) -> None:
        """The fifth in a row locks the account."""


class Sessions(Protocol):
    async def add(self, session: Session) -> None: ...

    async def find_open(self, token_hash: str, *, now: datetime) -> Session | None: ...

    async def revoke(self, session_id: UUID, *, at: datetime) -> None: ...

    async def forget(self, *, expired_before: datetime, limit: int) -> int: ...


class DeviceKeys(Protocol):
    async def add_challenge(self, challenge: EnrolmentChallenge) -> None: ...

    async def use_challenge(self, text: str, *, user_id: UUID, now: datetime) -> bool:
        """True for one caller only, before it expires."""

    async def add(self, key: DeviceKey) -> None:
        """Raises KeyTaken when the key is enrolled already."""

    async def find(self, key_id: str) -> DeviceKey | None: ...


class Confirmations(Protocol):
    async def supersede_open(self, payment_intent_id: UUID, *, user_id: UUID) -> None: ...

    async def add(self, confirmation: Confirmation) -> None: ...

    async def get_for_update(self, confirmation_id: UUID) -> Confirmation:
        """Raises ConfirmationNotFound."""

    async def is_confirmed(self, payment_intent_id: UUID) -> bool: ...

    async def confirm(self, confirmation: Confirmation) -> None:
        """Only out of `open`; raises AlreadyConfirmed when the payment has a confirmation."""

    async def expire(self, *, overdue_at: datetime, limit: int) -> int: ...


class UnitOfWork(Protocol):
    """One transaction; leaving it with an error undoes all of it."""

    @property
    def clients(self) -> Clients: ...

    @property
    def nonces(self) -> Nonces: ...

    @property
    def evidence(self) -> EvidenceLog: ...

    @property
    def accounts(self) -> Accounts: ...

    @property
    def sessions(self) -> Sessions: ...

    @property
    def device_keys(self) -> DeviceKeys: ...

    @property
    def confirmations(self) -> Confirmations: ...

    @property
    def outbox(self) -> Outbox: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class SignatureChecks(Protocol):
    async def verify(self, arrival: Arrival, rule: SignatureClass) -> SignedRequest:
        """Raises Unauthenticated unless the signature is exactly what the class demands."""


class Passwords(Protocol):
    async def hash(self, password: str) -> str: ...

    async def fits(self, password: str, password_hash: str | None) -> bool:
        """Takes as long for an unknown user (None) as for a known one."""


@dataclass(frozen=True, slots=True)
class NewCodeSecret:
    sealed: str
    provisioning_uri: str


class OneTimeCodes(Protocol):
    """RFC 6238. The shared secret is stored sealed and opened here only."""

    def new_secret(self, username: str) -> NewCodeSecret: ...

    def matching_step(self, sealed: str, code: str, *, now: datetime) -> int | None:
        """The time step around now whose code this is."""

    def is_code_of(self, sealed: str, code: str, step: int) -> bool: ...


class DeviceProofs(Protocol):
    """ES256 only, by the key we hold; keys or algorithms named in a message are never used."""

    def device_key(self, jwk: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
        """Thumbprint and cleaned members of a P-256 public key; raises UnusableKey."""

    def key_id(self, jws: str) -> str:
        """Which key a detached signature claims; raises ProofMalformed."""

    def check_detached(self, jws: str, payload: bytes, jwk: Mapping[str, Any]) -> None:
        """Raises ProofMalformed or ProofRefused."""

    def open_compact(self, jws: str, jwk: Mapping[str, Any]) -> bytes:
        """The signed payload; raises ProofMalformed or ProofRefused."""


class ShownTexts(Protocol):
    def render(self, intent: Mapping[str, Any]) -> str:
        """What the payer reads before signing, in the words of the intent's template."""


class Payments(Protocol):
    async def get_fee(self, payment_intent_id: UUID) -> PayableFee:
        """Raises PaymentNotFound or UpstreamUnavailable."""

    async def confirm(self, confirmation: Confirmation) -> Mapping[str, Any]:
        """The payment as it now is; raises PaymentRefused or UpstreamUnavailable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptDocuments:
    name: str
    xml: bytes
    pdf: bytes


class Receipts(Protocol):
    async def list_documents(self, payment_intent_id: UUID) -> Sequence[ReceiptDocuments]:
        """Of every issued receipt of a payment; raises UpstreamUnavailable."""


class BundleSigner(Protocol):
    def sign(self, manifest: bytes) -> str:
        """A compact JWS over these bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamRequest:
    service: str
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamAnswer:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name), None)


class Upstream(Protocol):
    async def send(self, request: UpstreamRequest) -> UpstreamAnswer:
        """Raises UpstreamUnavailable when no answer comes in time."""

    async def close(self) -> None: ...
