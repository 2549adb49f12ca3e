"""A client wants to hear no more at an address."""

from uuid import UUID

from services.notification.domain.errors import UnknownEndpoint
from services.notification.domain.webhook_endpoint import EndpointState
from services.notification.ports import UnitOfWork


async def remove_endpoint(endpoint_id: UUID, *, client_id: str, uow: UnitOfWork) -> None:
    """What still waits for it fails when due; what was sent stays listed."""
    async with uow:
        endpoint = await uow.endpoints.get_for_update(endpoint_id)
        if endpoint.client_id != client_id or endpoint.state is EndpointState.REMOVED:
            raise UnknownEndpoint(endpoint_id)
        await uow.endpoints.save(endpoint.move_to(EndpointState.REMOVED))
