"""What one transaction of the gateway reaches."""

from types import TracebackType
from typing import Protocol, Self

from chassis.ports import Outbox
from gateway.ports.audit import AuditLog, AuditTree
from gateway.ports.confirming import Certificates, Confirmations
from gateway.ports.evidence import CheckpointStamps, EvidenceLog
from gateway.ports.machines import Clients, KeyChallenges, KeyHistory, Nonces
from gateway.ports.maintenance import AvailabilityLog, MaintenanceWindows
from gateway.ports.people import (
    Accounts,
    DeviceKeys,
    FederatedIdentities,
    Grants,
    RecoveryCodes,
    Sessions,
    StoredPasskeys,
)
from gateway.ports.tokens import TokenUses


class UnitOfWork(Protocol):
    """One transaction; leaving it with an error undoes all of it."""

    @property
    def audit(self) -> AuditLog: ...

    @property
    def audit_tree(self) -> AuditTree: ...

    @property
    def clients(self) -> Clients: ...

    @property
    def key_challenges(self) -> KeyChallenges: ...

    @property
    def key_history(self) -> KeyHistory: ...

    @property
    def token_uses(self) -> TokenUses: ...

    @property
    def nonces(self) -> Nonces: ...

    @property
    def maintenance_windows(self) -> MaintenanceWindows: ...

    @property
    def availability(self) -> AvailabilityLog: ...

    @property
    def evidence(self) -> EvidenceLog: ...

    @property
    def checkpoint_stamps(self) -> CheckpointStamps: ...

    @property
    def accounts(self) -> Accounts: ...

    @property
    def sessions(self) -> Sessions: ...

    @property
    def grants(self) -> Grants: ...

    @property
    def federated_identities(self) -> FederatedIdentities: ...

    @property
    def recovery_codes(self) -> RecoveryCodes: ...

    @property
    def passkeys(self) -> StoredPasskeys: ...

    @property
    def device_keys(self) -> DeviceKeys: ...

    @property
    def confirmations(self) -> Confirmations: ...

    @property
    def certificates(self) -> Certificates: ...

    @property
    def outbox(self) -> Outbox: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
