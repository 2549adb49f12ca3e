from chassis.clock import Clock
from gateway.domain.audit.entry import AuditEntry
from gateway.domain.machines.client import Client
from gateway.ports.unit_of_work import UnitOfWork


async def add_client(client: Client, *, actor: str, uow: UnitOfWork, clock: Clock) -> Client:
    """Name a machine that may hold keys. Without an approved key it can do nothing."""
    async with uow:
        await uow.clients.add(client, registered_at=clock.now())
        entry = AuditEntry(
            action="client.registered",
            actor=actor,
            subject=f"client:{client.id}",
            details={"class": client.client_class.value},
        )
        await uow.audit.add(entry)
        return client
