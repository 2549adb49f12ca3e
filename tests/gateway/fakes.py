"""The gateway's ports in memory. mypy proves that they still fit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from chassis.testing import RecordingOutbox
from gateway.domain.audit.entry import AuditEntry
from gateway.domain.confirming.confirmation import Confirmation
from gateway.domain.confirming.errors import ProofRefused
from gateway.domain.confirming.fee_intent import PayableFee
from gateway.domain.errors import UpstreamUnavailable
from gateway.domain.evidence.record import Evidence, EvidenceLink
from gateway.domain.evidence.stamp import CheckpointStamp
from gateway.domain.machines.client import USABLE, Client, ClientKey, RegisteredKey
from gateway.domain.machines.errors import ClientTaken, KeyTaken
from gateway.domain.machines.key_registration import KeyChallenge, KeyEvent
from gateway.domain.machines.signed_request import Arrival, SignatureClass, SignedRequest
from gateway.domain.maintenance.availability import Availability
from gateway.domain.maintenance.errors import WindowNotFound, WindowsOverlap
from gateway.domain.maintenance.window import STANDING, MaintenanceWindow
from gateway.domain.people.account import (
    LOCK_TIME,
    WRONG_TRIES_MAX,
    Account,
    CodeState,
    DeviceKey,
    EnrolmentChallenge,
)
from gateway.domain.people.errors import (
    AccountNotFound,
    AlreadyGranted,
    GrantNotFound,
    UsernameTaken,
)
from gateway.domain.people.roles import Grant, RoleGrant
from gateway.ports.evidence import ReceiptDocuments
from gateway.ports.machines import ClientFilter, NonceUse
from gateway.ports.people import GrantFilter, NewCodeSecret
from gateway.ports.unit_of_work import UnitOfWork
from tests.gateway.audit.fake_tree import FakeAuditTree
from tests.gateway.people.fakes import (
    FakeFederatedIdentities,
    FakePasskeys,
    FakeRecoveryCodes,
    FakeSessions,
)
from tests.gateway.proofs.fakes import FakeCertificates, FakeConfirmations


@dataclass
class FakeAuditLog:
    entries: list[AuditEntry] = field(default_factory=list)

    async def add(self, entry: AuditEntry) -> None:
        self.entries.append(entry)


@dataclass
class FakeClients:
    clients: dict[str, Client] = field(default_factory=dict)
    keys: dict[str, ClientKey] = field(default_factory=dict)

    async def add(self, client: Client, *, registered_at: datetime) -> None:
        if client.id in self.clients:
            raise ClientTaken
        self.clients[client.id] = client

    async def add_once(self, client: Client, *, registered_at: datetime) -> None:
        self.clients.setdefault(client.id, client)

    async def find(self, client_id: str, *, for_update: bool = False) -> Client | None:
        return self.clients.get(client_id)

    async def list_page(
        self, wanted: ClientFilter, *, after: str | None, limit: int
    ) -> Sequence[Client]:
        return sorted(self.clients.values(), key=lambda one: one.id)[:limit]

    async def has_provider(self, provider: str) -> bool:
        return any(one.provider == provider for one in self.clients.values())

    async def add_key_once(self, key: ClientKey) -> ClientKey:
        return self.keys.setdefault(key.id, key)

    async def find_key(self, key_id: str, *, for_update: bool = False) -> RegisteredKey | None:
        key = self.keys.get(key_id)
        return None if key is None else RegisteredKey(self.clients[key.client_id], key)

    async def save_key(self, key: ClientKey) -> None:
        self.keys[key.id] = key

    async def list_keys(self, client_id: str, *, limit: int) -> Sequence[ClientKey]:
        return [key for key in self.keys.values() if key.client_id == client_id][:limit]

    async def list_all_keys(self, client_id: str | None, *, limit: int) -> Sequence[ClientKey]:
        wanted = [key for key in self.keys.values() if client_id in (None, key.client_id)]
        return sorted(wanted, key=lambda key: key.client_id)[:limit]

    async def list_overdue_keys(self, *, now: datetime, limit: int) -> Sequence[ClientKey]:
        usable = [key for key in self.keys.values() if key.state in USABLE]
        return [key for key in usable if key.until <= now][:limit]


@dataclass
class FakeKeyChallenges:
    challenges: dict[str, KeyChallenge] = field(default_factory=dict)

    async def add(self, challenge: KeyChallenge) -> None:
        self.challenges[challenge.text] = challenge

    async def count_open(self, client_id: str, *, now: datetime) -> int:
        mine = [one for one in self.challenges.values() if one.client_id == client_id]
        return sum(now < one.expires_at for one in mine)

    async def use(self, text: str, *, client_id: str, now: datetime) -> bool:
        challenge = self.challenges.get(text)
        if challenge is None or challenge.client_id != client_id or now >= challenge.expires_at:
            return False
        del self.challenges[text]
        return True

    async def forget(self, *, expired_before: datetime, limit: int) -> int:
        return 0


@dataclass
class FakeKeyHistory:
    events: list[KeyEvent] = field(default_factory=list)

    async def add(self, event: KeyEvent) -> None:
        self.events.append(event)

    async def list_of(self, key_id: str, *, limit: int) -> Sequence[KeyEvent]:
        return [event for event in self.events if event.key_id == key_id][:limit]


@dataclass
class FakeTokenUses:
    used: set[tuple[str, str]] = field(default_factory=set)

    async def claim(self, holder: str, token_id: str, *, expires_at: datetime) -> bool:
        first = (holder, token_id) not in self.used
        self.used.add((holder, token_id))
        return first

    async def forget(self, *, expired_before: datetime, limit: int) -> int:
        return 0


@dataclass
class FakeNonces:
    evidence: "FakeEvidence"
    used: dict[tuple[str, str], NonceUse] = field(default_factory=dict)

    async def claim(self, request: SignedRequest, use: NonceUse) -> NonceUse | None:
        return await self.claim_number(
            key_id=request.key.id, number=request.nonce, expires_at=request.expires_at, use=use
        )

    async def claim_number(
        self, *, key_id: str, number: str, expires_at: datetime, use: NonceUse
    ) -> NonceUse | None:
        key = (key_id, number)
        if key in self.used:
            return self.used[key]
        self.used[key] = use
        return None

    async def claim_with_evidence(
        self, request: SignedRequest, use: NonceUse, evidence: Evidence
    ) -> NonceUse | None:
        first = await self.claim(request, use)
        if first is None:
            await self.evidence.add(evidence)
        return first

    async def forget(self, *, expired_before: datetime, limit: int) -> int:
        return 0


@dataclass
class FakeEvidence:
    audit: FakeAuditLog
    kept: list[Evidence] = field(default_factory=list)
    links: list[EvidenceLink] = field(default_factory=list)

    async def add(self, evidence: Evidence) -> None:
        self.kept.append(evidence)
        await self.audit.add(evidence.audit_entry())

    async def link(self, link: EvidenceLink) -> None:
        self.links.append(link)

    async def list_of_payment(self, payment_intent_id: UUID) -> Sequence[Evidence]:
        linked = {
            one.evidence_id for one in self.links if one.payment_intent_id == payment_intent_id
        }
        return [
            one
            for one in self.kept
            if one.id in linked or one.payment_intent_id == payment_intent_id
        ]


@dataclass
class FakeCheckpointStamps:
    stamps: list[CheckpointStamp] = field(default_factory=list)

    async def add(self, stamp: CheckpointStamp) -> None:
        if all(one.size != stamp.size for one in self.stamps):
            self.stamps.append(stamp)

    async def latest(self) -> CheckpointStamp | None:
        return max(self.stamps, key=lambda one: one.size, default=None)

    async def find_over(self, index: int) -> CheckpointStamp | None:
        covering = (one for one in self.stamps if one.size > index)
        return min(covering, key=lambda one: one.size, default=None)


@dataclass
class FakeAccounts:
    accounts: dict[UUID, Account] = field(default_factory=dict)

    async def add(self, account: Account) -> None:
        if await self.find_by_username(account.username):
            raise UsernameTaken
        self.accounts[account.id] = account

    async def find_by_username(self, username: str) -> Account | None:
        return next((one for one in self.accounts.values() if one.username == username), None)

    async def get_for_update(self, account_id: UUID) -> Account:
        if account_id not in self.accounts:
            raise AccountNotFound
        return self.accounts[account_id]

    async def get(self, account_id: UUID) -> Account:
        return await self.get_for_update(account_id)

    async def activate(self, account_id: UUID) -> None:
        self.accounts[account_id] = replace(self.accounts[account_id], code_state=CodeState.ACTIVE)

    async def spend_step(self, account_id: UUID, step: int) -> bool:
        account = self.accounts[account_id]
        if step <= account.last_step:
            return False
        self.accounts[account_id] = replace(account, last_step=step, wrong_codes=0)
        return True

    async def count_wrong_try(self, account_id: UUID, *, now: datetime) -> None:
        account = self.accounts[account_id]
        tries = account.wrong_codes + 1
        if tries >= WRONG_TRIES_MAX:
            locked = replace(account, wrong_codes=0, codes_locked_until=now + LOCK_TIME)
            self.accounts[account_id] = locked
        else:
            self.accounts[account_id] = replace(account, wrong_codes=tries)

    async def count_wrong_password(self, account_id: UUID, *, now: datetime) -> None:
        account = self.accounts[account_id]
        self.accounts[account_id] = replace(account, wrong_tries=account.wrong_tries + 1)

    async def forget_wrong_passwords(self, account_id: UUID) -> None:
        self.accounts[account_id] = replace(self.accounts[account_id], wrong_tries=0)

    async def keep_next_secret(self, account_id: UUID, sealed: str) -> None:
        kept = replace(self.accounts[account_id], totp_next_sealed=sealed)
        self.accounts[account_id] = kept

    async def adopt_next_secret(self, account_id: UUID, step: int) -> bool:
        return False


@dataclass
class FakeGrants:
    made: dict[UUID, RoleGrant] = field(default_factory=dict)

    async def add(self, made: RoleGrant) -> None:
        if made.grant in await self.list_live_of(made.user_id):
            raise AlreadyGranted
        self.made[made.id] = made

    async def list_live_of(self, user_id: UUID) -> frozenset[Grant]:
        return frozenset(
            one.grant
            for one in self.made.values()
            if one.user_id == user_id and one.withdrawn_at is None
        )

    async def get(self, grant_id: UUID) -> RoleGrant:
        if grant_id not in self.made:
            raise GrantNotFound
        return self.made[grant_id]

    async def withdraw(self, grant_id: UUID, *, by: str, at: datetime) -> bool:
        if self.made[grant_id].withdrawn_at is not None:
            return False
        self.made[grant_id] = replace(self.made[grant_id], withdrawn_by=by, withdrawn_at=at)
        return True

    async def list_page(self, wanted: GrantFilter, *, limit: int) -> Sequence[RoleGrant]:
        return list(self.made.values())[:limit]


@dataclass
class FakeDeviceKeys:
    keys: dict[str, DeviceKey] = field(default_factory=dict)
    challenges: dict[str, EnrolmentChallenge] = field(default_factory=dict)

    async def add_challenge(self, challenge: EnrolmentChallenge) -> None:
        self.challenges[challenge.text] = challenge

    async def use_challenge(self, text: str, *, user_id: UUID, now: datetime) -> bool:
        challenge = self.challenges.get(text)
        if challenge is None or challenge.user_id != user_id or now >= challenge.expires_at:
            return False
        del self.challenges[text]
        return True

    async def add(self, key: DeviceKey) -> None:
        if key.id in self.keys:
            raise KeyTaken
        self.keys[key.id] = key

    async def find(self, key_id: str) -> DeviceKey | None:
        return self.keys.get(key_id)


class FakeMaintenanceWindows:
    def __init__(self) -> None:
        self.rows: dict[UUID, MaintenanceWindow] = {}

    async def add(self, window: MaintenanceWindow) -> None:
        for other in await self.list_standing():
            if other.starts_at < window.ends_at and other.ends_at > window.starts_at:
                raise WindowsOverlap
        self.rows[window.id] = window

    async def get_for_update(self, window_id: UUID) -> MaintenanceWindow:
        if window_id not in self.rows:
            raise WindowNotFound
        return self.rows[window_id]

    async def save(self, window: MaintenanceWindow) -> None:
        self.rows[window.id] = window

    async def list_standing(self) -> Sequence[MaintenanceWindow]:
        standing = [one for one in self.rows.values() if one.state in STANDING]
        return sorted(standing, key=lambda one: one.starts_at)

    async def list_standing_for_update(self) -> Sequence[MaintenanceWindow]:
        return await self.list_standing()

    async def list_latest(self, *, before: UUID | None, limit: int) -> Sequence[MaintenanceWindow]:
        latest = sorted(self.rows.values(), key=lambda one: one.id, reverse=True)
        return [one for one in latest if before is None or one.id < before][:limit]


class FakeAvailabilityLog:
    def __init__(self) -> None:
        self.minutes: dict[datetime, bool] = {}

    async def note(self, minute: datetime, *, up: bool) -> None:
        self.minutes[minute] = self.minutes.get(minute, True) and up

    async def list_months(self, *, now: datetime, limit: int) -> Sequence[Availability]:
        return []

    async def forget(self, *, before: datetime, limit: int) -> int:
        return 0


class FakeUnitOfWork:
    """Commits nothing and undoes nothing; `committed` counts blocks left without an error."""

    def __init__(self) -> None:
        self.audit = FakeAuditLog()
        self.audit_tree = FakeAuditTree()
        self.clients = FakeClients()
        self.key_challenges = FakeKeyChallenges()
        self.key_history = FakeKeyHistory()
        self.token_uses = FakeTokenUses()
        self.maintenance_windows = FakeMaintenanceWindows()
        self.availability = FakeAvailabilityLog()
        self.evidence = FakeEvidence(self.audit)
        self.checkpoint_stamps = FakeCheckpointStamps()
        self.nonces = FakeNonces(self.evidence)
        self.accounts = FakeAccounts()
        self.sessions = FakeSessions()
        self.grants = FakeGrants()
        self.federated_identities = FakeFederatedIdentities()
        self.passkeys = FakePasskeys()
        self.recovery_codes = FakeRecoveryCodes()
        self.device_keys = FakeDeviceKeys()
        self.confirmations = FakeConfirmations()
        self.certificates = FakeCertificates()
        self.outbox = RecordingOutbox()
        self.committed = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.committed += error is None


class FakeSignatures:
    def __init__(self, request: SignedRequest) -> None:
        self.request = request

    async def verify(self, arrival: Arrival, rule: SignatureClass) -> SignedRequest:
        return self.request


class FakeCodes:
    """The code of a step is the step itself, written out."""

    def new_secret(self, username: str) -> NewCodeSecret:
        return NewCodeSecret("sealed", "otpauth://")

    def matching_step(self, sealed: str, code: str, *, now: datetime) -> int | None:
        return int(code) if code.isdigit() and code != "000000" else None

    def is_code_of(self, sealed: str, code: str, step: int) -> bool:
        return code == f"{step:06}"


class FakeProofs:
    """A signature reads `<key id>|<payload>`."""

    def device_key(self, jwk: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
        return str(jwk["kid"]), {"kid": str(jwk["kid"])}

    def key_id(self, jws: str) -> str:
        return jws.partition("|")[0]

    def check_detached(self, jws: str, payload: bytes, jwk: Mapping[str, Any]) -> None:
        if jws.partition("|")[2].encode() != payload:
            raise ProofRefused

    def open_compact(self, jws: str, jwk: Mapping[str, Any]) -> bytes:
        return jws.partition("|")[2].encode()


class FakePayments:
    def __init__(self, fee: PayableFee) -> None:
        self.fee = fee
        self.confirmed: list[Confirmation] = []
        self.down = False

    async def get_fee(self, payment_intent_id: UUID) -> PayableFee:
        return self.fee

    async def confirm(self, confirmation: Confirmation) -> Mapping[str, Any]:
        if self.down:
            raise UpstreamUnavailable("payment")
        self.confirmed.append(confirmation)
        return {"status": "confirmed"}


class FakeTexts:
    def render(self, intent: Mapping[str, Any]) -> str:
        return f"{intent['amount']} {intent['currency']}"


class FakeReceipts:
    def __init__(self, *documents: ReceiptDocuments) -> None:
        self.documents = documents

    async def list_documents(self, payment_intent_id: UUID) -> Sequence[ReceiptDocuments]:
        return self.documents


class FakeSigner:
    def sign(self, manifest: bytes) -> str:
        return f"signed:{len(manifest)}"


FITS: type[UnitOfWork] = FakeUnitOfWork
