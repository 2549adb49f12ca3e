"""What one transaction of the gateway reaches."""

from types import TracebackType
from typing import Protocol, Self

from chassis.ports import Outbox
from gateway.ports.audit import AuditLog
from gateway.ports.confirming import Confirmations
from gateway.ports.evidence import EvidenceLog
from gateway.ports.machines import Clients, Nonces
from gateway.ports.people import Accounts, DeviceKeys, Sessions


class UnitOfWork(Protocol):
    """One transaction; leaving it with an error undoes all of it."""

    @property
    def audit(self) -> AuditLog: ...

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
