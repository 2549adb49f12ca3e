from services.payment.domain.methods.published import MethodSet
from services.payment.ports.unit_of_work import UnitOfWork


async def keep_published_methods(published: MethodSet, *, uow: UnitOfWork) -> None:
    """The newest set stays, in whatever order and however often sets are heard of."""
    async with uow:
        await uow.methods.keep_newest(published)
