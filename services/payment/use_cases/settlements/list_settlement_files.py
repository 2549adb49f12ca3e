from collections.abc import Sequence
from uuid import UUID

from services.payment.domain.settlements.day import SettlementDay
from services.payment.domain.settlements.file import SettlementFile
from services.payment.domain.settlements.row import BadLine
from services.payment.ports.unit_of_work import Reading


async def list_settlement_files(
    provider: str | None, *, before: UUID | None, limit: int, reading: Reading
) -> Sequence[SettlementFile]:
    async with reading:
        return await reading.settlement_files.list_page(
            provider=provider, before=before, limit=limit
        )


async def get_settlement_file(file_id: UUID, *, reading: Reading) -> SettlementFile:
    async with reading:
        return await reading.settlement_files.get(file_id)


async def list_bad_lines(
    file_id: UUID, *, after: int, limit: int, reading: Reading
) -> Sequence[BadLine]:
    async with reading:
        await reading.settlement_files.get(file_id)
        return await reading.settlement_files.list_bad_lines(file_id, after=after, limit=limit)


async def list_settlement_days(
    provider: str | None, *, before: UUID | None, limit: int, reading: Reading
) -> Sequence[SettlementDay]:
    async with reading:
        return await reading.settlement_days.list_page(
            provider=provider, before=before, limit=limit
        )
