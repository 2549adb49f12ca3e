from collections.abc import Sequence

from services.catalog.domain.payment_method import PaymentMethodNotice
from services.catalog.ports import Reading


async def list_payment_methods(*, reading: Reading) -> Sequence[PaymentMethodNotice]:
    async with reading:
        return await reading.payment_methods.list_all()
