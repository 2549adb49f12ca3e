from dataclasses import dataclass
from datetime import date

from chassis.clock import Clock, vietnam_date
from chassis.ids import Ids
from services.payment.domain.errors import DayNotClosable
from services.payment.domain.events import SettlementReconciledV1
from services.payment.domain.settlements.bank_account import BankAccount
from services.payment.domain.settlements.day import SettlementDay
from services.payment.domain.settlements.difference import DifferenceState
from services.payment.domain.settlements.posting import payout
from services.payment.ports.settlements import SettlementAgreements
from services.payment.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseTools:
    agreements: SettlementAgreements
    uow: UnitOfWork
    clock: Clock
    ids: Ids


async def close_settlement_day(
    provider: str, on: date, *, closed_by: str, tools: CloseTools
) -> SettlementDay:
    """Close a provider's day when both sides agree, or a person answers for each difference.

    What the provider pays out moves in the ledger in the same transaction. Closing a closed day
    is no error: the answer is the day as it was closed.
    """
    terms = tools.agreements.terms_of(provider)
    async with tools.uow as uow:
        await uow.settlement_matching.take_turn(provider)
        closed = await uow.settlement_days.find(provider, on)
        if closed is not None:
            return closed
        await _check(provider, on, uow=uow, tools=tools)
        cases = uow.settlement_differences
        day = SettlementDay(
            id=tools.ids.new(),
            provider=provider,
            on=on,
            totals=await uow.settlement_days.totals(provider, on),
            differences_signed_off=await cases.count(provider, on, DifferenceState.SIGNED_OFF),
            closed_by=closed_by,
            closed_at=tools.clock.now(),
        )
        if not await uow.settlement_days.add_once(day):
            raise DayNotClosable(
                "somebody else is closing it", "Ngày này đang được khóa sổ ở nơi khác."
            )
        await _post(day, to=terms.paid_to, uow=uow, tools=tools)
        await uow.outbox.add(SettlementReconciledV1.of(day), subject=str(day.id))
        return day


async def _check(provider: str, on: date, *, uow: UnitOfWork, tools: CloseTools) -> None:
    if on >= vietnam_date(tools.clock.now()):
        raise DayNotClosable("it is not over", "Ngày này chưa kết thúc.")
    if await uow.settlement_files.list_unmatched(provider, limit=1):
        raise DayNotClosable(
            "a file was loaded and not reconciled", "Có tệp đối soát đã nạp nhưng chưa đối soát."
        )
    cases = uow.settlement_differences
    rate = tools.agreements.terms_of(provider).fee
    if await cases.find_in_rows(provider, on, rate=rate, limit=1):
        raise DayNotClosable(
            "there is more to reconcile since the last run",
            "Có dữ liệu mới kể từ lần đối soát gần nhất.",
        )
    if await cases.find_missing(provider, on, limit=1):
        raise DayNotClosable(
            "the provider has not spoken of every payment",
            "Nhà cung cấp chưa xác nhận hết các khoản đã thu trong ngày.",
        )
    if await cases.count(provider, on, DifferenceState.OPEN):
        raise DayNotClosable(
            "a difference is neither explained nor signed off",
            "Còn chênh lệch chưa được giải trình hoặc xác nhận.",
        )


async def _post(day: SettlementDay, *, to: BankAccount, uow: UnitOfWork, tools: CloseTools) -> None:
    for paid in await uow.settlement_days.take_paid_out(day.provider, day.on):
        transaction = payout(
            paid,
            id=tools.ids.new(),
            day_id=day.id,
            provider=day.provider,
            to=to,
            posted_at=day.closed_at,
        )
        if transaction is not None:
            await uow.ledger.post(transaction)
