from collections.abc import Sequence
from uuid import UUID

from chassis.duties import Reach
from services.payment.domain.counter.cash_drawer import CashDrawer
from services.payment.domain.counter.errors import DrawerNotFound
from services.payment.domain.counter.payments import CashPayment, PosBatch, PosPayment
from services.payment.ports.counter import WantedDrawers
from services.payment.ports.unit_of_work import Reading


async def list_drawers(wanted: WantedDrawers, *, reading: Reading) -> Sequence[CashDrawer]:
    async with reading:
        return await reading.drawers.list_page(wanted)


async def get_drawer(drawer_id: UUID, *, reach: Reach, reading: Reading) -> CashDrawer:
    """What the reach does not cover is as good as none."""
    async with reading:
        drawer = await reading.drawers.get(drawer_id)
    if not reach.covers(client_id=None, agency_code=drawer.agency_code):
        raise DrawerNotFound
    return drawer


async def list_drawer_payments(
    drawer_id: UUID, *, reach: Reach, before: UUID | None, limit: int, reading: Reading
) -> Sequence[CashPayment]:
    await get_drawer(drawer_id, reach=reach, reading=reading)
    async with reading:
        return await reading.counter_payments.list_cash(drawer_id, before=before, limit=limit)


async def list_pos_batches(
    *, reach: Reach, after: tuple[str, str] | None, limit: int, reading: Reading
) -> Sequence[PosBatch]:
    """What each terminal's batch comes to, to be held against its acquirer's file."""
    async with reading:
        return await reading.counter_payments.list_batches(reach=reach, after=after, limit=limit)


async def list_pos_slips(
    batch: tuple[str, str], *, reach: Reach, before: UUID | None, limit: int, reading: Reading
) -> Sequence[PosPayment]:
    async with reading:
        return await reading.counter_payments.list_slips(
            batch, reach=reach, before=before, limit=limit
        )
