from chassis.clock import Clock
from chassis.ids import Ids
from services.payment.domain.notices.provider_notification import ProviderNotification, Source
from services.payment.ports.providers import EnquiryAnswer
from services.payment.ports.unit_of_work import UnitOfWork
from services.payment.use_cases.notices.take_notification import take_notification


async def record_answer(
    answer: EnquiryAnswer, *, provider: str, uow: UnitOfWork, tools: tuple[Clock, Ids]
) -> None:
    """What a provider told when asked has the effect that its notices have, each in one commit."""
    clock, ids = tools
    for notice in answer.notices:
        notification = ProviderNotification(
            id=ids.new(),
            provider=provider,
            source=Source.ENQUIRY,
            notice=notice,
            raw=answer.raw,
            proof=answer.proof,
            evidence_id=None,
            evidence_level=answer.evidence_level,
            received_at=clock.now(),
        )
        async with uow:
            await take_notification(notification, uow=uow, clock=clock, ids=ids)
