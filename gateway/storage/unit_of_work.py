from types import TracebackType
from typing import Final, Self

import structlog
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.clock import Clock
from chassis.db import Database, TransactionScope
from chassis.ids import Ids
from chassis.outbox import SqlOutbox
from gateway.domain.errors import StoreUnavailable
from gateway.storage.audit.audit_log import SqlAuditLog
from gateway.storage.audit.audit_tree import SqlAuditTree
from gateway.storage.confirming.certificates import SqlCertificates
from gateway.storage.confirming.confirmations import SqlConfirmations
from gateway.storage.evidence.evidence_log import SqlEvidence
from gateway.storage.evidence.stamps import SqlCheckpointStamps
from gateway.storage.machines.clients import SqlClients
from gateway.storage.machines.key_life import SqlKeyChallenges, SqlKeyHistory
from gateway.storage.machines.nonces import SqlNonces
from gateway.storage.machines.token_uses import SqlTokenUses
from gateway.storage.maintenance.availability import SqlAvailabilityLog
from gateway.storage.maintenance.windows import SqlMaintenanceWindows
from gateway.storage.people.accounts import SqlAccounts
from gateway.storage.people.device_keys import SqlDeviceKeys
from gateway.storage.people.federated_identities import SqlFederatedIdentities
from gateway.storage.people.grants import SqlGrants
from gateway.storage.people.passkeys import SqlPasskeys
from gateway.storage.people.recovery_codes import SqlRecoveryCodes
from gateway.storage.people.sessions import SqlSessions
from gateway.storage.tables import OUTBOX

SOURCE: Final = "gateway"
OUT_OF_REACH: Final = (OperationalError, InterfaceError, PoolExhausted, OSError)
log = structlog.get_logger()


class SqlUnitOfWork(TransactionScope):
    """Fails closed: a database out of reach is a refusal that says so, never a bug's 500."""

    audit: SqlAuditLog
    audit_tree: SqlAuditTree
    clients: SqlClients
    key_challenges: SqlKeyChallenges
    key_history: SqlKeyHistory
    token_uses: SqlTokenUses
    nonces: SqlNonces
    maintenance_windows: SqlMaintenanceWindows
    availability: SqlAvailabilityLog
    evidence: SqlEvidence
    checkpoint_stamps: SqlCheckpointStamps
    accounts: SqlAccounts
    sessions: SqlSessions
    grants: SqlGrants
    federated_identities: SqlFederatedIdentities
    passkeys: SqlPasskeys
    recovery_codes: SqlRecoveryCodes
    device_keys: SqlDeviceKeys
    confirmations: SqlConfirmations
    certificates: SqlCertificates
    outbox: SqlOutbox

    def __init__(self, database: Database, *, clock: Clock, ids: Ids) -> None:
        super().__init__(database)
        self._clock = clock
        self._ids = ids

    def bind(self, connection: AsyncConnection) -> None:
        self.audit = SqlAuditLog(connection, clock=self._clock, ids=self._ids)
        self.audit_tree = SqlAuditTree(connection)
        self.clients = SqlClients(connection)
        self.key_challenges = SqlKeyChallenges(connection)
        self.key_history = SqlKeyHistory(connection)
        self.token_uses = SqlTokenUses(connection)
        self.maintenance_windows = SqlMaintenanceWindows(connection)
        self.availability = SqlAvailabilityLog(connection)
        self.evidence = SqlEvidence(connection, audit=self.audit)
        self.checkpoint_stamps = SqlCheckpointStamps(connection)
        self.nonces = SqlNonces(connection, evidence=self.evidence)
        self.accounts = SqlAccounts(connection)
        self.sessions = SqlSessions(connection)
        self.grants = SqlGrants(connection)
        self.federated_identities = SqlFederatedIdentities(connection)
        self.passkeys = SqlPasskeys(connection)
        self.recovery_codes = SqlRecoveryCodes(connection)
        self.device_keys = SqlDeviceKeys(connection)
        self.confirmations = SqlConfirmations(connection)
        self.certificates = SqlCertificates(connection)
        self.outbox = SqlOutbox(connection, OUTBOX, source=SOURCE, clock=self._clock, ids=self._ids)

    async def __aenter__(self) -> Self:
        try:
            return await super().__aenter__()
        except (SQLAlchemyError, OSError) as failed:
            _refuse_if_out_of_reach(failed)
            raise

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            await super().__aexit__(kind, error, trace)
        except (SQLAlchemyError, OSError) as failed:
            _refuse_if_out_of_reach(failed)
            raise
        if error is not None:
            _refuse_if_out_of_reach(error)


def _refuse_if_out_of_reach(error: BaseException) -> None:
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    if lost or isinstance(error, OUT_OF_REACH):
        log.error("store out of reach", error=type(error).__name__)
        raise StoreUnavailable from error
